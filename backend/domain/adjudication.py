"""Adjudication: all that people, judges and verifiers say of one answer, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from backend.domain.feedback import ACCEPTED
from backend.errors import NotFoundError
from backend.models import Critique, CritiqueRevision, CritiqueState, Prompt, ReviewState, Rollout


@dataclass(frozen=True)
class Contested:
    """An answer with several critiques, and the lowest and highest of their ratings; None where nobody rated."""

    rollout: Rollout
    prompt: Prompt
    critiques: int
    accepted: int
    lowest: float | None
    highest: float | None


def answer(session: Session, *, rollout_id: int) -> tuple[Prompt, Rollout]:
    """An answer with its prompt."""
    row = session.execute(
        select(Prompt, Rollout).join(Rollout, Rollout.prompt_id == Prompt.id).where(Rollout.id == rollout_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no answer {rollout_id}.")
    return row[0], row[1]


def of(session: Session, *, rollout_id: int) -> list[tuple[Critique, CritiqueRevision]]:
    """The critiques of an answer that count or were returned, in the order they were begun."""
    query = (
        select(Critique, CritiqueRevision)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(Critique.rollout_id == rollout_id, _counts_or_returned())
        .order_by(Critique.id)
    )
    return [(critique, revision) for critique, revision in session.execute(query)]


def contested(
    session: Session, *, project_id: int, is_open: bool, after: int = 0, limit: int = 50
) -> Sequence[Contested]:
    """Answers with at least two submitted critiques, by id; ``is_open``: only those of which none is accepted."""
    ids = session.scalars(_contested_ids(project_id, is_open, after).limit(limit)).all()
    facts = (
        select(
            Critique.rollout_id, func.count().label("critiques"), _accepted().label("accepted"),
            func.min(CritiqueRevision.rating).label("lowest"), func.max(CritiqueRevision.rating).label("highest"),
        )
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(Critique.rollout_id.in_(ids), Critique.state == CritiqueState.submitted)
        .group_by(Critique.rollout_id)
        .subquery()
    )  # fmt: skip
    query = (
        select(Rollout, Prompt, facts.c.critiques, facts.c.accepted, facts.c.lowest, facts.c.highest)
        .join(facts, facts.c.rollout_id == Rollout.id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .order_by(Rollout.id)
    )
    return [Contested(*row) for row in session.execute(query)]


def _contested_ids(project_id: int, is_open: bool, after: int) -> Select[int]:
    """In the order of the index of critiques by answer, so that a page is found without reading those after it."""
    found = (
        select(Critique.rollout_id)
        .where(Critique.project_id == project_id, Critique.state == CritiqueState.submitted)
        .where(Critique.rollout_id > after)
        .group_by(Critique.rollout_id)
        .having(func.count() > 1)
        .order_by(Critique.rollout_id)
    )
    return found.having(_accepted() == 0) if is_open else found


def _accepted() -> ColumnElement[int]:
    return func.count().filter(Critique.review.in_(ACCEPTED))


def _counts_or_returned() -> ColumnElement[bool]:
    is_returned = (Critique.state == CritiqueState.draft) & (Critique.review == ReviewState.returned)
    return (Critique.state == CritiqueState.submitted) | is_returned
