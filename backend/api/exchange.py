"""Exports and imports: jobs with files. Downloads can be resumed; uploads are streamed to disk."""

import hashlib
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from uuid import uuid4

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import AwareDatetime

from backend.api.deps import AdminDep, ReviewerDep, SessionDep, SettingsDep
from backend.api.shapes import Body, Limit, Shape, WorkShape, pace
from backend.api.uploads import GIB, Upload, UploadDep
from backend.domain import bulk, exchange
from backend.domain.exchange import (
    EXTENSIONS,
    MEDIA_TYPES,
    ExportedState,
    ExportFormat,
    ExportRequest,
    ExportShape,
    ImportContent,
    ImportFormat,
    ImportRequest,
)  # fmt: skip
from backend.models import AuthorKind, CritiqueState, Job, JobKind, Split

router = APIRouter(prefix="/api/projects/{project}", tags=["exchange"])
uploads = APIRouter(prefix="/api/projects/{project}", tags=["exchange"])

MAX_UPLOAD_BYTES = 4 * 2**30
ANY_BYTES = {"requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


class ExportBody(Body):
    """What to export. ``state`` is that of the critiques; a moment needs its offset from UTC.

    A corrected critique is exported as corrected; returned ones, and those of known items, are left out.
    """

    shape: ExportShape
    format: ExportFormat = ExportFormat.jsonl
    split: Split | None = None
    author_kind: AuthorKind | None = None
    state: ExportedState = CritiqueState.submitted
    reviewed: Literal["any", "accepted"] = "any"
    since: AwareDatetime | None = None


class ExportJobShape(WorkShape):
    """An export; ``rows``, ``bytes`` and ``sha256`` are of the finished file, ``available`` says if it is still kept.

    A cell of a CSV that a spreadsheet would take for a formula begins with an apostrophe.
    """

    shape: ExportShape
    format: ExportFormat
    request: dict[str, object]
    name: str
    rows: int | None
    bytes: int | None
    sha256: str | None
    available: bool

    @classmethod
    def of(cls, job: Job, *, slug: str, exports_dir: Path) -> Self:
        """From the row and its file."""
        rate, left = pace(job)
        return cls(
            id=job.id, state=job.state, done=job.done, total=job.total, rate_per_s=rate, seconds_left=left,
            error=job.error, created_at=job.created_at, started_at=job.started_at, finished_at=job.finished_at,
            shape=ExportShape(str(job.request["shape"])), format=ExportFormat(str(job.request["format"])),
            request=job.request, name=_name(job, slug), available=exchange.path_of(exports_dir, job).is_file(),
            **{"rows": None, "bytes": None, "sha256": None, **job.result},
        )  # fmt: skip


class BadLineShape(Shape):
    """A line of an import that cannot be taken."""

    line: int
    reason: str


class ImportJobShape(WorkShape):
    """An import: how many records it added and passed over as known, and which lines were refused and why."""

    content: ImportContent
    format: ImportFormat
    name: str
    records: int | None
    duplicates: int
    refused: int
    errors: list[BadLineShape]

    @classmethod
    def of(cls, job: Job) -> Self:
        """From the row."""
        rate, left = pace(job)
        return cls(
            id=job.id, state=job.state, done=job.done, total=job.total, rate_per_s=rate, seconds_left=left,
            error=job.error, created_at=job.created_at, started_at=job.started_at, finished_at=job.finished_at,
            content=ImportContent(str(job.request["content"])), format=ImportFormat(str(job.request["format"])),
            name=str(job.request["name"]),
            **{name: job.result.get(name, nothing) for name, nothing in NOTHING_YET.items()},
        )  # fmt: skip


NOTHING_YET: dict[str, Any] = {"records": None, "duplicates": 0, "refused": 0, "errors": []}


def _name(job: Job, slug: str) -> str:
    return f"{slug}-{job.request['shape']}-{job.id}.{EXTENSIONS[ExportFormat(str(job.request['format']))]}"


@router.post("/exports", status_code=202)
def create_export(body: ExportBody, access: ReviewerDep, session: SessionDep, settings: SettingsDep) -> ExportJobShape:
    """Export critiques in a shape that trainers read, or the whole lineage; done by worker io."""
    job = bulk.create(session, access, request=exchange.asked_for(ExportRequest, body.model_dump()))
    return ExportJobShape.of(job, slug=access.project.slug, exports_dir=settings.exports_dir)


@router.get("/exports")
def list_exports(
    access: ReviewerDep, session: SessionDep, settings: SettingsDep, limit: Limit = 20
) -> list[ExportJobShape]:
    """Exports, newest first."""
    found = exchange.of_project(session, project_id=access.project.id, kind=JobKind.export_data, limit=limit)
    return [ExportJobShape.of(job, slug=access.project.slug, exports_dir=settings.exports_dir) for job in found]


@router.get("/exports/{export_id}")
def get_export(export_id: int, access: ReviewerDep, session: SessionDep, settings: SettingsDep) -> ExportJobShape:
    """One export."""
    job = exchange.get(session, project_id=access.project.id, kind=JobKind.export_data, job_id=export_id)
    return ExportJobShape.of(job, slug=access.project.slug, exports_dir=settings.exports_dir)


@router.get("/exports/{export_id}/file", response_class=FileResponse)
def download_export(export_id: int, access: ReviewerDep, session: SessionDep, settings: SettingsDep) -> FileResponse:
    """The file of an export; a broken download goes on with ``Range`` and ``If-Range``. The ETag is its SHA-256."""
    job = exchange.get(session, project_id=access.project.id, kind=JobKind.export_data, job_id=export_id)
    file = exchange.finished_file(settings.exports_dir, job)
    return FileResponse(
        file,
        media_type=MEDIA_TYPES[ExportFormat(str(job.request["format"]))],
        filename=_name(job, access.project.slug),
        content_disposition_type="attachment",
        headers={"ETag": f'"{job.result["sha256"]}"', "Cache-Control": "private, no-store"},
    )


@uploads.post("/imports", status_code=202, openapi_extra=ANY_BYTES)
async def create_import(
    upload: UploadDep, settings: SettingsDep, content: ImportContent,
    file_format: Annotated[ImportFormat, Query(alias="format")] = ImportFormat.jsonl, keep_good: bool = False,
    name: Annotated[str, Query(max_length=200)] = "",
) -> ImportJobShape:  # fmt: skip
    """Import the file in the body: prompts, or the lineage of another project into an empty one; done by worker io."""
    fields = {"content": content, "format": file_format, "keep_good": keep_good, "name": name}
    exchange.asked_for(ImportRequest, {**fields, "file": "0" * 32, "sha256": "0" * 64})
    stored = await _store(upload, settings.uploads_dir)
    asked = exchange.asked_for(ImportRequest, {**fields, **stored})
    return await run_in_threadpool(_queue, upload, settings.uploads_dir, asked)


def _queue(upload: Upload, uploads_dir: Path, asked: ImportRequest) -> ImportJobShape:
    try:
        with upload.access() as (session, access):
            job = bulk.create(session, access, request=asked)
            session.flush()
            return ImportJobShape.of(job)
    except BaseException:
        (uploads_dir / asked.file).unlink(missing_ok=True)
        raise


@router.get("/imports")
def list_imports(access: AdminDep, session: SessionDep, limit: Limit = 20) -> list[ImportJobShape]:
    """Imports, newest first."""
    found = exchange.of_project(session, project_id=access.project.id, kind=JobKind.import_data, limit=limit)
    return [ImportJobShape.of(job) for job in found]


@router.get("/imports/{import_id}")
def get_import(import_id: int, access: AdminDep, session: SessionDep) -> ImportJobShape:
    """One import with its bad lines."""
    job = exchange.get(session, project_id=access.project.id, kind=JobKind.import_data, job_id=import_id)
    return ImportJobShape.of(job)


async def _store(upload: Upload, uploads_dir: Path) -> dict[str, str]:
    """Stream the body to disk under a name of our own; returns that name and the SHA-256."""
    uploads_dir.mkdir(parents=True, exist_ok=True)
    name, digest = uuid4().hex, hashlib.sha256()
    path = uploads_dir / name
    try:
        with path.open("xb") as file:
            async for chunk in upload.chunks(MAX_UPLOAD_BYTES, GIB):
                digest.update(chunk)
                file.write(chunk)
            await run_in_threadpool(os.fsync, file.fileno())  # gigabytes take seconds, and others are waiting
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return {"file": name, "sha256": digest.hexdigest()}
