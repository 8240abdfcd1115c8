"""Bulk jobs, evaluations and the heartbeats of workers."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created, Json, Work


class JobKind(StrEnum):
    """The bulk jobs of worker ``io``."""

    sample = "sample"
    verify = "verify"
    judge = "judge"
    export_data = "export"
    import_data = "import"
    prioritise = "prioritise"
    change = "change"


class Job(Base, Work):
    """Bulk work with a progress bar; ``result`` says what came of it."""

    __tablename__ = "jobs"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    kind: Mapped[JobKind]
    request: Mapped[Json]
    result: Mapped[Json] = mapped_column(default=dict, server_default=sql("'{}'::jsonb"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class EvalSuite(Base, Created):
    """A frozen list of prompts, scorers and sampling settings; a change of content is a new version."""

    __tablename__ = "eval_suites"
    __table_args__ = (UniqueConstraint("project_id", "name", "version"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    prompt_ids: Mapped[list[int]]
    scorers: Mapped[list[str]]
    sampling: Mapped[Json]


class Evaluation(Base, Work):
    """One suite applied to one checkpoint."""

    __tablename__ = "evaluations"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    suite_id: Mapped[int] = mapped_column(ForeignKey("eval_suites.id"))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"), index=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class EvaluationAnswer(Base):
    """The answer to one prompt of a suite, with its scores by scorer name."""

    __tablename__ = "evaluation_answers"
    __table_args__ = (UniqueConstraint("evaluation_id", "prompt_id"),)

    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id", ondelete="CASCADE"))
    rollout_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"))
    scores: Mapped[Json]


class WorkerHeartbeat(Base):
    """A worker process that is alive; health is judged by this row, not by a broker ping."""

    __tablename__ = "worker_heartbeats"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    queue: Mapped[str] = mapped_column(String(32))
    seen_at: Mapped[datetime]
