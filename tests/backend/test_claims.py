"""Claims: one worker at a time, and a dead worker's work goes on."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from backend.domain import claims
from backend.domain.claims import StaleClaimError
from backend.domain.sweep import sweep
from backend.errors import ConflictError
from backend.models import Job, JobKind, WorkState
from tests import factories


@pytest.fixture
def job(session: Session) -> Job:
    project = factories.project(session, factories.user(session))
    made = Job(project_id=project.id, kind=JobKind.sample, request={})
    session.add(made)
    session.flush()
    return made


def test_a_message_delivered_twice_is_claimed_once(session: Session, job: Job) -> None:
    assert claims.claim(session, Job, job.id) is not None
    assert claims.claim(session, Job, job.id) is None


def test_a_silent_worker_loses_its_claim_and_cannot_write_any_more(session: Session, job: Job) -> None:
    first = claims.claim(session, Job, job.id)
    assert first is not None
    claims.held(session, Job, first).heartbeat_at = datetime.now(UTC) - timedelta(minutes=5)
    session.flush()
    assert sweep(session, stale_seconds=30) == 1
    second = claims.claim(session, Job, job.id)
    assert second is not None
    assert second.attempt == 2
    with pytest.raises(StaleClaimError):
        claims.beat(session, Job, first, done=3)
    claims.beat(session, Job, second, done=4)
    assert job.done == 4


def test_the_sweep_sends_again_what_waited_too_long_but_not_what_is_fresh(session: Session, job: Job) -> None:
    assert sweep(session, stale_seconds=30) == 0
    job.queued_at = datetime.now(UTC) - timedelta(minutes=5)
    session.flush()
    assert sweep(session, stale_seconds=30) == 1
    assert session.info["outbox"] == [("redraft.job", job.id)]
    assert sweep(session, stale_seconds=30) == 0


def test_queued_work_is_cancelled_at_once_and_running_work_when_it_looks(session: Session, job: Job) -> None:
    claimed = claims.claim(session, Job, job.id)
    assert claimed is not None
    session.refresh(job)
    claims.request_cancel(session, Job, job.id)
    assert job.state == WorkState.running
    assert claims.beat(session, Job, claimed) is True
    claims.finish(session, Job, claimed, state=WorkState.cancelled)
    session.flush()
    with pytest.raises(ConflictError):
        claims.request_cancel(session, Job, job.id)


def test_failed_work_can_be_resumed_and_finished_work_cannot(session: Session, job: Job) -> None:
    claimed = claims.claim(session, Job, job.id)
    assert claimed is not None
    claims.finish(session, Job, claimed, state=WorkState.failed, error="no luck")
    session.flush()
    assert claims.requeue(session, Job, job.id).state == WorkState.queued
    again = claims.claim(session, Job, job.id)
    assert again is not None
    claims.finish(session, Job, again, state=WorkState.succeeded)
    session.flush()
    with pytest.raises(ConflictError):
        claims.requeue(session, Job, job.id)
