"""The full history of one critique: who did what, when, in which words."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.models import (
    Comparison,
    Critique,
    CritiqueReview,
    CritiqueRevision,
    JournalEntry,
    Rollout,
    User,
    Verdict,
)  # fmt: skip

UNKNOWN = "a former member"


@dataclass(frozen=True)
class Event:
    """One thing that happened to a critique.

    ``what`` is ``begun``, ``written`` (then ``revision`` is set), ``redrafted`` (then ``redraft`` is set, with its
    author's verdict), or what the journal noted: ``submitted``, ``accepted``, ``returned``, ``deleted`` and so on.
    """

    at: datetime
    what: str
    who: str
    note: str = ""
    revision: CritiqueRevision | None = None
    redraft: Rollout | None = None
    verdict: Verdict | None = None


def of(session: Session, *, critique: Critique) -> list[Event]:
    """Everything that happened to a critique, oldest first."""
    begun = Event(critique.created_at, "begun", critique.author_name)
    found = [*_written(session, critique), *_redrafted(session, critique), *_noted(session, critique)]
    found += _reviewed_elsewhere(session, critique)
    return [begun, *sorted(found, key=lambda event: event.at)]


def deleted(session: Session, *, critique: Critique) -> tuple[int | None, Event] | None:
    """Who deleted a critique last and when; None where that was in another installation."""
    row = session.execute(
        _noted_with_names(critique)
        .where(JournalEntry.action == "critique.deleted")
        .order_by(JournalEntry.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0].user_id, _noted_as(*row))


def _written(session: Session, critique: Critique) -> list[Event]:
    query = (
        select(CritiqueRevision, func.coalesce(User.name, CritiqueRevision.corrector_name))
        .outerjoin(User, User.id == CritiqueRevision.corrector_id)
        .where(CritiqueRevision.critique_id == critique.id)
    )
    return [
        Event(revision.created_at, "written", corrector or critique.author_name, revision=revision)
        for revision, corrector in session.execute(query)
    ]


def _redrafted(session: Session, critique: Critique) -> list[Event]:
    query = (
        select(Rollout, Comparison.verdict)
        .join(CritiqueRevision, CritiqueRevision.id == Rollout.critique_revision_id)
        .outerjoin(Comparison, (Comparison.redraft_id == Rollout.id) & (Comparison.critique_id == critique.id))
        .where(CritiqueRevision.critique_id == critique.id, Rollout.run_id.is_(None))
    )
    return [
        Event(rollout.created_at, "redrafted", critique.author_name, redraft=rollout, verdict=verdict)
        for rollout, verdict in session.execute(query)
    ]


def _noted(session: Session, critique: Critique) -> list[Event]:
    return [_noted_as(entry, name) for entry, name in session.execute(_noted_with_names(critique))]


def _noted_with_names(critique: Critique) -> Select[JournalEntry, str | None]:
    return (
        select(JournalEntry, User.name)
        .outerjoin(User, User.id == JournalEntry.user_id)
        .where(JournalEntry.project_id == critique.project_id, JournalEntry.subject == f"critique {critique.id}")
    )


def _noted_as(entry: JournalEntry, name: str | None) -> Event:
    what, note = entry.action.removeprefix("critique."), str(entry.details.get("note", ""))
    return Event(entry.created_at, what, name or UNKNOWN, note=note)


def _reviewed_elsewhere(session: Session, critique: Critique) -> list[Event]:
    """Reviews that came with an import; the journal knows only what happened here."""
    query = select(CritiqueReview).where(
        CritiqueReview.critique_id == critique.id, CritiqueReview.reviewer_name.is_not(None)
    )
    return [
        Event(review.created_at, review.verdict, review.reviewer_name or UNKNOWN, note=review.note)
        for review in session.scalars(query)
    ]
