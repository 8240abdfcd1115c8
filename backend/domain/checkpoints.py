"""Checkpoints and the aliases that serve them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain import journal
from backend.domain.projects import Access
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import (
    Alias,
    AliasMove,
    Checkpoint,
    CheckpointState,
    Critique,
    CritiqueRevision,
    Run,
    Snapshot,
    SnapshotItem,
    User,
)  # fmt: skip

PRODUCTION = "production"


@dataclass(frozen=True)
class Lineage:
    """Where an adapter comes from: the critiques by kind of author, the snapshot's hash, the run."""

    critiques: int
    authors: dict[str, int]
    snapshot_sha256: str | None
    run_id: int | None


def weights_hash(folder: Path) -> str:
    """SHA-256 over the safetensors files of a folder, in order of their names."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


def ensure_base(session: Session, *, name: str, path: str, sha256: str) -> Checkpoint:
    """The checkpoint of a base model; it belongs to no project and is served by every engine of the installation."""
    known = session.scalar(select(Checkpoint).where(Checkpoint.name == name))
    if known is not None:
        if known.sha256 != sha256:
            raise ConflictError(
                f"The base model '{name}' has other weights than before; register them under a new name."
            )
        known.path = path
        return known
    base = Checkpoint(name=name, path=path, sha256=sha256, state=CheckpointState.published)
    session.add(base)
    session.flush()
    return base


def base_of_installation(session: Session, *, name: str) -> Checkpoint:
    """The base model that the engine of this installation serves."""
    base = session.scalar(select(Checkpoint).where(Checkpoint.name == name, Checkpoint.run_id.is_(None)))
    if base is None:
        raise ConflictError(f"The base model '{name}' is not registered yet; `redraft up` does it at its start.")
    return base


def base_of(session: Session, checkpoint: Checkpoint) -> Checkpoint:
    """The base model under a checkpoint: itself, or the end of its line of parents."""
    while checkpoint.parent_id is not None:
        checkpoint = session.get_one(Checkpoint, checkpoint.parent_id)
    return checkpoint


def get(session: Session, *, project_id: int, checkpoint_id: int) -> Checkpoint:
    """A checkpoint that the project may use: its own, or a base model."""
    checkpoint = session.get(Checkpoint, checkpoint_id)
    if checkpoint is None or checkpoint.project_id not in (None, project_id):
        raise NotFoundError(f"There is no checkpoint {checkpoint_id} in this project.")
    return checkpoint


def published(session: Session, *, project_id: int, checkpoint_id: int) -> Checkpoint:
    """A checkpoint that the engine serves as it was trained."""
    checkpoint = get(session, project_id=project_id, checkpoint_id=checkpoint_id)
    if checkpoint.state != CheckpointState.published:
        raise ConflictError(
            f"Checkpoint {checkpoint.name} is {checkpoint.state}, not published.", state=checkpoint.state
        )
    return checkpoint


def of_project(session: Session, *, project_id: int) -> Sequence[Checkpoint]:
    """Base models and the project's adapters, newest first."""
    return session.scalars(
        select(Checkpoint)
        .where(
            (Checkpoint.project_id == project_id) | Checkpoint.project_id.is_(None),
            Checkpoint.state != CheckpointState.absent,
        )
        .order_by(Checkpoint.id.desc())
    ).all()


def lineage(session: Session, *, checkpoint: Checkpoint) -> Lineage:
    """The critiques that taught this adapter, counted by kind of author."""
    if checkpoint.run_id is None:
        return Lineage(critiques=0, authors={}, snapshot_sha256=None, run_id=None)
    rows = session.execute(
        select(Critique.author_kind, func.count())
        .join(CritiqueRevision, CritiqueRevision.critique_id == Critique.id)
        .join(SnapshotItem, SnapshotItem.critique_revision_id == CritiqueRevision.id)
        .join(Run, Run.snapshot_id == SnapshotItem.snapshot_id)
        .where(Run.id == checkpoint.run_id)
        .group_by(Critique.author_kind)
    )
    authors = {str(kind): count for kind, count in rows}
    sha256 = session.scalar(
        select(Snapshot.sha256).join(Run, Run.snapshot_id == Snapshot.id).where(Run.id == checkpoint.run_id)
    )
    return Lineage(critiques=sum(authors.values()), authors=authors, snapshot_sha256=sha256, run_id=checkpoint.run_id)


