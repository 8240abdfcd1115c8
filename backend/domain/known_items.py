"""Known items: made by reviewers, handed out among the others, never counted towards the overlap and never trained on.

A rollout that becomes a known item changes its source to ``known`` for good; whatever collects attempts passes it over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement, Select

from backend.domain import journal, spans
from backend.domain.projects import Access
from backend.domain.spans import Span
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import (
    Critique,
    CritiqueRevision,
    CritiqueState,
    KnownItem,
    KnownKind,
    Project,
    Rollout,
    RolloutSource,
    RolloutState,
    User,
)  # fmt: skip


@dataclass(frozen=True)
class Expectation:
    """What whoever makes an item says of it; the range is in [0, 1]."""

    rating_low: float | None
    rating_high: float | None
    note: str
    is_practice: bool


@dataclass(frozen=True)
class PracticeStanding:
    """Which practice item this is, of how many that the person gets."""

    number: int
    of: int


def mark_gold(session: Session, access: Access, *, critique_id: int, expectation: Expectation) -> KnownItem:
    """Make the answer of a submitted critique a gold item: its spans and tags are expected, and a rating in the range.

    Raises:
        NotFoundError: the project has no such critique.
        InvalidError: there is no range of ratings.
        ConflictError: the critique is not submitted, or its answer is known already or no first attempt.
    """
    critique = session.get(Critique, critique_id)
    if critique is None or critique.project_id != access.project.id:
        raise NotFoundError(f"There is no critique {critique_id}.")
    if expectation.rating_low is None or expectation.rating_high is None:
        raise InvalidError("Say which ratings are right; a gold item is passed by a rating in range.", field="rating")
    if critique.state != CritiqueState.submitted or critique.current_revision_id is None:
        raise ConflictError("Only a submitted critique can say what is right; this one is not.", state=critique.state)
    rollout = _attempt(session, access.project.id, critique.rollout_id)
    revision = session.get_one(CritiqueRevision, critique.current_revision_id)
    rollout.source = RolloutSource.known
    item = KnownItem(kind=KnownKind.gold, rollout_id=rollout.id, spans=revision.spans, tags=revision.tags)
    return _add(session, access, item, expectation)


def seed(
    session: Session, access: Access, *, rollout_id: int, text: str, token_ids: Sequence[int],
    mistakes: Sequence[Span], words: Sequence[str], expectation: Expectation,
) -> KnownItem:  # fmt: skip
    """Make a seeded item: a copy of an answer with known mistakes in it, which looks like any other answer.

    Raises:
        InvalidError: the text was not changed.
        MismatchError: a mistake does not stand in the text as its anchor says.
    """
    original = _attempt(session, access.project.id, rollout_id)
    if text == original.text:
        raise InvalidError("Put a mistake into the answer first; it is unchanged.", field="text")
    spans.refuse_misplaced(mistakes, text)
    copy = Rollout(
        project_id=original.project_id, prompt_id=original.prompt_id, checkpoint_id=original.checkpoint_id, text=text,
        token_ids=list(token_ids), sampling=original.sampling, finish_reason=original.finish_reason,
        source=RolloutSource.known, created_at=original.created_at,
    )  # fmt: skip
    session.add(copy)
    session.flush()
    item = KnownItem(
        kind=KnownKind.seeded, rollout_id=copy.id, original_id=original.id, words=list(words),
        spans=[span.model_dump(mode="json") for span in mistakes],
    )  # fmt: skip
    return _add(session, access, item, expectation)


def _attempt(session: Session, project_id: int, rollout_id: int) -> Rollout:
    """A first attempt of the project, locked as those do who hand it out."""
    rollout = session.scalar(
        select(Rollout)
        .where(Rollout.id == rollout_id, Rollout.project_id == project_id)
        .with_for_update(key_share=True)
    )
    if rollout is None:
        raise NotFoundError(f"There is no rollout {rollout_id}.")
    if rollout.source != RolloutSource.attempt or rollout.state != RolloutState.complete:
        raise ConflictError("Only a first attempt that is not a known item yet can become one.", source=rollout.source)
    return rollout


def _add(session: Session, access: Access, item: KnownItem, expectation: Expectation) -> KnownItem:
    low, high = expectation.rating_low, expectation.rating_high
    if low is not None and high is not None and low > high:
        raise InvalidError("The lowest right rating lies above the highest.", field="rating_low")
    item.project_id, item.author_id = access.project.id, access.user_id
    item.rating_low, item.rating_high, item.note = low, high, expectation.note
    item.is_practice = expectation.is_practice
    session.add(item)
    session.flush()
    journal.record(
        session, action=f"known.{item.kind}", subject=f"known item {item.id}", user_id=access.user_id,
        project_id=access.project.id,
    )  # fmt: skip
    return item


def get(session: Session, *, item_id: int, project_id: int) -> KnownItem:
    """One known item of a project."""
    item = session.get(KnownItem, item_id)
    if item is None or item.project_id != project_id:
        raise NotFoundError(f"There is no known item {item_id}.")
    return item


def listed(session: Session, *, project_id: int) -> list[tuple[KnownItem, Rollout]]:
    """The known items of a project, newest first, with their answers."""
    query = (
        select(KnownItem, Rollout)
        .join(Rollout, Rollout.id == KnownItem.rollout_id)
        .where(KnownItem.project_id == project_id)
        .order_by(KnownItem.id.desc())
    )
    return [(item, rollout) for item, rollout in session.execute(query)]


def is_known(session: Session, rollout_id: int) -> bool:
    """Whether an answer is a known item: it has a place for everybody."""
    return bool(session.scalar(select(KnownItem.id).where(KnownItem.rollout_id == rollout_id)))


def next_for(session: Session, *, project: Project, user: User) -> int | None:
    """The known answer that a person gets now instead of an unknown one; None for most hand-outs.

    Who has critiqued nothing else yet gets practice items first. Then one of every ``known_every`` hand-outs is a
    known one, at a place in each such block that only the server can work out.
    """
    kinds = session.scalars(
        select(KnownItem.is_practice).where(KnownItem.project_id == project.id, ~KnownItem.is_retired).distinct()
    ).all()
    if not kinds:
        return None
    practised = session.scalar(_practised(project, user.id)) or 0
    others = _written(session, project=project, user=user) - practised
    if others == 0 and practised < project.practice_items:
        practice = session.scalar(_unseen(project, user, practice=True).order_by(KnownItem.id).limit(1))
        if practice is not None:
            return practice
    if project.known_every == 0 or False not in kinds:
        return None
    block, place = divmod(others, project.known_every)
    if place != _place(project, user, block):
        return None
    seen = select(func.count()).where(Critique.rollout_id == KnownItem.rollout_id).scalar_subquery()
    return session.scalar(_unseen(project, user, practice=False).order_by(seen, KnownItem.id).limit(1))


def _place(project: Project, user: User, block: int) -> int:
    # The moment the project was made is told to nobody, so that nobody can work out the places.
    secret = f"{project.created_at.isoformat()}:{user.id}:{block}"
    return int.from_bytes(sha256(secret.encode()).digest()[:8]) % project.known_every


def _written(session: Session, *, project: Project, user: User) -> int:
    """Critiques of a person, whatever became of them."""
    query = select(func.count()).where(Critique.project_id == project.id, Critique.author_id == user.id)
    return session.scalar(query) or 0


def _practised(project: Project, author_id: int) -> Select[int]:
    """How many of them are of practice items."""
    return (
        select(func.count())
        .select_from(Critique)
        .join(KnownItem, KnownItem.rollout_id == Critique.rollout_id)
        .where(KnownItem.is_practice, Critique.project_id == project.id, Critique.author_id == author_id)
    )


def _unseen(project: Project, user: User, *, practice: bool) -> Select[int]:
    """Items in use that the person has neither made nor critiqued, nor the answer that a seeded one was made of."""
    return select(KnownItem.rollout_id).where(
        KnownItem.project_id == project.id,
        KnownItem.is_practice == practice,
        ~KnownItem.is_retired,
        KnownItem.author_id.is_distinct_from(user.id),
        ~_critiqued(user, KnownItem.rollout_id),
        ~_critiqued(user, KnownItem.original_id),
    )


def _critiqued(user: User, rollout_id: ColumnElement[int] | object) -> ColumnElement[bool]:
    return select(Critique.id).where(Critique.rollout_id == rollout_id, Critique.author_id == user.id).exists()


def practice_standing(session: Session, *, project: Project, critique: Critique) -> PracticeStanding | None:
    """Where a critique stands in its author's practice; None where it is no practice."""
    item = session.scalar(select(KnownItem).where(KnownItem.rollout_id == critique.rollout_id, KnownItem.is_practice))
    if item is None or critique.author_id is None:
        return None
    number = session.scalar(_practised(project, critique.author_id).where(Critique.id <= critique.id)) or 1
    there = session.scalar(
        select(func.count()).where(KnownItem.project_id == project.id, KnownItem.is_practice, ~KnownItem.is_retired)
    )
    return PracticeStanding(number=number, of=max(number, min(project.practice_items, there or 0)))
