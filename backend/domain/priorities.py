"""Which answers are critiqued first: a number for each waiting answer, the smallest first, none last.

``disagreement``: minus the spread of the ratings so far. ``uncertainty``: the mean log-prob of the answer's tokens.
``similarity``: minus the cosine to the nearest of the answers that were rated lowest.
"""

from collections.abc import Mapping
from operator import itemgetter

from sqlalchemy import CTE, Double, ScalarSelect, Select, cast, func, select, update
from sqlalchemy.orm import Session

from backend.domain import queue, similarity
from backend.models import AuthorKind, Critique, CritiqueRevision, CritiqueState, Project, QueueOrder, Rollout

BATCH = 2000
WRONG = 0.5
MOST_WRONG = 200


def note_disagreement(session: Session, *, rollout_id: int) -> None:
    """Move an answer to where its ratings put it; call with its places locked."""
    _write(session, [rollout_id], QueueOrder.disagreement)


def forget(session: Session, *, project_id: int) -> None:
    """Put every waiting answer back to where it has no number."""
    numbered = select(Rollout.id).where(queue.in_queue(project_id), Rollout.priority.is_not(None))
    session.execute(
        update(Rollout).where(Rollout.id == _held(numbered).c.id).values(priority=None),
        execution_options={"synchronize_session": False},
    )


def _held(rollouts: Select[int]) -> CTE:
    """The rollouts, locked by id like everywhere, so that nobody waits in a circle."""
    return rollouts.order_by(Rollout.id).with_for_update(key_share=True).cte()


def write_batch(session: Session, *, project: Project, after: int) -> int | None:
    """Number the next waiting answers after an id by the project's order; returns the last id, None at the end."""
    ids = session.scalars(
        select(Rollout.id).where(queue.in_queue(project.id), Rollout.id > after).order_by(Rollout.id).limit(BATCH)
    ).all()
    if not ids or project.queue_order == QueueOrder.imported:
        return None
    if project.queue_order == QueueOrder.similarity:
        _write_similarity(session, project.id, list(ids))
    else:
        _write(session, list(ids), project.queue_order)
    return ids[-1]


def _write(session: Session, ids: list[int], order: QueueOrder) -> None:
    number = _spread() if order == QueueOrder.disagreement else _mean_logprob()
    session.execute(
        update(Rollout)
        .where(Rollout.id == _held(select(Rollout.id).where(Rollout.id.in_(ids))).c.id)
        .values(priority=number),
        execution_options={"synchronize_session": False},
    )


def _spread() -> ScalarSelect[float]:
    """Minus the difference of the highest and the lowest rating; NULL while all agree."""
    spread = func.max(CritiqueRevision.rating) - func.min(CritiqueRevision.rating)
    return (
        select(-func.nullif(spread, 0))
        .select_from(Critique)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(
            Critique.rollout_id == Rollout.id,
            Critique.author_kind == AuthorKind.annotator,
            Critique.state == CritiqueState.submitted,
        )
        .correlate(Rollout)
        .scalar_subquery()
    )


def _mean_logprob() -> ScalarSelect[float]:
    value = func.jsonb_array_elements_text(Rollout.logprobs).table_valued("value").render_derived()
    return select(func.avg(cast(value.c.value, Double))).select_from(value).correlate(Rollout).scalar_subquery()


def _write_similarity(session: Session, project_id: int, ids: list[int]) -> None:
    wrong = session.scalars(
        select(Rollout.text)
        .join(Critique, Critique.rollout_id == Rollout.id)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(
            Critique.project_id == project_id,
            Critique.state == CritiqueState.submitted,
            CritiqueRevision.rating < WRONG,
        )
        .order_by(CritiqueRevision.rating, Critique.id.desc())
        .limit(MOST_WRONG)
    ).all()
    texts = dict(session.execute(select(Rollout.id, Rollout.text).where(Rollout.id.in_(ids))).all())
    _store(session, similarity.nearest(texts, list(wrong)))


def _store(session: Session, likeness: Mapping[int, float]) -> None:
    rows = [{"id": rollout_id, "priority": -cosine} for rollout_id, cosine in likeness.items() if cosine > 0]
    if rows:
        session.execute(update(Rollout), sorted(rows, key=itemgetter("id")))