def resolve(session: Session, *, project_id: int, model: str, base_model: str) -> Checkpoint:
    """What a served name means now: an alias of the project, else the name of a published checkpoint.

    Resolved once at the edge; everything after carries the checkpoint. ``production`` means the base model until
    something is promoted.
    """
    alias = find_alias(session, project_id=project_id, name=model)
    if alias is not None:
        return published(session, project_id=project_id, checkpoint_id=alias.checkpoint_id)
    if model == PRODUCTION:
        return base_of_installation(session, name=base_model)
    found = session.scalar(
        select(Checkpoint).where(
            Checkpoint.name == model,
            Checkpoint.state == CheckpointState.published,
            (Checkpoint.project_id == project_id) | Checkpoint.project_id.is_(None),
        )
    )
    if found is None:
        raise NotFoundError(f"There is no model '{model}' here; GET /v1/models lists them.", field="model")
    return found


def pick(
    session: Session, *, project_id: int, alias: str | None, checkpoint_id: int | None, base_model: str
) -> Checkpoint:
    """A published checkpoint named by alias or by id; without either, what ``production`` serves."""
    if checkpoint_id is not None:
        if alias is not None:
            raise InvalidError("Name an alias or a checkpoint_id, not both.", field="alias")
        return published(session, project_id=project_id, checkpoint_id=checkpoint_id)
    return resolve(session, project_id=project_id, model=alias or PRODUCTION, base_model=base_model)


def find_alias(session: Session, *, project_id: int, name: str) -> Alias | None:
    """The alias, if it has ever been set."""
    return session.scalar(select(Alias).where(Alias.project_id == project_id, Alias.name == name))


def aliases(session: Session, *, project_id: int) -> list[tuple[Alias, Checkpoint, AliasMove, str | None]]:
    """Every alias with its checkpoint, its newest move and who made it."""
    query = (
        select(Alias, Checkpoint, AliasMove, User.name)
        .join(Checkpoint, Checkpoint.id == Alias.checkpoint_id)
        .join(AliasMove, (AliasMove.alias_id == Alias.id) & (AliasMove.version == Alias.version))
        .outerjoin(User, User.id == AliasMove.moved_by)
        .where(Alias.project_id == project_id)
        .order_by(Alias.name)
    )
    return [(a, c, m, n) for a, c, m, n in session.execute(query)]


def history(session: Session, *, alias_id: int) -> list[tuple[AliasMove, Checkpoint, str | None]]:
    """The moves of an alias, newest first."""
    query = (
        select(AliasMove, Checkpoint, User.name)
        .join(Checkpoint, Checkpoint.id == AliasMove.checkpoint_id)
        .outerjoin(User, User.id == AliasMove.moved_by)
        .where(AliasMove.alias_id == alias_id)
        .order_by(AliasMove.version.desc())
    )
    return [(m, c, n) for m, c, n in session.execute(query)]


def was_served(session: Session, *, alias: Alias | None, checkpoint: Checkpoint) -> bool:
    """Whether moving there is a rollback: the checkpoint was behind this alias before, or is the base model."""
    if checkpoint.run_id is None:
        return True
    if alias is None:
        return False
    return bool(
        session.scalar(
            select(func.count())
            .select_from(AliasMove)
            .where(AliasMove.alias_id == alias.id, AliasMove.checkpoint_id == checkpoint.id)
        )
    )


def move_alias(session: Session, access: Access, *, name: str, checkpoint: Checkpoint, reason: str) -> Alias:
    """Point an alias at a published checkpoint; the history keeps every move."""
    if not name or len(name) > 64 or not name.replace("-", "").replace("_", "").isalnum():
        raise InvalidError("An alias has letters, digits, dashes and underscores, at most 64.", field="name")
    alias = session.scalar(
        select(Alias).where(Alias.project_id == access.project.id, Alias.name == name).with_for_update()
    )
    if alias is None:
        alias = Alias(project_id=access.project.id, name=name, checkpoint_id=checkpoint.id, version=1)
        session.add(alias)
        session.flush()
    else:
        alias.checkpoint_id = checkpoint.id
        alias.version += 1
    session.add(
        AliasMove(
            alias_id=alias.id,
            version=alias.version,
            checkpoint_id=checkpoint.id,
            moved_by=access.user_id,
            reason=reason,
        )
    )
    journal.record(
        session, action="alias.moved", subject=f"{name} -> {checkpoint.name}", user_id=access.user_id,
        project_id=access.project.id, reason=reason,
    )  # fmt: skip
    session.flush()
    return alias
