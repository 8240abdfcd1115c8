"""Which workers are alive, judged by the rows they write."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.models import WorkerHeartbeat

ALIVE_SECONDS = 30


def beat(session: Session, *, name: str, queue: str) -> None:
    """Say that a worker process is alive."""
    statement = insert(WorkerHeartbeat).values(name=name, queue=queue, seen_at=func.clock_timestamp())
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": func.clock_timestamp()}))


def is_alive(session: Session, *, queue: str, host: str) -> bool:
    """Whether a worker of this queue on this host is alive; names are ``queue@host:process``."""
    limit = func.clock_timestamp() - timedelta(seconds=ALIVE_SECONDS)
    mine = WorkerHeartbeat.name.startswith(f"{queue}@{host}:", autoescape=True)
    return session.scalar(select(func.count()).where(mine, WorkerHeartbeat.seen_at > limit)) != 0


def alive(session: Session) -> dict[str, int]:
    """Number of live workers by queue."""
    limit = func.clock_timestamp() - timedelta(seconds=ALIVE_SECONDS)
    query = select(WorkerHeartbeat.queue, func.count()).where(WorkerHeartbeat.seen_at > limit)
    return dict(session.execute(query.group_by(WorkerHeartbeat.queue)).all())
