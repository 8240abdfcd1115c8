"""The health check of a worker's container asks for the worker's own heartbeat."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.domain import workers


def test_a_worker_that_wrote_its_heartbeat_is_alive_here_and_not_elsewhere(session: Session) -> None:
    workers.beat(session, name="train@here:12", queue="train")
    assert workers.is_alive(session, queue="train", host="here")
    assert not workers.is_alive(session, queue="io", host="here")
    assert not workers.is_alive(session, queue="train", host="her")


def test_a_worker_that_has_been_silent_is_not_alive(session: Session) -> None:
    workers.beat(session, name="train@here:12", queue="train")
    session.execute(text("UPDATE worker_heartbeats SET seen_at = seen_at - interval '1 minute'"))
    assert not workers.is_alive(session, queue="train", host="here")
