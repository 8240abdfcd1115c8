"""Handing out work: short leases on rollouts, so that each gets exactly as many critiques as the project wants.

A lease is a draft critique whose ``lease_expires_at`` lies ahead, by the database's clock; one that a reviewer returned
holds its place without a lease, and one that was postponed has a lease of a day. The rollout's row is the lock: whoever
takes, fills or frees a place holds it, and counts only after having it. ``Rollout.wanted`` is kept under the same lock,
so that the queue's index holds only what still has a place. Locks are taken in one order, so that nobody waits in a
circle: critiques, the project, rollouts, each by id.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql import ColumnElement

from backend.domain import journal, known_items, priorities, queue
from backend.errors import ConflictError
from backend.models import (
    AuthorKind,
    Critique,
    CritiqueState,
    Project,
    QueueOrder,
    ReviewState,
    Rollout,
    RolloutSource,
    User,
)  # fmt: skip

CANDIDATES = 20
POSTPONED_HOURS = 24
MAX_POSTPONED = 20


def lease_next(session: Session, *, project: Project, user: User, minutes: float) -> Critique | None:
    """The person's open draft, else the first rollout with a free slot, else what they postponed, oldest first.

    None when there is nothing to do.
    """
    # One hand-out at a time per person, so that two tabs get the same draft.
    session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    drafts = _own_drafts(session, project=project, user=user)
    own = _first_with_place(session, project, _begun(drafts))
    if own is not None:
        return _hold(session, own, minutes)
    known = known_items.next_for(session, project=project, user=user)
    if known is not None:
        return _open(session, project=project, user=user, rollout_id=known, minutes=minutes)
    refused: list[int] = []
    for _ in range(CANDIDATES):
        rollout_id = _lock_candidate(session, project=project, user=user, refused=refused)
        if rollout_id is None:
            break
        if _taken(session, rollout_id=rollout_id) < project.overlap:
            return _open(session, project=project, user=user, rollout_id=rollout_id, minutes=minutes)
        refused.append(rollout_id)
    later = _first_with_place(session, project, _postponed(drafts))
    if later is None:
        return None
    journal.record_critique(session, critique=later, verb="reopened", user_id=user.id)
    return _hold(session, later, minutes)


def _open(session: Session, *, project: Project, user: User, rollout_id: int, minutes: float) -> Critique:
    critique = Critique(
        project_id=project.id,
        rollout_id=rollout_id,
        author_kind=AuthorKind.annotator,
        author_id=user.id,
        author_name=user.name,
        draft={"text": "", "rating": None, "tags": [], "edit": None},
        lease_expires_at=_expiry(minutes),
    )
    session.add(critique)
    session.flush()
    return critique


def _own_drafts(session: Session, *, project: Project, user: User) -> Sequence[Critique]:
    """The person's drafts, held with their rollouts, so that no other tab submits one of them meanwhile."""
    drafts = session.scalars(
        select(Critique).where(_is_own_draft(project, user)).order_by(Critique.id).with_for_update()
    ).all()
    for rollout_id in sorted(draft.rollout_id for draft in drafts):
        lock_rollout(session, rollout_id)
    return drafts


def _is_own_draft(project: Project, user: User) -> ColumnElement[bool]:
    return and_(Critique.project_id == project.id, Critique.author_id == user.id, Critique.state == CritiqueState.draft)


def _first_with_place(session: Session, project: Project, drafts: Iterable[Critique]) -> Critique | None:
    return next((draft for draft in drafts if has_slot(session, project=project, critique=draft)), None)


def _begun(drafts: Sequence[Critique]) -> list[Critique]:
    """What was not postponed: returned ones first, then what the person took up last."""
    begun = [draft for draft in drafts if draft.postponed_at is None]
    return sorted(begun, key=_freshness, reverse=True)


def _freshness(draft: Critique) -> tuple[bool, float, int]:
    leased = draft.lease_expires_at.timestamp() if draft.lease_expires_at else 0.0
    return draft.review == ReviewState.returned, leased, draft.id


def _postponed(drafts: Sequence[Critique]) -> list[Critique]:
    """What was postponed, the oldest first."""
    put_off = [(draft.postponed_at, draft) for draft in drafts if draft.postponed_at is not None]
    return [draft for _, draft in sorted(put_off, key=lambda pair: pair[0])]


def _hold(session: Session, critique: Critique, minutes: float) -> Critique:
    critique.lease_expires_at = _expiry(minutes)
    critique.postponed_at = None
    session.flush()
    return critique


def _expiry(minutes: float) -> ColumnElement[datetime]:
    return func.clock_timestamp() + timedelta(minutes=minutes)


def open_to(session: Session, *, project: Project, user: User) -> Select[int]:
    """The ids of the answers that the person could be given now, first things first."""
    taken = select(func.count()).select_from(Critique).where(Critique.rollout_id == Rollout.id, _occupies())
    return queue.waiting_for(session, project=project, user=user).where(taken.scalar_subquery() < project.overlap)


def begun_by(*, project: Project, user: User) -> Select[int]:
    """The ids of the answers that the person has a draft for and can still hand in.

    Known items are not among them, as they were never among those that wait: one in hand would be told by the count.
    """
    mine, other = aliased(Critique), Critique.author_id.is_distinct_from(user.id)
    taken = select(func.count()).select_from(Critique).where(Critique.rollout_id == Rollout.id, _occupies(), other)
    return (
        select(Rollout.id)
        .join(mine, mine.rollout_id == Rollout.id)
        .where(mine.project_id == project.id, mine.author_id == user.id, mine.state == CritiqueState.draft)
        .where(Rollout.source != RolloutSource.known, taken.scalar_subquery() < project.overlap)
    )


