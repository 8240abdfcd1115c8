"""How many of each thing a project holds: the sums of what the database notes at every change."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.models import Tally

KEPT = 64
_ADD_UP = text("""
    WITH noted AS (
        DELETE FROM tallies WHERE (project_id, counted) IN (
            SELECT project_id, counted FROM tallies GROUP BY 1, 2 HAVING count(*) > :kept
        )
        RETURNING project_id, counted, n
    )
    INSERT INTO tallies (project_id, counted, n) SELECT project_id, counted, sum(n) FROM noted GROUP BY 1, 2
""")


def of(session: Session, *, project_id: int) -> dict[str, int]:
    """By what is counted: ``attempt:train`` (of each split), ``redraft``, ``comparison``, and kinds of authors.

    Rollouts are complete ones, critiques submitted ones; those of known items are among the critiques.
    """
    query = select(Tally.counted, func.sum(Tally.n)).where(Tally.project_id == project_id).group_by(Tally.counted)
    return {counted: int(n) for counted, n in session.execute(query)}


def add_up(session: Session) -> None:
    """Make one row of many; whoever reads meanwhile sees the same sums."""
    session.execute(_ADD_UP, {"kept": KEPT})
