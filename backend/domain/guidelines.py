"""Guidelines, version by version: what annotators are asked to do, and which version each of them has read.

A project without guidelines is at version 0.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.errors import NotFoundError
from backend.models import GuidelineReading, GuidelineVersion, Project, User


@dataclass(frozen=True)
class GuidelineRow:
    """A version; the author is None for text that is older than versions."""

    number: int
    author: str | None
    created_at: datetime


@dataclass(frozen=True)
class Standing:
    """The version in force, and the newest that a person has read (None: none yet)."""

    number: int
    read: int | None


def save(session: Session, *, project: Project, text: str, user_id: int | None) -> int:
    """Put a text in force; the same text again makes no version. Returns the number in force."""
    session.execute(select(Project.id).where(Project.id == project.id).with_for_update(key_share=True))
    number = newest(session, project_id=project.id)
    if text == project.guidelines:
        return number
    version = GuidelineVersion(project_id=project.id, number=number + 1, text=text, author_id=user_id)
    put(session, project=project, version=version)
    return version.number


def clear(session: Session, *, project: Project) -> None:
    """Take every version away, and who read it, so that those of another installation take their place."""
    for table in (GuidelineVersion, GuidelineReading):
        session.execute(delete(table).where(table.project_id == project.id))
    project.guidelines = ""
    session.flush()


def put(session: Session, *, project: Project, version: GuidelineVersion) -> None:
    """Put a version in force."""
    session.add(version)
    project.guidelines = version.text
    session.flush()


def newest(session: Session, *, project_id: int) -> int:
    """The number of the version in force."""
    query = select(func.max(GuidelineVersion.number)).where(GuidelineVersion.project_id == project_id)
    return session.scalar(query) or 0


def versions(session: Session, *, project_id: int) -> list[GuidelineRow]:
    """Every version, newest first, without its text."""
    query = (
        select(
            GuidelineVersion.number, func.coalesce(User.name, GuidelineVersion.author_name), GuidelineVersion.created_at
        )
        .outerjoin(User, User.id == GuidelineVersion.author_id)
        .where(GuidelineVersion.project_id == project_id)
        .order_by(GuidelineVersion.number.desc())
    )
    return [GuidelineRow(*found) for found in session.execute(query)]


def text_of(session: Session, *, project_id: int, number: int) -> str:
    """What a version says; version 0 says nothing."""
    query = select(GuidelineVersion.text).where(
        GuidelineVersion.project_id == project_id, GuidelineVersion.number == number
    )
    text = "" if number == 0 else session.scalar(query)
    if text is None:
        raise NotFoundError(f"There is no version {number} of the guidelines.")
    return text


def standing(session: Session, *, project_id: int, user_id: int) -> Standing:
    """What is in force, and what a person has read of it."""
    read = select(GuidelineReading.number).where(
        GuidelineReading.project_id == project_id, GuidelineReading.user_id == user_id
    )
    found = session.execute(
        select(func.max(GuidelineVersion.number), read.scalar_subquery()).where(
            GuidelineVersion.project_id == project_id
        )
    ).one()
    return Standing(number=found[0] or 0, read=found[1])


def mark_read(session: Session, *, project_id: int, user_id: int, number: int) -> Standing:
    """Note that a person has read a version; having read a newer one stays noted."""
    text_of(session, project_id=project_id, number=number)
    values = {"project_id": project_id, "user_id": user_id, "number": number}
    fresh = insert(GuidelineReading).values(**values)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["project_id", "user_id"],
            set_={"number": func.greatest(GuidelineReading.number, fresh.excluded.number)},
        )
    )
    return standing(session, project_id=project_id, user_id=user_id)