def _lock_candidate(session: Session, *, project: Project, user: User, refused: list[int]) -> int | None:
    return session.scalar(
        open_to(session, project=project, user=user)
        .where(Rollout.id.not_in(refused))
        .limit(1)
        .with_for_update(of=Rollout, skip_locked=True, key_share=True)
    )


def _held() -> ColumnElement[bool]:
    """A person's place that no time takes away: submitted, or returned by a reviewer to somebody who is here."""
    returned = (Critique.state == CritiqueState.draft) & (Critique.review == ReviewState.returned) & ~Critique.imported
    return (Critique.author_kind == AuthorKind.annotator) & ((Critique.state == CritiqueState.submitted) | returned)


def _occupies() -> ColumnElement[bool]:
    leased = (Critique.state == CritiqueState.draft) & (Critique.lease_expires_at > func.clock_timestamp())
    return _held() | ((Critique.author_kind == AuthorKind.annotator) & leased)


def _taken(session: Session, *, rollout_id: int, but: int | None = None) -> int:
    query = select(func.count()).select_from(Critique).where(Critique.rollout_id == rollout_id, _occupies())
    if but is not None:
        query = query.where(Critique.id != but)
    return session.scalar(query) or 0


def lock_rollout(session: Session, rollout_id: int) -> None:
    """Hold the rollout's slots for the rest of the transaction."""
    # A redraft that is being made refers to the rollout; it need not wait, and so never waits in a circle.
    session.execute(select(Rollout.id).where(Rollout.id == rollout_id).with_for_update(key_share=True))


def lock_places(session: Session, *, project: Project, rollout_id: int) -> None:
    """Hold the rollout's slots and the project's overlap: whoever changes which critiques count calls this first.

    The project comes first, as in ``change_overlap``, so that the two never wait for one another.
    """
    overlap = select(Project.overlap).where(Project.id == project.id).with_for_update(read=True)
    set_committed_value(project, "overlap", session.execute(overlap).scalar_one())
    lock_rollout(session, rollout_id)


def settle(session: Session, *, project: Project, rollout_id: int) -> None:
    """Note whether the rollout still wants critiques; call with its places locked, after what counts has changed."""
    wanted = _wants(project)
    session.execute(
        update(Rollout).where(Rollout.id == rollout_id, Rollout.wanted != wanted).values(wanted=wanted),
        execution_options={"synchronize_session": False},
    )
    if project.queue_order == QueueOrder.disagreement and project.overlap > 1:
        priorities.note_disagreement(session, rollout_id=rollout_id)


def change_overlap(session: Session, *, project: Project, overlap: int) -> None:
    """Want another number of critiques for each answer; finished answers come back, or waiting ones are done."""
    # Whoever holds a rollout and opens a critique of it refers to the project; they need not wait for us.
    session.refresh(project, ["overlap"], with_for_update={"key_share": True})
    project.overlap = overlap
    session.flush()
    recount(session, project=project)


def recount(session: Session, *, project: Project) -> None:
    """Note of every rollout of the project whether it still wants critiques."""
    due = (
        select(Rollout.id)
        .where(Rollout.project_id == project.id, Rollout.wanted != _wants(project))
        .order_by(Rollout.id)
        .with_for_update(key_share=True)
        .cte()
    )
    session.execute(
        update(Rollout).where(Rollout.id == due.c.id).values(wanted=~Rollout.wanted),
        execution_options={"synchronize_session": False},
    )


def _wants(project: Project) -> ColumnElement[bool]:
    """Whether a rollout has fewer critiques that count than its project wants."""
    count = select(func.count()).select_from(Critique).where(Critique.rollout_id == Rollout.id, _held())
    return count.scalar_subquery() < project.overlap


def has_slot(session: Session, *, project: Project, critique: Critique) -> bool:
    """Whether the draft still has, or can again have, a slot; call with the rollout locked."""
    free = _taken(session, rollout_id=critique.rollout_id, but=critique.id) < project.overlap
    return free or known_items.is_known(session, critique.rollout_id)


def renew(session: Session, *, project: Project, critique: Critique, minutes: float) -> None:
    """Heartbeat: hold the slot longer.

    Raises:
        ConflictError: the lease ran out and others have filled the slot; the draft stays.
    """
    lock_rollout(session, critique.rollout_id)
    if critique.state != CritiqueState.draft:
        raise ConflictError(f"This critique is {critique.state} already.", state=critique.state)
    if not has_slot(session, project=project, critique=critique):
        raise ConflictError(
            "The time for this answer ran out and somebody else has taken it. Your text is kept in your history.",
            reason="slot_filled",
        )
    session.refresh(_hold(session, critique, minutes), ["lease_expires_at"])


def postpone(session: Session, *, project: Project, user: User, critique: Critique) -> None:
    """Put a draft at the end of the person's own queue; for a day nobody else gets the answer.

    Raises:
        ConflictError: it is no draft any more, others have filled its place, or the person postponed too many.
    """
    held = select(func.count()).where(_is_own_draft(project, user), Critique.postponed_at.is_not(None))
    if (session.scalar(held) or 0) >= MAX_POSTPONED:
        raise ConflictError(
            f"You have postponed {MAX_POSTPONED} answers. Take one up from your history first, or skip."
        )
    renew(session, project=project, critique=critique, minutes=POSTPONED_HOURS * 60)
    critique.postponed_at = func.clock_timestamp()
    journal.record_critique(session, critique=critique, verb="postponed", user_id=user.id)
    session.flush()
    session.refresh(critique, ["postponed_at"])
