"""Checkpoints (a base model is one without a run) and the aliases that serve them."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created


class CheckpointState(StrEnum):
    """``written`` by training, ``published`` once the engine serves it as trained, or ``failed`` the probe.

    An ``absent`` one is known by its hash from an import; its weights are not here.
    """

    written = "written"
    published = "published"
    failed = "failed"
    absent = "absent"


class Checkpoint(Base, Created):
    """A base model, or an adapter at a step of a run. ``name`` is immutable and is what the engine calls it."""

    __tablename__ = "checkpoints"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE", use_alter=True), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoints.id"))
    step: Mapped[int] = mapped_column(default=0)
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[CheckpointState] = mapped_column(default=CheckpointState.written)
    probe_difference: Mapped[float | None]
    probe_parent_difference: Mapped[float | None]


class Alias(Base):
    """A served name of a project that points at a checkpoint."""

    __tablename__ = "aliases"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"))
    version: Mapped[int] = mapped_column(default=1)


class AliasMove(Base, Created):
    """One promotion or rollback; the history of an alias."""

    __tablename__ = "alias_moves"
    __table_args__ = (UniqueConstraint("alias_id", "version"),)

    alias_id: Mapped[int] = mapped_column(ForeignKey("aliases.id", ondelete="CASCADE"))
    version: Mapped[int]
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"))
    moved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(default="")
