"""The queue: which answers wait for a person's critique, and which comes first."""

from typing import TypeVar

from sqlalchemy import Select, Text, and_, bindparam, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from backend.domain import shares
from backend.models import (
    Critique,
    CritiqueState,
    Membership,
    Project,
    Prompt,
    QueueOrder,
    Reservation,
    Role,
    Rollout,
    RolloutSource,
    RolloutState,
    Routing,
    Split,
    User,
)  # fmt: skip

Found = TypeVar("Found")


def in_queue(project_id: int) -> ColumnElement[bool]:
    """The condition of the two partial indexes, which therefore hold nothing that is done."""
    return and_(
        Rollout.project_id == project_id,
        Rollout.wanted,
        Rollout.source == RolloutSource.attempt,
        Rollout.turn == 0,
        Rollout.state == RolloutState.complete,
    )


def waiting_for(session: Session, *, project: Project, user: User) -> Select[int]:
    """The ids of the answers that the person may be given, first things first."""
    mine = select(Critique.id).where(Critique.rollout_id == Rollout.id, Critique.author_id == user.id).exists()
    order = () if project.queue_order == QueueOrder.imported else (Rollout.priority,)
    return (
        select(Rollout.id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(in_queue(project.id), Prompt.split == Split.train, ~mine, _goes_to(session, project, user))
        .order_by(*order, Rollout.id)
    )


def _goes_to(session: Session, project: Project, user: User) -> ColumnElement[bool]:
    """A prompt that is kept for people goes to them, until all have handed in; all others go by the project's routing.

    What somebody put aside, or lost by deletion, goes to anyone, or it might wait for ever.
    """
    handed_in = select(Critique.id).where(
        Critique.rollout_id == Rollout.id,
        Critique.author_id == Reservation.user_id,
        Critique.state == CritiqueState.submitted,
    )
    kept = select(Reservation.id).where(Reservation.prompt_id == Rollout.prompt_id, ~handed_in.exists())
    put_aside = select(Critique.id).where(
        Critique.rollout_id == Rollout.id,
        Critique.state.in_([CritiqueState.skipped, CritiqueState.discarded, CritiqueState.deleted]),
    )
    routed = and_(~kept.exists(), *_routed(session, project, user))
    return or_(kept.where(Reservation.user_id == user.id).exists(), routed, put_aside.exists())


def _routed(session: Session, project: Project, user: User) -> list[ColumnElement[bool]]:
    if project.routing == Routing.share:
        return [_in_share(session, project, user)]
    if project.routing == Routing.skill:
        return [_in_skills(session, project, user)]
    return []


def _of_workers(session: Session, project: Project, what: InstrumentedAttribute[Found]) -> dict[int, Found]:
    """By person; who may only look has no part in the work."""
    query = select(Membership.user_id, what).where(Membership.project_id == project.id, Membership.role != Role.viewer)
    return dict(session.execute(query).all())


def _in_share(session: Session, project: Project, user: User) -> ColumnElement[bool]:
    """Where fewer people have a share than an answer wants critiques, it goes to anyone, or it would wait for ever."""
    weights = _of_workers(session, project, Membership.share)
    if sum(weight > 0 for weight in weights.values()) < project.overlap:
        return true()
    point = (Rollout.id * shares.STEP) % shares.CIRCLE
    own = shares.stretches(weights, project.overlap).get(user.id, [])
    return or_(false(), *(and_(point >= begin, point < end) for begin, end in own))


def _in_skills(session: Session, project: Project, user: User) -> ColumnElement[bool]:
    """Topics that the person knows; a prompt without a topic, or with one that nobody knows, goes to anyone."""
    skills = _of_workers(session, project, Membership.skills)
    topics = Prompt.details[project.skill_field]
    everybody = sorted({skill for known in skills.values() for skill in known})
    known_to_none = ~func.coalesce(topics.has_any(bindparam(None, everybody, ARRAY(Text))), false())
    return or_(known_to_none, topics.has_any(bindparam(None, skills.get(user.id, []), ARRAY(Text))))
