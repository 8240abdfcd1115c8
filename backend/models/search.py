"""Finding things again: the words of every rollout, saved views, and changes of many things at once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created, Json


class RolloutSearch(Base):
    """The words of a rollout's prompt, answer and critiques, and how far people's ratings of it are apart.

    Kept by the database itself (triggers of the migration ``search``), so that no way of writing forgets it.
    ``spread`` is the highest less the lowest rating by people; null with fewer than two ratings.
    """

    __tablename__ = "rollout_search"
    __table_args__ = (
        Index(None, "project_id", "rollout_id"),
        Index(None, "project_id", "spread", postgresql_where="spread IS NOT NULL"),
        Index(None, "document", postgresql_using="gin"),
    )

    rollout_id: Mapped[int] = mapped_column(ForeignKey("rollouts.id", ondelete="CASCADE"), unique=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    document: Mapped[str] = mapped_column(TSVECTOR)
    spread: Mapped[float | None]


class Listed(StrEnum):
    """What a list shows."""

    rollouts = "rollouts"
    critiques = "critiques"
    prompts = "prompts"


class SavedView(Base, Created):
    """A filter with a name, for its owner or for everybody in the project."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("project_id", "owner_id", "name"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    listed: Mapped[Listed]
    filter: Mapped[Json]
    is_shared: Mapped[bool] = mapped_column(default=False)


class ChangeKind(StrEnum):
    """What can be done to many things at once."""

    move = "move"
    tag = "tag"
    untag = "untag"
    discard = "discard"
    restore = "restore"
    verify = "verify"
    judge = "judge"


class BulkChange(Base, Created):
    """One change of many things: what each prompt or critique was before and was made, so that it can be undone.

    ``ids`` are the things that a job is to change, verify or judge; empty where the change was made at once.
    """

    __tablename__ = "bulk_changes"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    kind: Mapped[ChangeKind]
    ids: Mapped[list[int]] = mapped_column(default=list, server_default=sql("'[]'::jsonb"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    before: Mapped[Json] = mapped_column(default=dict)
    after: Mapped[Json] = mapped_column(default=dict)
    undone_at: Mapped[datetime | None]
