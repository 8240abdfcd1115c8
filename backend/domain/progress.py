"""How far the collection of a project is."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain import prompts, tallies
from backend.models import (
    AuthorKind,
    Comparison,
    Critique,
    CritiqueState,
    Project,
    Rollout,
    RolloutSource,
    Split,
)  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """Counts over a project."""

    prompts: dict[Split, int]
    attempts: int
    critiques: dict[AuthorKind, int]
    redrafts: int
    comparisons: int
    to_annotate: int
    mine_submitted: int


def of(session: Session, *, project: Project, user_id: int) -> Progress:
    """The project's counts, and the person's own."""
    counted = tallies.of(session, project_id=project.id)
    known, deleted = _of_known(session, project), _of_deleted(session, project)
    critiques = {kind: counted.get(kind, 0) - known.get(kind, 0) for kind in AuthorKind}
    attempts = {split: counted.get(f"attempt:{split}", 0) for split in Split}
    mine = select(func.count()).where(
        Critique.project_id == project.id, Critique.author_id == user_id, Critique.state == CritiqueState.submitted
    )
    return Progress(
        prompts=prompts.counts(session, project_id=project.id),
        attempts=sum(attempts.values()),
        critiques=critiques,
        redrafts=counted.get("redraft", 0),
        comparisons=counted.get("comparison", 0) - deleted,
        to_annotate=max(0, attempts[Split.train] * project.overlap - critiques[AuthorKind.annotator]),
        mine_submitted=session.scalar(mine) or 0,
    )


def _of_known(session: Session, project: Project) -> dict[AuthorKind, int]:
    """Submitted critiques of known items, which are few, by kind of author."""
    query = (
        select(Critique.author_kind, func.count())
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .where(
            Rollout.project_id == project.id,
            Rollout.source == RolloutSource.known,
            Critique.state == CritiqueState.submitted,
        )
        .group_by(Critique.author_kind)
    )
    return dict(session.execute(query).all())


def _of_deleted(session: Session, project: Project) -> int:
    """Comparisons under deleted critiques, which are few."""
    query = (
        select(func.count())
        .select_from(Comparison)
        .join(Critique, Critique.id == Comparison.critique_id)
        .where(Critique.project_id == project.id, Critique.state == CritiqueState.deleted)
    )
    return session.scalar(query) or 0
