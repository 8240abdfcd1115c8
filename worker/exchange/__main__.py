"""Work on one recorded export or import in this process, for the command line: ``python -m worker.exchange JOB``."""

import sys
import threading

from rich.console import Console
from rich.progress import Progress as Bar

from backend.database import transaction
from backend.domain import bulk
from backend.models import Job, WorkState
from worker import tasks
from worker.connections import sessions

LOOK_SECONDS = 0.2


def main(job_id: int) -> int:
    """Claim the job and do it, with a bar; returns the exit code."""
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(job_id, over), daemon=True)
    watcher.start()
    try:
        tasks.work_on_job(job_id)
    finally:
        over.set()
        watcher.join()
    return 0 if _job(job_id).state == WorkState.succeeded else 1


def _watch(job_id: int, over: threading.Event) -> None:
    with Bar(console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task("Working", total=None)
        while not over.wait(LOOK_SECONDS):
            job = _job(job_id)
            bar.update(row, completed=job.done, total=job.total or None)


def _job(job_id: int) -> Job:
    with transaction(sessions()) as session:
        return bulk.get(session, job_id)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
