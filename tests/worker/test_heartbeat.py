"""Work that takes long over a single step is not taken for dead."""

import time
from datetime import datetime

from backend.database import Sessions, transaction
from backend.domain import claims
from backend.domain.claims import Claim
from backend.models import Job, JobKind, WorkState
from tests import factories
from worker.heartbeat import beating


def claimed_job(sessions: Sessions) -> Claim:
    with transaction(sessions) as session:
        project = factories.project(session, factories.user(session))
        job = Job(project_id=project.id, kind=JobKind.sample, request={}, total=1)
        session.add(job)
        session.flush()
        claimed = claims.claim(session, Job, job.id)
    assert claimed is not None
    return claimed


def heartbeat(sessions: Sessions, claimed: Claim) -> datetime:
    with transaction(sessions) as session:
        found = session.get_one(Job, claimed.row_id).heartbeat_at
    assert found is not None
    return found


def test_work_without_progress_is_not_taken_back_while_its_worker_lives(committed: Sessions) -> None:
    claimed = claimed_job(committed)
    first = heartbeat(committed, claimed)
    with beating(committed, Job, claimed, every=0.05):
        time.sleep(0.6)
        with transaction(committed) as session:
            assert claims.take_back(session, Job, stale_seconds=0.5) == []
    last = heartbeat(committed, claimed)
    assert last > first
    time.sleep(0.2)
    assert heartbeat(committed, claimed) == last


def test_a_worker_whose_work_was_taken_over_stops_beating(committed: Sessions) -> None:
    claimed = claimed_job(committed)
    with transaction(committed) as session:
        claims.hand_back(session, Job, claimed)
        again = claims.claim(session, Job, claimed.row_id)
    assert again is not None
    other = heartbeat(committed, again)
    with beating(committed, Job, claimed, every=0.02):
        time.sleep(0.2)
    assert heartbeat(committed, again) == other
    with transaction(committed) as session:
        assert session.get_one(Job, claimed.row_id).state == WorkState.running
