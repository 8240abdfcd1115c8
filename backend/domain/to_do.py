"""How much a person still has to do: the answers they have begun and those that they could be given now."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from backend.domain import assignments, queue
from backend.models import Project, Prompt, Rollout, User

MOST = 500


@dataclass(frozen=True)
class ToDo:
    """How many; ``is_more``: at least so many."""

    count: int
    is_more: bool


def of(session: Session, *, project: Project, user: User) -> ToDo:
    """Exact as long as no more than ``MOST`` answers wait for anybody.

    Of more, only the newest are looked at: people go through the queue from its other end, so what they have not done
    stands there, and the count takes no longer in a project with very many.
    """
    newest = session.execute(
        select(Rollout.id, Rollout.prompt_id)
        .where(queue.in_queue(project.id))
        .order_by(Rollout.id.desc())
        .limit(MOST + 1)
    ).all()
    looked_at = newest[:MOST]
    # Both sides of the join are told which rows they may read, or the planner reads every prompt there is.
    waiting = assignments.open_to(session, project=project, user=user).where(
        Rollout.id == _any([rollout for rollout, _ in looked_at]),
        Prompt.id == _any([prompt for _, prompt in looked_at]),
    )
    begun = assignments.begun_by(project=project, user=user)
    counts = [
        select(func.count()).select_from(found.order_by(None).subquery()).scalar_subquery()
        for found in (begun, waiting)
    ]
    found = sum(session.execute(select(*counts)).one())
    return ToDo(count=found, is_more=len(newest) > MOST)


def _any(ids: Sequence[int]) -> ColumnElement[int]:
    return func.any(bindparam(None, ids, ARRAY(BigInteger)))
