"""Rollouts: first attempts, redrafts, and answers given in evaluations and runs."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, true
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created, Json


class RolloutState(StrEnum):
    """A redraft's row exists before its first token; only ``complete`` ones count."""

    streaming = "streaming"
    complete = "complete"
    cancelled = "cancelled"
    failed = "failed"


class RolloutSource(StrEnum):
    """Why the rollout was sampled."""

    attempt = "attempt"
    redraft = "redraft"
    evaluation = "evaluation"
    run = "run"
    known = "known"


IN_QUEUE = sql("wanted AND source = 'attempt' AND turn = 0 AND state = 'complete'")


class Rollout(Base, Created):
    """One sampled response with what exact training needs: token ids, raw log-probs, settings, checkpoint.

    A redraft names the attempt (``parent_id``) and the critique revision it was written under. ``wanted`` says that it
    has fewer submitted critiques by people than its project's overlap; ``priority``, smallest first, where it stands in
    the queue under the project's order.
    """

    __tablename__ = "rollouts"
    __table_args__ = (
        Index(None, "project_id", "source", "turn", "id"),
        Index("ix_rollouts_listed", "project_id", "id", postgresql_include=["prompt_id"]),
        Index("ix_rollouts_queue", "project_id", "id", postgresql_where=IN_QUEUE),
        Index("ix_rollouts_queue_by_priority", "project_id", "priority", "id", postgresql_where=IN_QUEUE),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id", ondelete="CASCADE"), index=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"), index=True)
    critique_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("critique_revisions.id", use_alter=True), index=True
    )
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE", use_alter=True), index=True)
    turn: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(default="")
    token_ids: Mapped[list[int]] = mapped_column(default=list)
    logprobs: Mapped[list[float]] = mapped_column(default=list)
    sampling: Mapped[Json] = mapped_column(default=dict)
    finish_reason: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[RolloutState] = mapped_column(default=RolloutState.complete)
    source: Mapped[RolloutSource]
    wanted: Mapped[bool] = mapped_column(default=True, server_default=true())
    priority: Mapped[float | None]
