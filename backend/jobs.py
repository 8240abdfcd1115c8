"""The broker's side: queues, message names, and sending only after the commit.

A message carries an id and nothing else; the row is the truth. A message that is lost is sent again by the sweep.
"""

import logging
from enum import StrEnum

from celery import Celery
from sqlalchemy import event
from sqlalchemy.orm import Session

from backend.settings import get_settings

log = logging.getLogger(__name__)

VISIBILITY_SECONDS = 24 * 3600


class Message(StrEnum):
    """Every message there is, by the noun whose id it carries."""

    run = "redraft.run"
    job = "redraft.job"
    evaluation = "redraft.evaluation"
    publish = "redraft.publish"


QUEUES = {Message.run: "train", Message.job: "io", Message.evaluation: "io", Message.publish: "io"}


def make_celery(redis_url: str) -> Celery:
    """The Celery app of both edges: late acknowledgement, one message at a time, JSON only."""
    app = Celery("redraft", broker=redis_url)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_default_queue="io",
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_SECONDS,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        },
    )
    return app


_apps: dict[str, Celery] = {}


def celery_app() -> Celery:
    """The process's Celery app, made from the settings on first use."""
    redis_url = get_settings().redis_url
    if redis_url is None:
        raise RuntimeError("REDRAFT_REDIS_URL is not set; `redraft up` sets it for the processes it starts.")
    url = redis_url.get_secret_value()
    if url not in _apps:
        _apps[url] = make_celery(url)
    return _apps[url]


def enqueue(session: Session, message: Message, row_id: int) -> None:
    """Send ``message`` for the row once the outermost transaction of ``session`` has committed."""
    session.info.setdefault("outbox", []).append((message, row_id))


@event.listens_for(Session, "after_commit")
def _send_outbox(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a released savepoint is not a commit: the outer transaction may still roll back
    for message, row_id in session.info.pop("outbox", []):
        try:
            celery_app().send_task(message, args=[row_id], queue=QUEUES[message])
        except Exception:
            log.exception("Message %s for row %s was not sent; the sweep will send it again.", message, row_id)


@event.listens_for(Session, "after_rollback")
def _drop_outbox(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("outbox", None)
