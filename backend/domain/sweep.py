"""What a crash or a lost message left behind is queued and sent again."""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.domain import claims, tallies
from backend.jobs import Message, enqueue
from backend.models import Checkpoint, CheckpointState, Evaluation, Job, Run

SWEEP_LOCK = 7_300_002


def sweep(session: Session, *, stale_seconds: float) -> int:
    """Queue overdue work again and send its messages; returns how many. One process sweeps at a time."""
    if not session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": SWEEP_LOCK}):
        return 0
    tallies.add_up(session)
    found = [
        (message, row_id)
        for message, ids in (
            (Message.run, claims.take_back(session, Run, stale_seconds=stale_seconds)),
            (Message.job, claims.take_back(session, Job, stale_seconds=stale_seconds)),
            (Message.evaluation, claims.take_back(session, Evaluation, stale_seconds=stale_seconds)),
        )
        for row_id in ids
    ]
    limit = func.clock_timestamp() - timedelta(seconds=stale_seconds)
    unpublished = select(Checkpoint.id).where(
        Checkpoint.state == CheckpointState.written, Checkpoint.created_at < limit
    )
    found += [(Message.publish, row_id) for row_id in session.scalars(unpublished)]
    for message, row_id in found:
        enqueue(session, message, row_id)
    return len(found)
