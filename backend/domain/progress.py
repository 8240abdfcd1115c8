"""How far the collection of a project is."""

from dataclasses import dataclass

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from backend.domain import prompts
from backend.models import (
    AuthorKind,
    Comparison,
    Critique,
    CritiqueState,
    Project,
    Prompt,
    Rollout,
    RolloutSource,
    RolloutState,
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
    """The project's counts, and the person's own. Each is read from one index, since this is asked for often."""
    kinds = _critiques(session, project)
    mine = select(func.count()).where(
        Critique.project_id == project.id, Critique.author_id == user_id, Critique.state == CritiqueState.submitted
    )
    attempts, on_train, redrafts = _rollouts(session, project)
    return Progress(
        prompts=prompts.counts(session, project_id=project.id),
        attempts=attempts,
        critiques=kinds,
        redrafts=redrafts,
        comparisons=_comparisons(session, project),
        to_annotate=max(0, on_train * project.overlap - kinds[AuthorKind.annotator]),
        mine_submitted=session.scalar(mine) or 0,
    )


def _critiques(session: Session, project: Project) -> dict[AuthorKind, int]:
    """Submitted critiques by kind of author; those of known items, which are few, are counted apart and taken off."""
    submitted = (
        select(Critique.author_kind, func.count())
        .where(Critique.project_id == project.id, Critique.state == CritiqueState.submitted)
        .group_by(Critique.author_kind)
    )
    of_known = submitted.join(Rollout, Rollout.id == Critique.rollout_id).where(
        Rollout.project_id == project.id, Rollout.source == RolloutSource.known
    )
    counted, known = dict(session.execute(submitted).all()), dict(session.execute(of_known).all())
    return {kind: counted.get(kind, 0) - known.get(kind, 0) for kind in AuthorKind}


def _rollouts(session: Session, project: Project) -> tuple[int, int, int]:
    """First attempts, those on train prompts, and redrafts; complete ones only. All in one pass over one index."""
    held_out = select(Prompt.id).where(Prompt.project_id == project.id, Prompt.split != Split.train)
    # The comparison with true has the held-out prompts, which are few, hashed rather than joined.
    is_held_out = Rollout.prompt_id.in_(held_out).is_(true())
    is_attempt = Rollout.source == RolloutSource.attempt
    counts = select(
        func.count().filter(is_attempt),
        func.count().filter(is_attempt, ~is_held_out),
        func.count().filter(Rollout.source == RolloutSource.redraft),
    ).where(Rollout.project_id == project.id, Rollout.state == RolloutState.complete)
    attempts, on_train, redrafts = session.execute(counts).one()
    return attempts, on_train, redrafts


def _comparisons(session: Session, project: Project) -> int:
    query = (
        select(func.count())
        .select_from(Comparison)
        .join(Critique, Critique.id == Comparison.critique_id)
        .where(Critique.project_id == project.id, Critique.state != CritiqueState.deleted)
    )
    return session.scalar(query) or 0
