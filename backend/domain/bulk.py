"""Bulk jobs of worker ``io``: what each is asked to do, queueing and stopping them."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import claims, journal
from backend.domain.exchange import ExportRequest, ImportRequest
from backend.domain.projects import Access
from backend.errors import NotFoundError
from backend.jobs import Message, enqueue
from backend.models import AuthorKind, Job, JobKind, Split


class SampleRequest(BaseModel):
    """Sample first attempts from a checkpoint for every prompt of a split that lacks them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["sample"] = "sample"
    split: Split = Split.train
    per_prompt: int = Field(1, ge=1, le=64)
    checkpoint_id: int
    temperature: float = Field(1.0, ge=0, le=2)
    top_p: float = Field(1.0, gt=0, le=1)
    max_tokens: int = Field(96, ge=1, le=4096)
    seed: int = 0


class VerifyRequest(BaseModel):
    """Critique every first attempt of a split with a verifier; with ``redraft``, also sample and rate a redraft.

    With ``change_id`` the attempts are those that a person chose, kept with the change so that a job stays small.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["verify"] = "verify"
    verifier: str
    split: Split | None = Split.train
    change_id: int | None = None
    redraft: bool = True
    temperature: float = Field(0.7, ge=0, le=2)
    max_tokens: int = Field(96, ge=1, le=4096)
    seed: int = 0

    @property
    def author(self) -> tuple[AuthorKind, str]:
        """Who critiques."""
        return AuthorKind.verifier, self.verifier


class JudgeRequest(BaseModel):
    """Have a model judge every first attempt of a split, or those of a change; with ``redraft``, redrafts as well.

    What it is told is fixed when it is asked for: a job that goes on later reads the same and signs alike. Without a
    ``checkpoint_id`` the operator's model judges.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["judge"] = "judge"
    judge: str
    checkpoint_id: int | None
    author_name: str
    guideline_version: int
    form_version: int
    rules: list[str]
    split: Split | None = Split.train
    change_id: int | None = None
    redraft: bool = False
    temperature: float = Field(0.7, ge=0, le=2)
    max_tokens: int = Field(96, ge=1, le=4096)
    seed: int = 0

    @property
    def author(self) -> tuple[AuthorKind, str]:
        """Who critiques."""
        return AuthorKind.judge, self.author_name


class PrioritiseRequest(BaseModel):
    """Number the waiting answers by the project's order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["prioritise"] = "prioritise"


class ChangeRequest(BaseModel):
    """Make, or take back, a change of more things than one request can."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["change"] = "change"
    change_id: int
    value: str = ""
    undo: bool = False


CritiqueRequest = VerifyRequest | JudgeRequest
JobRequest = SampleRequest | CritiqueRequest | PrioritiseRequest | ChangeRequest | ExportRequest | ImportRequest


def create(session: Session, access: Access, *, request: JobRequest) -> Job:
    """Record a job and queue it."""
    job = record(session, project_id=access.project.id, user_id=access.user_id, request=request)
    enqueue(session, Message.job, job.id)
    return job


def record(session: Session, *, project_id: int, user_id: int | None, request: JobRequest) -> Job:
    """Record a job for whoever claims it."""
    job = _add(session, project_id=project_id, user_id=user_id, request=request)
    journal.record(
        session, action=f"job.{request.kind}", subject=f"job {job.id}", user_id=user_id, project_id=project_id
    )
    return job


def follow(session: Session, access: Access, *, request: JobRequest, total: int = 0) -> Job:
    """Queue a job that carries on what has an entry in the journal already."""
    job = _add(session, project_id=access.project.id, user_id=access.user_id, request=request)
    job.total = total
    enqueue(session, Message.job, job.id)
    return job


def _add(session: Session, *, project_id: int, user_id: int | None, request: JobRequest) -> Job:
    job = Job(
        project_id=project_id, kind=JobKind(request.kind), request=request.model_dump(mode="json"), created_by=user_id
    )
    session.add(job)
    session.flush()
    return job


def stop(session: Session, job_id: int) -> Job:
    """Cancel a job if it is not over, and hold its row: what it writes item by item, it writes no more."""
    job = session.get_one(Job, job_id, with_for_update=True, populate_existing=True)
    return job if job.state in claims.FINAL else claims.request_cancel(session, Job, job_id)


def get(session: Session, job_id: int) -> Job:
    """One job."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFoundError(f"There is no job {job_id}.")
    return job


def cancel(session: Session, access: Access, *, job_id: int) -> Job:
    """Ask a job to stop; what it has made stays."""
    job = claims.request_cancel(session, Job, job_id)
    journal.record(
        session, action="job.cancelled", subject=f"job {job_id}", user_id=access.user_id, project_id=access.project.id
    )
    return job


def of_project(session: Session, *, project_id: int, limit: int) -> Sequence[Job]:
    """Bulk jobs of a project, newest first; exports and imports have lists of their own."""
    query = select(Job).where(Job.project_id == project_id, Job.kind.not_in([JobKind.export_data, JobKind.import_data]))
    return session.scalars(query.order_by(Job.id.desc()).limit(limit)).all()
