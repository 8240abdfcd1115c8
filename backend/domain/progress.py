"""How far the collection of a project is."""

from dataclasses import dataclass

from sqlalchemy import func, select
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
    """The project's counts, and the person's own."""
    submitted = (
        select(Critique.author_kind, func.count())
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .where(
            Critique.project_id == project.id,
            Critique.state == CritiqueState.submitted,
            Rollout.source != RolloutSource.known,
        )
    )
    kinds = dict(session.execute(submitted.group_by(Critique.author_kind)).all())
    mine = session.scalar(
        select(func.count())
        .select_from(Critique)
        .where(
            Critique.project_id == project.id,
            Critique.author_id == user_id,
            Critique.state == CritiqueState.submitted,
        )
    )
    attempts = _rollouts(session, project, RolloutSource.attempt)
    on_train = session.scalar(
        select(func.count())
        .select_from(Rollout)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(
            Rollout.project_id == project.id,
            Rollout.source == RolloutSource.attempt,
            Rollout.state == RolloutState.complete,
            Prompt.split == Split.train,
        )
    )
    comparisons = session.scalar(
        select(func.count())
        .select_from(Comparison)
        .join(Critique, Critique.id == Comparison.critique_id)
        .where(Critique.project_id == project.id, Critique.state != CritiqueState.deleted)
    )
    by_people = kinds.get(AuthorKind.annotator, 0)
    return Progress(
        prompts=prompts.counts(session, project_id=project.id),
        attempts=attempts,
        critiques={kind: kinds.get(kind, 0) for kind in AuthorKind},
        redrafts=_rollouts(session, project, RolloutSource.redraft),
        comparisons=comparisons or 0,
        to_annotate=max(0, (on_train or 0) * project.overlap - by_people),
        mine_submitted=mine or 0,
    )


def _rollouts(session: Session, project: Project, source: RolloutSource) -> int:
    query = (
        select(func.count())
        .select_from(Rollout)
        .where(Rollout.project_id == project.id, Rollout.source == source, Rollout.state == RolloutState.complete)
    )
    return session.scalar(query) or 0
