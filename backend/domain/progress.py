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
    seconds_left: float | None


# So many critiques tell a pace; fewer tell nothing. Pauses and nights count, as they will go on to.
LEAST_FOR_PACE, MOST_FOR_PACE = 10, 200


def of(session: Session, *, project: Project, user_id: int) -> Progress:
    """The project's counts, and the person's own. ``seconds_left`` is until all is annotated, at the latest pace."""
    counted = tallies.of(session, project_id=project.id)
    known, deleted = _of_known(session, project), _of_deleted(session, project)
    critiques = {kind: counted.get(kind, 0) - known.get(kind, 0) for kind in AuthorKind}
    attempts = {split: counted.get(f"attempt:{split}", 0) for split in Split}
    to_annotate = max(0, attempts[Split.train] * project.overlap - critiques[AuthorKind.annotator])
    mine = select(func.count()).where(
        Critique.project_id == project.id, Critique.author_id == user_id, Critique.state == CritiqueState.submitted
    )
    return Progress(
        prompts=prompts.counts(session, project_id=project.id),
        attempts=sum(attempts.values()),
        critiques=critiques,
        redrafts=counted.get("redraft", 0),
        comparisons=counted.get("comparison", 0) - deleted,
        to_annotate=to_annotate,
        mine_submitted=session.scalar(mine) or 0,
        seconds_left=_seconds_for(session, project, to_annotate),
    )


def _seconds_for(session: Session, project: Project, left: int) -> float | None:
    """How long people take for so many critiques, by their newest ones; None where those are too few to tell."""
    newest = (
        select(Critique.first_submitted_at.label("at"))
        .where(
            Critique.project_id == project.id,
            Critique.state == CritiqueState.submitted,
            Critique.author_kind == AuthorKind.annotator,
            Critique.first_submitted_at.is_not(None),
        )
        .order_by(Critique.id.desc())
        .limit(MOST_FOR_PACE)
        .subquery()
    )
    span = func.extract("epoch", func.clock_timestamp() - func.min(newest.c.at))
    count, seconds = session.execute(select(func.count(), span).select_from(newest)).one()
    return None if count < LEAST_FOR_PACE else left * float(seconds) / count


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
