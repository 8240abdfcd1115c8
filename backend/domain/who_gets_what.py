"""The settings of the queue: its order, who gets what, and what is kept for whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.domain import bulk, journal, shares
from backend.domain.bulk import PrioritiseRequest
from backend.domain.projects import Access
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import Membership, Project, Prompt, QueueOrder, Reservation, Role, User


@dataclass(frozen=True)
class Worker:
    """A member who may critique: ``percent`` of all falls to them by share, ``kept`` prompts are theirs."""

    user: User
    share: int
    skills: list[str]
    percent: float
    kept: int


def workers(session: Session, *, project: Project) -> list[Worker]:
    """The members who may critique, by name."""
    kept = (
        select(func.count())
        .select_from(Reservation)
        .where(Reservation.project_id == project.id, Reservation.user_id == User.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(User, Membership.share, Membership.skills, kept)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.project_id == project.id, Membership.role != Role.viewer)
        .order_by(User.name, User.id)
    ).all()
    turns = shares.turns({user.id: share for user, share, _, _ in rows}, project.overlap)
    all_turns = sum(turns.values()) or 1.0
    return [
        Worker(user=user, share=share, skills=skills, percent=100 * turns.get(user.id, 0.0) / all_turns, kept=count)
        for user, share, skills, count in rows
    ]


def set_order(session: Session, access: Access, order: QueueOrder) -> None:
    """Another order; worker ``io`` numbers the waiting answers by it."""
    if order == access.project.queue_order:
        return
    access.project.queue_order = order
    session.flush()
    if order != QueueOrder.imported:
        bulk.create(session, access, request=PrioritiseRequest())


def set_worker(session: Session, access: Access, *, user_id: int, share: int, skills: Sequence[str]) -> None:
    """A member's share of the work and what they know."""
    membership = _membership(session, access, user_id)
    membership.share = share
    membership.skills = list(dict.fromkeys(skills))


def refuse_idle(session: Session, project: Project) -> None:
    """Refuse shares under which some answers could never get all their critiques."""
    sharing = [worker for worker in workers(session, project=project) if worker.share > 0]
    if len(sharing) < project.overlap:
        raise ConflictError(
            f"Each answer gets {project.overlap} critiques by different people, but {len(sharing)} have a share. "
            f"Give a share to at least {project.overlap}.",
            field="workers",
        )


def keep(session: Session, access: Access, *, prompt_ids: Sequence[int], user_ids: Sequence[int]) -> int:
    """Keep the answers to these prompts for these people, or for nobody in particular; returns how many prompts.

    Raises:
        InvalidError: fewer people than an answer gets critiques.
        NotFoundError: a prompt or a person is not in the project.
    """
    prompts, people = set(prompt_ids), set(user_ids)
    if people and len(people) < access.project.overlap:
        raise InvalidError(
            f"Each answer gets {access.project.overlap} critiques by different people; name at least so many.",
            field="user_ids",
        )
    known = select(func.count()).where(Prompt.project_id == access.project.id, Prompt.id.in_(prompts))
    if session.scalar(known) != len(prompts):
        raise NotFoundError("Some of these prompts are not in this project.")
    for user_id in people:
        _membership(session, access, user_id)
    session.execute(delete(Reservation).where(Reservation.prompt_id.in_(prompts)))
    session.add_all(
        Reservation(project_id=access.project.id, prompt_id=prompt, user_id=user)
        for prompt in sorted(prompts)
        for user in sorted(people)
    )
    journal.record(
        session, action="queue.kept", subject=f"{len(prompts)} prompts", user_id=access.user_id,
        project_id=access.project.id, people=sorted(people),
    )  # fmt: skip
    session.flush()
    return len(prompts)


def _membership(session: Session, access: Access, user_id: int) -> Membership:
    found = session.scalar(
        select(Membership).where(
            Membership.project_id == access.project.id,
            Membership.user_id == user_id,
            Membership.role != Role.viewer,
        )
    )
    if found is None:
        raise NotFoundError(f"Person {user_id} does not critique in this project.")
    return found
