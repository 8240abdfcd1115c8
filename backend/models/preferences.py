"""Pairs of answers to one prompt, put side by side, and what people say of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import ONE_AUTHOR, Base, Created, Json, WrittenBySomebody


class PreferenceState(StrEnum):
    """``draft`` holds a lease; only ``submitted`` preferences are counted."""

    draft = "draft"
    submitted = "submitted"
    skipped = "skipped"


class ComparisonSet(Base, Created):
    """Pairs that people shall compare: answers of checkpoint A against those of B, or just rollouts of one prompt.

    ``identical`` counts the prompts that were left out because both had answered the same. With ``reveals``, who wrote
    which is shown once somebody has answered.
    """

    __tablename__ = "comparison_sets"
    __table_args__ = (
        CheckConstraint("(checkpoint_a_id IS NULL) = (checkpoint_b_id IS NULL)", name="both_checkpoints_or_none"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    checkpoint_a_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoints.id"))
    checkpoint_b_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoints.id"))
    overlap: Mapped[int]
    reveals: Mapped[bool]
    is_open: Mapped[bool] = mapped_column(default=True)
    identical: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Pair(Base):
    """Two rollouts of one prompt, A and B."""

    __tablename__ = "pairs"
    __table_args__ = (
        UniqueConstraint("set_id", "rollout_a_id", "rollout_b_id"),
        CheckConstraint("rollout_a_id <> rollout_b_id", name="two_rollouts"),
    )

    set_id: Mapped[int] = mapped_column(ForeignKey("comparison_sets.id", ondelete="CASCADE"))
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id", ondelete="CASCADE"), index=True)
    rollout_a_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"), index=True)
    rollout_b_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"), index=True)


class Preference(Base, Created, WrittenBySomebody):
    """What one person says of a pair: a lease and a draft while being written, final once submitted.

    ``choice`` is as it was shown: 1 the left one is much better, 4 both are the same, 7 the right one is much better.
    """

    __tablename__ = "preferences"
    __table_args__ = (
        UniqueConstraint("pair_id", "author_id"),
        CheckConstraint("choice BETWEEN 1 AND 7", name="seven_strengths"),
        CheckConstraint("state <> 'submitted' OR choice IS NOT NULL", name="submitted_with_choice"),
        CheckConstraint(ONE_AUTHOR, name="one_author"),
        Index(None, "author_id", "state"),
    )

    pair_id: Mapped[int] = mapped_column(ForeignKey("pairs.id", ondelete="CASCADE"))
    a_is_left: Mapped[bool]
    state: Mapped[PreferenceState] = mapped_column(default=PreferenceState.draft)
    draft: Mapped[Json] = mapped_column(default=dict)
    draft_version: Mapped[int] = mapped_column(default=0)
    lease_expires_at: Mapped[datetime | None]
    choice: Mapped[int | None]
    text: Mapped[str] = mapped_column(default="")
    submission_key: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
