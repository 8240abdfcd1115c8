"""Bulk jobs of worker ``io``: sampling first attempts, and verifying them (with a redraft under each critique)."""

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
from backend.models import (
    AuthorKind,
    Comparison,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Job,
    JobKind,
    Prompt,
    Rollout,
    RolloutSource,
    RolloutState,
    Split,
)  # fmt: skip


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
    """Critique every first attempt of a split with a verifier; with ``redraft``, also sample and rate a redraft."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["verify"] = "verify"
    verifier: str
    split: Split = Split.train
    redraft: bool = True
    temperature: float = Field(0.7, ge=0, le=2)
    max_tokens: int = Field(96, ge=1, le=4096)
    seed: int = 0


class PrioritiseRequest(BaseModel):
    """Number the waiting answers by the project's order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["prioritise"] = "prioritise"


JobRequest = SampleRequest | VerifyRequest | PrioritiseRequest | ExportRequest | ImportRequest


def create(session: Session, access: Access, *, request: JobRequest) -> Job:
    """Record a job and queue it."""
    job = record(session, project_id=access.project.id, user_id=access.user_id, request=request)
    enqueue(session, Message.job, job.id)
    return job


def record(session: Session, *, project_id: int, user_id: int | None, request: JobRequest) -> Job:
    """Record a job for whoever claims it."""
    job = Job(
        project_id=project_id,
        kind=JobKind(request.kind),
        request=request.model_dump(mode="json"),
        created_by=user_id,
    )
    session.add(job)
    session.flush()
    journal.record(
        session, action=f"job.{request.kind}", subject=f"job {job.id}", user_id=user_id, project_id=project_id
    )
    return job


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


def unverified(session: Session, *, project_id: int, split: Split, verifier: str) -> list[tuple[Rollout, Prompt]]:
    """First attempts that the verifier has not critiqued."""
    critiqued = (
        select(Critique.id)
        .where(
            Critique.rollout_id == Rollout.id,
            Critique.author_kind == AuthorKind.verifier,
            Critique.author_name == verifier,
        )
        .exists()
    )
    query = (
        select(Rollout, Prompt)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(
            Rollout.project_id == project_id,
            Rollout.source == RolloutSource.attempt,
            Rollout.state == RolloutState.complete,
            Prompt.split == split,
            ~critiqued,
        )
        .order_by(Rollout.id)
    )
    return [(rollout, prompt) for rollout, prompt in session.execute(query)]


def unredrafted(
    session: Session, *, project_id: int, split: Split, verifier: str
) -> list[tuple[CritiqueRevision, Rollout, Prompt]]:
    """The verifier's critiques of a split that have no rated redraft yet, with attempt and prompt."""
    redrafted = select(Comparison.id).where(Comparison.critique_id == CritiqueRevision.critique_id).exists()
    query = (
        select(CritiqueRevision, Rollout, Prompt)
        .join(Critique, Critique.current_revision_id == CritiqueRevision.id)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(
            Critique.project_id == project_id,
            Critique.author_kind == AuthorKind.verifier,
            Critique.author_name == verifier,
            Critique.run_id.is_(None),
            Critique.state == CritiqueState.submitted,
            Rollout.source == RolloutSource.attempt,
            Prompt.split == split,
            ~redrafted,
        )
        .order_by(CritiqueRevision.id)
    )
    return [(revision, rollout, prompt) for revision, rollout, prompt in session.execute(query)]
