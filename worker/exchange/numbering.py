"""The places of a project's rows among their kind, which a lineage refers by: temporary tables of id and place."""

from sqlalchemy import (
    BigInteger,
    Column,
    CompoundSelect,
    MetaData,
    Select,
    Table,
    and_,
    func,
    insert,
    or_,
    select,
    text,
    union,
)  # fmt: skip
from sqlalchemy.orm import Session

from backend.models import ComparisonSet, Critique, CritiqueState, Pair, Prompt, Rollout, RolloutSource, RolloutState

_TEMPORARY = MetaData()


def _table(name: str) -> Table:
    return Table(
        name, _TEMPORARY, Column("id", BigInteger, primary_key=True), Column("place", BigInteger, nullable=False),
        prefixes=["TEMPORARY"], postgresql_on_commit="DROP",
    )  # fmt: skip


COLLECTED = (RolloutSource.attempt, RolloutSource.redraft, RolloutSource.known)
PROMPTS = _table("prompt_places")
ROLLOUTS = _table("rollout_places")
CRITIQUES = _table("critique_places")


def number(session: Session, *, project_id: int) -> int:
    """Fill the tables for the rest of the transaction; returns how many rows were numbered."""
    _TEMPORARY.create_all(session.connection(), checkfirst=False)
    prompts = select(Prompt.id).where(Prompt.project_id == project_id)
    rollouts = select(Rollout.id).where(
        Rollout.project_id == project_id,
        Rollout.state != RolloutState.streaming,
        or_(and_(Rollout.source.in_(COLLECTED), Rollout.run_id.is_(None)), Rollout.id.in_(_compared(project_id))),
    )
    state = func.coalesce(Critique.state_before_deletion, Critique.state)
    critiques = (
        select(Critique.id)
        .join(ROLLOUTS, ROLLOUTS.c.id == Critique.rollout_id)
        .where(
            Critique.run_id.is_(None),
            or_(state != CritiqueState.draft, Critique.current_revision_id.is_not(None)),
        )
    )
    return (
        _fill(session, PROMPTS, prompts, Prompt.id)
        + _fill(session, ROLLOUTS, rollouts, Rollout.id)
        + _fill(session, CRITIQUES, critiques, Critique.id)
    )


def _compared(project_id: int) -> CompoundSelect[int]:
    """The rollouts of the project's pairs, whatever they were sampled for."""
    of_project = Pair.set_id.in_(select(ComparisonSet.id).where(ComparisonSet.project_id == project_id))
    return union(*(select(side).where(of_project) for side in (Pair.rollout_a_id, Pair.rollout_b_id)))


def _fill(session: Session, table: Table, ids: Select[int], order: object) -> int:
    place = func.row_number().over(order_by=order) - 1  # type: ignore[arg-type]
    session.execute(insert(table).from_select(["id", "place"], ids.add_columns(place)))
    session.execute(text(f"ANALYZE {table.name}"))
    return session.scalar(select(func.count()).select_from(table)) or 0
