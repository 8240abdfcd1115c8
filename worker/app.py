"""Celery's entry: ``celery -A worker.app worker -Q train|io``. Heartbeats and the sweep run beside the tasks."""

import logging
import os
import socket
import threading

from celery.signals import worker_ready, worker_shutting_down

from backend.database import transaction
from backend.domain import workers
from backend.domain.sweep import sweep
from backend.jobs import celery_app
from worker import tasks
from worker.connections import sessions, settings
from worker.exchange import files
from worker.training import launch

log = logging.getLogger(__name__)

BEAT_SECONDS = 5.0

app = celery_app()
tasks.register(app)


@worker_ready.connect  # type: ignore[untyped-decorator]
def start_beating(**_signal: object) -> None:
    """Start this process's heartbeat; worker ``io`` also sweeps."""
    queue = os.environ["REDRAFT_WORKER_QUEUE"]
    threading.Thread(target=_beat, args=(queue,), name="heartbeat", daemon=True).start()


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def stop_training(**_signal: object) -> None:
    """Hand running training back to the queue instead of waiting for its end."""
    launch.ask_children_to_stop()


def _beat(queue: str) -> None:
    name = f"{queue}@{socket.gethostname()}:{os.getpid()}"
    pause = threading.Event()
    while True:
        try:
            with transaction(sessions()) as session:
                workers.beat(session, name=name, queue=queue)
            if queue == "io":
                with transaction(sessions()) as session:
                    sweep(session, stale_seconds=settings().run_stale_seconds)
                for folder in (settings().exports_dir, settings().uploads_dir):
                    files.sweep(folder, days=settings().export_days)
        except Exception:  # whatever it was is in the log; a worker whose thread ended would be taken for dead
            log.exception("The heartbeat or the sweep failed; trying again.")
        pause.wait(BEAT_SECONDS)
