"""Who works on what: claims of runs, jobs and evaluations, fenced by the ``attempt`` number.

A claim raises ``attempt``; every later write of the worker names its attempt and is refused once another
worker has claimed the row. All times are the database's.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.errors import ConflictError, NotFoundError
from backend.models import Evaluation, Job, Run, WorkState

Claimable = Run | Job | Evaluation
Row = TypeVar("Row", Run, Job, Evaluation)

FINAL = (WorkState.succeeded, WorkState.failed, WorkState.cancelled)


class StaleClaimError(ConflictError):
    """Another worker has taken over, or the work is over; whoever sees this must stop at once."""

    code = "stale_claim"


@dataclass(frozen=True)
class Claim:
    """The right to work on a row."""

    row_id: int
    attempt: int


def claim(session: Session, table: type[Row], row_id: int) -> Claim | None:
    """Claim a queued row; None when there is nothing to do, so that a message delivered twice does no harm."""
    attempt = session.scalar(
        update(table)
        .where(table.id == row_id, table.state == WorkState.queued)
        .values(
            state=WorkState.running,
            attempt=table.attempt + 1,
            heartbeat_at=func.clock_timestamp(),
            started_at=func.coalesce(table.started_at, func.clock_timestamp()),
            error=None,
        )
        .returning(table.attempt)
    )
    return None if attempt is None else Claim(row_id=row_id, attempt=attempt)


def held(session: Session, table: type[Row], claimed: Claim) -> Row:
    """The row, locked for this transaction, if the claim still holds.

    Raises:
        StaleClaimError: it does not.
    """
    row = session.scalar(
        select(table)
        .where(table.id == claimed.row_id, table.attempt == claimed.attempt, table.state == WorkState.running)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise StaleClaimError(f"The claim on {table.__tablename__} {claimed.row_id} is no longer ours.")
    return row


def beat(session: Session, table: type[Row], claimed: Claim, *, done: int | None = None) -> bool:
    """Say that the work goes on (and how far it is); returns whether somebody asked to cancel it."""
    row = held(session, table, claimed)
    row.heartbeat_at = func.clock_timestamp()
    if done is not None:
        row.done = done
    return row.cancel_requested


def finish(session: Session, table: type[Row], claimed: Claim, *, state: WorkState, error: str | None = None) -> Row:
    """Close the work in a final state."""
    row = held(session, table, claimed)
    row.state = state
    row.error = error
    row.finished_at = func.clock_timestamp()
    session.flush()
    return row


def hand_back(session: Session, table: type[Row], claimed: Claim) -> Row:
    """Return the work to the queue, to be resumed by whoever claims it next."""
    row = held(session, table, claimed)
    row.state = WorkState.queued
    row.queued_at = func.clock_timestamp()
    session.flush()
    return row


def request_cancel(session: Session, table: type[Row], row_id: int) -> Row:
    """Ask for a stop: queued work is cancelled at once, running work when its worker next looks."""
    row = session.scalar(select(table).where(table.id == row_id).with_for_update())
    if row is None:
        raise NotFoundError(f"There is no {table.__tablename__.rstrip('s')} {row_id}.")
    if row.state in FINAL:
        raise ConflictError(f"It has {row.state} already; there is nothing to cancel.", state=row.state)
    row.cancel_requested = True
    if row.state == WorkState.queued:
        row.state = WorkState.cancelled
        row.finished_at = func.clock_timestamp()
    session.flush()
    session.refresh(row)
    return row


def requeue(session: Session, table: type[Row], row_id: int) -> Row:
    """Put failed or cancelled work back into the queue; it goes on from its last checkpoint."""
    row = session.scalar(select(table).where(table.id == row_id).with_for_update())
    if row is None:
        raise NotFoundError(f"There is no {table.__tablename__.rstrip('s')} {row_id}.")
    if row.state not in (WorkState.failed, WorkState.cancelled):
        raise ConflictError(f"Only failed or cancelled work can be resumed; this one is {row.state}.", state=row.state)
    row.state = WorkState.queued
    row.queued_at = func.clock_timestamp()
    row.cancel_requested = False
    row.error = None
    row.finished_at = None
    return row


def take_back(session: Session, table: type[Row], *, stale_seconds: float) -> list[int]:
    """Rows that need a message: queued for too long, or running without a heartbeat. All are queued afresh.

    A worker that is alive after all finds its claim stale at its next write.
    """
    limit = func.clock_timestamp() - timedelta(seconds=stale_seconds)
    return list(
        session.scalars(
            update(table)
            .where(
                ((table.state == WorkState.queued) & (table.queued_at < limit))
                | ((table.state == WorkState.running) & (table.heartbeat_at < limit))
            )
            .values(state=WorkState.queued, queued_at=func.clock_timestamp())
            .returning(table.id)
        )
    )
