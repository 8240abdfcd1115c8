"""The append-only journal of who did what."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.models import Critique, JournalEntry, User


def record(
    session: Session,
    *,
    action: str,
    subject: str,
    user_id: int | None,
    project_id: int | None = None,
    **details: object,
) -> None:
    """Add an entry; ``action`` is ``noun.verb``, ``subject`` names the row, details must be JSON and hold no secret."""
    session.add(JournalEntry(action=action, subject=subject, user_id=user_id, project_id=project_id, details=details))


def record_critique(session: Session, *, critique: Critique, verb: str, user_id: int | None, **details: object) -> None:
    """Add an entry to a critique's history: ``user_id`` did to it what ``verb`` says."""
    record(
        session, action=f"critique.{verb}", subject=f"critique {critique.id}", user_id=user_id,
        project_id=critique.project_id, **details,
    )  # fmt: skip


def recent(session: Session, *, project_id: int, limit: int) -> Sequence[tuple[JournalEntry, str | None]]:
    """The newest entries of a project with the names of who acted."""
    query = (
        select(JournalEntry, User.name)
        .outerjoin(User, User.id == JournalEntry.user_id)
        .where(JournalEntry.project_id == project_id)
        .order_by(JournalEntry.id.desc())
        .limit(limit)
    )
    return [(entry, name) for entry, name in session.execute(query)]
