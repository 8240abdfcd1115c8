"""The places of a project's rows among their kind, which a lineage refers by: temporary tables of id and place."""

from sqlalchemy import BigInteger, Column, MetaData, Select, Table, func, insert, or_, select, text
from sqlalchemy.orm import Session

from backend.models import Critique, CritiqueState, Prompt, Rollout, RolloutSource, RolloutState

_TEMPORARY = MetaData()


def _table(name: str) -> Table:
    return Table(
        name, _TEMPORARY, Column("id", BigInteger, primary_key=True), Column("place", BigInteger, nullable=False),
        prefixes=["TEMPORARY"], postgresql_on_commit="DROP",
    )  # fmt: skip


PROMPTS = _table("prompt_places")
ROLLOUTS = _table("rollout_places")
CRITIQUES = _table("critique_places")


def number(session: Session, *, project_id: int) -> int:
    """Fill the tables for the rest of the transaction; returns how many rows were numbered."""
    _TEMPORARY.create_all(session.connection(), checkfirst=False)
    prompts = select(Prompt.id).where(Prompt.project_id == project_id)
    rollouts = select(Rollout.id).where(
        Rollout.project_id == project_id,
        Rollout.run_id.is_(None),
        Rollout.source.in_([RolloutSource.attempt, RolloutSource.redraft, RolloutSource.known]),
        Rollout.state != RolloutState.streaming,
    )
    critiques = (
        select(Critique.id)
        .join(ROLLOUTS, ROLLOUTS.c.id == Critique.rollout_id)
        .where(
            Critique.run_id.is_(None),
            or_(Critique.state != CritiqueState.draft, Critique.current_revision_id.is_not(None)),
        )
    )
    return (
        _fill(session, PROMPTS, prompts, Prompt.id)
        + _fill(session, ROLLOUTS, rollouts, Rollout.id)
        + _fill(session, CRITIQUES, critiques, Critique.id)
    )


def _fill(session: Session, table: Table, ids: Select[int], order: object) -> int:
    place = func.row_number().over(order_by=order) - 1  # type: ignore[arg-type]
    session.execute(insert(table).from_select(["id", "place"], ids.add_columns(place)))
    session.execute(text(f"ANALYZE {table.name}"))
    return session.scalar(select(func.count()).select_from(table)) or 0
