"""Training runs, the feedback snapshot each was frozen with, and what they report."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, Created, Json, Work


class Snapshot(Base, Created):
    """A frozen, ordered list of critique revisions with the hash of their content, and the rules and prompts then."""

    __tablename__ = "snapshots"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    rules: Mapped[list[str]] = mapped_column(default=list)
    train_prompt_ids: Mapped[list[int]] = mapped_column(default=list)
    probe_prompt_ids: Mapped[list[int]] = mapped_column(default=list)


class SnapshotItem(Base):
    """One critique revision of a snapshot, with the redraft that counts for it (if one was recorded)."""

    __tablename__ = "snapshot_items"
    __table_args__ = (UniqueConstraint("snapshot_id", "position"),)

    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id", ondelete="CASCADE"))
    position: Mapped[int]
    critique_revision_id: Mapped[int] = mapped_column(ForeignKey("critique_revisions.id"), index=True)
    redraft_id: Mapped[int | None] = mapped_column(ForeignKey("rollouts.id"))
    redraft_reward: Mapped[float | None]


class Run(Base, Work):
    """One training job: method, recipe, feedback snapshot and start checkpoint. ``done``/``total`` count steps."""

    __tablename__ = "runs"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    recipe: Mapped[Json]
    base_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"))
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    forecast: Mapped[Json] = mapped_column(default=dict)
    actual: Mapped[Json] = mapped_column(default=dict)
    usage: Mapped[Json] = mapped_column(default=dict)
    stop_reason: Mapped[str | None]
    crashes: Mapped[int] = mapped_column(default=0)
    best_score: Mapped[float | None]
    best_checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoints.id", use_alter=True))


class RunMetric(Base):
    """One number of one step."""

    __tablename__ = "run_metrics"
    __table_args__ = (UniqueConstraint("run_id", "name", "step"), Index(None, "run_id", "step"))

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    step: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    value: Mapped[float]


class RunEvent(Base, Created):
    """Something that happened in a run, in words."""

    __tablename__ = "run_events"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    step: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    message: Mapped[str]


class RunSample(Base):
    """The answer to one probe prompt at one step, with its scores."""

    __tablename__ = "run_samples"
    __table_args__ = (UniqueConstraint("run_id", "step", "prompt_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    step: Mapped[int]
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id", ondelete="CASCADE"))
    text: Mapped[str]
    scores: Mapped[Json] = mapped_column(default=dict)
