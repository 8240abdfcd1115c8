"""Exports and imports as jobs: what can be asked for, and where their files lie.

Worker ``io`` does the work (``worker/exchange``). Files are named by their job, never by what a person typed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import AuthorKind, CritiqueState, Job, JobKind, Split, WorkState


class ExportShape(StrEnum):
    """What a row of an export is."""

    sft = "sft"
    dpo = "dpo"
    kto = "kto"
    reward = "reward"
    critique = "critique"
    revision = "revision"
    lineage = "lineage"


class ExportFormat(StrEnum):
    """What the file is; ``hf`` is a Hugging Face dataset folder in a zip."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    hf = "hf"


class ImportContent(StrEnum):
    """What a file to be imported holds."""

    prompts = "prompts"
    lineage = "lineage"


class ImportFormat(StrEnum):
    """How a file to be imported is written."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


ExportedState = Literal[
    CritiqueState.submitted, CritiqueState.draft, CritiqueState.skipped, CritiqueState.discarded
]  # fmt: skip
EXTENSIONS = {
    ExportFormat.jsonl: "jsonl", ExportFormat.csv: "csv", ExportFormat.parquet: "parquet", ExportFormat.hf: "zip",
}  # fmt: skip
MEDIA_TYPES = {
    ExportFormat.jsonl: "application/x-ndjson",
    ExportFormat.csv: "text/csv; charset=utf-8",
    ExportFormat.parquet: "application/vnd.apache.parquet",
    ExportFormat.hf: "application/zip",
}


class ExportRequest(BaseModel):
    """Critiques to export in a shape; without filters, all submitted ones. ``lineage`` is everything or nothing.

    ``reviewed`` as in a recipe: any, or only those that a reviewer accepted or corrected.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["export"] = "export"
    shape: ExportShape
    format: ExportFormat = ExportFormat.jsonl
    split: Split | None = None
    author_kind: AuthorKind | None = None
    state: ExportedState = CritiqueState.submitted
    reviewed: Literal["any", "accepted"] = "any"
    since: AwareDatetime | None = None

    @model_validator(mode="after")
    def _lineage_is_whole(self) -> Self:
        if self.shape != ExportShape.lineage:
            return self
        if self.format != ExportFormat.jsonl:
            raise ValueError("a lineage is written as jsonl only; choose that format")
        if self != ExportRequest.model_construct(shape=self.shape):
            raise ValueError("a lineage holds the whole project and takes no filters; leave them out")
        return self


class ImportRequest(BaseModel):
    """A stored file to import; ``keep_good`` imports the good prompts of a file with bad ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["import"] = "import"
    content: ImportContent
    format: ImportFormat = ImportFormat.jsonl
    keep_good: bool = False
    name: str = Field("", max_length=200)
    file: str = Field(pattern=r"^[0-9a-f]{32}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _lineage_is_whole(self) -> Self:
        if self.content == ImportContent.lineage and (self.format != ImportFormat.jsonl or self.keep_good):
            raise ValueError("a lineage is read as jsonl only, and whole: keep_good is for prompts")
        return self


Asked = TypeVar("Asked", ExportRequest, ImportRequest)


def asked_for(kind: type[Asked], fields: Mapping[str, object]) -> Asked:
    """The request of these fields.

    Raises:
        InvalidError: they do not fit together; its details name the field.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        said = problem["msg"].removeprefix("Value error, ")
        field = ".".join(str(part) for part in problem["loc"])
        raise InvalidError(f"{field}: {said}" if field else f"{said[0].upper()}{said[1:]}.", field=field) from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_project(session: Session, *, project_id: int, kind: JobKind, limit: int) -> Sequence[Job]:
    """Exports or imports of a project, newest first."""
    query = select(Job).where(Job.project_id == project_id, Job.kind == kind)
    return session.scalars(query.order_by(Job.id.desc()).limit(limit)).all()


def get(session: Session, *, project_id: int, kind: JobKind, job_id: int) -> Job:
    """One export or import of a project."""
    job = session.scalar(select(Job).where(Job.id == job_id, Job.project_id == project_id, Job.kind == kind))
    if job is None:
        raise NotFoundError(f"There is no {kind.value} {job_id} in this project.")
    return job


def path_of(exports_dir: Path, job: Job) -> Path:
    """Where the finished file of an export lies."""
    return exports_dir / f"{job.id}.{EXTENSIONS[ExportFormat(str(job.request['format']))]}"


def finished_file(exports_dir: Path, job: Job) -> Path:
    """The file of an export.

    Raises:
        ConflictError: the export has not succeeded.
        NotFoundError: the file was removed for its age.
    """
    if job.state != WorkState.succeeded:
        raise ConflictError(f"This export is {job.state}; its file is there once it has succeeded.", state=job.state)
    file = path_of(exports_dir, job)
    if not file.is_file():
        raise NotFoundError("This export's file was removed for its age; export again.")
    return file


def imported_before(session: Session, *, project_id: int, sha256: str) -> bool:
    """Whether the project holds this very lineage file already."""
    found = session.scalar(
        select(Job.id)
        .where(
            Job.project_id == project_id,
            Job.kind == JobKind.import_data,
            Job.state == WorkState.succeeded,
            Job.request["content"].as_string() == ImportContent.lineage,
            Job.request["sha256"].as_string() == sha256,
        )
        .limit(1)
    )
    return found is not None
