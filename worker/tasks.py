"""The tasks: each loads by id, claims, calls, records. A task that finds nothing to claim returns at once."""

import logging
from collections.abc import Callable

from celery import Celery

from backend.database import transaction
from backend.domain import claims
from backend.domain.claims import Claim, Row, StaleClaimError
from backend.errors import DomainError
from backend.jobs import Message
from backend.models import Evaluation, Job, JobKind, WorkState
from worker import bulk, ordering, publishing
from worker.connections import engine, judge_endpoint, sessions, settings
from worker.evaluation import evaluate
from worker.exchange import exporting, importing
from worker.heartbeat import beating
from worker.judging import judging
from worker.parallel import CancelledError
from worker.training import launch

log = logging.getLogger(__name__)


def register(app: Celery) -> None:
    """Give every message its task."""
    app.task(name=Message.run)(train)
    app.task(name=Message.job)(work_on_job)
    app.task(name=Message.evaluation)(work_on_evaluation)
    app.task(name=Message.publish)(publish)


def train(run_id: int) -> None:
    """Execute a run in a child process."""
    launch.execute(sessions(), run_id)


def work_on_job(job_id: int) -> None:
    """Sample, verify, judge, change, export or import."""

    def work(claimed: Claim) -> None:
        with transaction(sessions()) as session:
            kind = claims.held(session, Job, claimed).kind
        if kind == JobKind.export_data:
            exporting.export(sessions(), settings().exports_dir, claimed)
        elif kind == JobKind.import_data:
            importing.import_file(sessions(), settings().uploads_dir, claimed)
        elif kind == JobKind.judge:
            judging.judge(sessions(), engine(), judge_endpoint(), claimed)
        else:
            runners = {
                JobKind.sample: bulk.sample,
                JobKind.verify: bulk.verify,
                JobKind.prioritise: ordering.prioritise,
                JobKind.change: bulk.change,
            }
            runners[kind](sessions(), engine(), claimed)

    _guarded(Job, job_id, work)


def work_on_evaluation(evaluation_id: int) -> None:
    """Apply a suite to a checkpoint."""

    def work(claimed: Claim) -> None:
        evaluate.run(sessions(), engine(), claimed, base_model=settings().base_model)

    _guarded(Evaluation, evaluation_id, work)


def publish(checkpoint_id: int) -> None:
    """Load a new adapter into the engine and probe it."""
    publishing.publish(sessions(), engine(), checkpoint_id)


def _guarded(table: type[Row], row_id: int, work: Callable[[Claim], None]) -> None:
    """Claim, work, and close the row: ``succeeded``, ``cancelled``, or ``failed`` with the reason."""
    with transaction(sessions()) as session:
        claimed = claims.claim(session, table, row_id)
    if claimed is None:
        return
    try:
        with beating(sessions(), table, claimed):
            work(claimed)
        _close(table, claimed, WorkState.succeeded)
    except CancelledError:
        _close(table, claimed, WorkState.cancelled)
    except StaleClaimError:
        log.warning("%s %s was taken over by another worker.", table.__tablename__, row_id)
    except DomainError as error:
        _close(table, claimed, WorkState.failed, error.message)
    except Exception as error:
        _close(table, claimed, WorkState.failed, f"A bug in Redraft: {type(error).__name__}: {error}")
        raise


def _close(table: type[Row], claimed: Claim, state: WorkState, error: str | None = None) -> None:
    with transaction(sessions()) as session:
        claims.finish(session, table, claimed, state=state, error=error)
