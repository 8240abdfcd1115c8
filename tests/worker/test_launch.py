"""What becomes of a run whose process ended without a word."""

import signal

import pytest
from sqlalchemy.orm import Session

from backend.domain import claims
from backend.domain.claims import Claim, StaleClaimError
from backend.models import Run, Snapshot, WorkState
from tests import factories
from worker.training import launch


@pytest.fixture
def run(session: Session) -> Run:
    project = factories.project(session, factories.user(session))
    snapshot = Snapshot(project_id=project.id, sha256="0" * 64, size=0)
    session.add(snapshot)
    session.flush()
    base = factories.base(session)
    made = Run(project_id=project.id, name="r", recipe={}, base_id=base.id, snapshot_id=snapshot.id, total=10)
    session.add(made)
    session.flush()
    return made


def claim(session: Session, run: Run) -> Claim:
    claimed = claims.claim(session, Run, run.id)
    assert claimed is not None
    return claimed


def test_a_killed_process_is_resumed(session: Session, run: Run) -> None:
    claimed = claim(session, run)
    claims.beat(session, Run, claimed, done=3)
    launch.settle(session, claimed, exit_code=-signal.SIGKILL, first_step=0)
    assert run.state == WorkState.queued
    assert ("redraft.run", run.id) in session.info["outbox"]


def test_a_process_killed_twice_without_getting_further_fails_and_says_what_to_do(session: Session, run: Run) -> None:
    launch.settle(session, claim(session, run), exit_code=-signal.SIGKILL, first_step=0)
    launch.settle(session, claim(session, run), exit_code=-signal.SIGKILL, first_step=0)
    session.refresh(run)
    assert run.state == WorkState.failed
    assert "memory" in (run.error or "")


def test_kills_with_progress_in_between_do_not_add_up(session: Session, run: Run) -> None:
    for step in range(1, 5):
        claimed = claim(session, run)
        claims.beat(session, Run, claimed, done=step)
        launch.settle(session, claimed, exit_code=-signal.SIGKILL, first_step=step - 1)
        assert run.state == WorkState.queued


def test_an_exit_code_without_a_word_is_a_failure(session: Session, run: Run) -> None:
    launch.settle(session, claim(session, run), exit_code=3, first_step=0)
    session.refresh(run)
    assert run.state == WorkState.failed
    assert "exit code 3" in (run.error or "")


def test_a_process_that_said_how_it_ended_is_left_alone(session: Session, run: Run) -> None:
    claimed = claim(session, run)
    claims.finish(session, Run, claimed, state=WorkState.succeeded)
    session.flush()
    with pytest.raises(StaleClaimError):
        launch.settle(session, claimed, exit_code=0, first_step=0)
