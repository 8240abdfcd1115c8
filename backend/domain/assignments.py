"""Handing out work: short leases on rollouts, so that each gets exactly as many critiques as the project wants.

A lease is a draft critique whose ``lease_expires_at`` lies ahead, by the database's clock; one that a reviewer returned
holds its place without a lease. The rollout's row is the lock: whoever takes, fills or frees a place holds it, and
counts only after having it. ``Rollout.wanted`` is kept under the same lock, so that the queue's index holds only what
still has a place. Locks are taken in one order, so that nobody waits in a circle: critiques, the project, rollouts,
each by id.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.sql import ColumnElement

from backend.domain import known_items, priorities, queue
from backend.errors import ConflictError
from backend.models import AuthorKind, Critique, CritiqueState, Project, QueueOrder, ReviewState, Rollout, User

CANDIDATES = 20


def lease_next(session: Session, *, project: Project, user: User, minutes: float) -> Critique | None:
    """The person's open draft, else a lease on the first rollout with a free slot; None when there is nothing to do."""
    # One hand-out at a time per person, so that two tabs get the same draft.
    session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    own = _open_draft(session, project=project, user=user)
    if own is not None:
        own.lease_expires_at = _expiry(minutes)
        session.flush()
        return own
    known = known_items.next_for(session, project=project, user=user)
    if known is not None:
        return _open(session, project=project, user=user, rollout_id=known, minutes=minutes)
    refused: list[int] = []
    for _ in range(CANDIDATES):
        rollout_id = _lock_candidate(session, project=project, user=user, refused=refused)
        if rollout_id is None:
            return None
        if _taken(session, rollout_id=rollout_id) < project.overlap:
            return _open(session, project=project, user=user, rollout_id=rollout_id, minutes=minutes)
        refused.append(rollout_id)
    return None


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


def _open_draft(session: Session, *, project: Project, user: User) -> Critique | None:
    """The draft to go on with: one that was returned first, else the newest; held, so that no other tab submits it."""
    drafts = session.scalars(
        select(Critique)
        .where(Critique.project_id == project.id, Critique.author_id == user.id, Critique.state == CritiqueState.draft)
        .order_by(Critique.id)
        .with_for_update()
    ).all()
    for rollout_id in sorted(draft.rollout_id for draft in drafts):
        lock_rollout(session, rollout_id)
    best_first = sorted(drafts, key=lambda draft: (draft.review == ReviewState.returned, draft.id), reverse=True)
    return next((draft for draft in best_first if has_slot(session, project=project, critique=draft)), None)


def _expiry(minutes: float) -> ColumnElement[datetime]:
    return func.clock_timestamp() + timedelta(minutes=minutes)


def _lock_candidate(session: Session, *, project: Project, user: User, refused: list[int]) -> int | None:
    taken = select(func.count()).select_from(Critique).where(Critique.rollout_id == Rollout.id, _occupies())
    return session.scalar(
        queue.waiting_for(session, project=project, user=user)
        .where(taken.scalar_subquery() < project.overlap, Rollout.id.not_in(refused))
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
    count = select(func.count()).select_from(Critique).where(Critique.rollout_id == rollout_id, _held())
    wanted = (session.scalar(count) or 0) < project.overlap
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
    count = select(func.count()).select_from(Critique).where(Critique.rollout_id == Rollout.id, _held())
    wanted = count.scalar_subquery() < project.overlap
    due = (
        select(Rollout.id)
        .where(Rollout.project_id == project.id, Rollout.wanted != wanted)
        .order_by(Rollout.id)
        .with_for_update(key_share=True)
        .cte()
    )
    session.execute(
        update(Rollout).where(Rollout.id == due.c.id).values(wanted=~Rollout.wanted),
        execution_options={"synchronize_session": False},
    )


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
    critique.lease_expires_at = _expiry(minutes)
    session.flush()
    session.refresh(critique, ["lease_expires_at"])
