"""What becomes of a run whose process ended without a word."""

import signal
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from backend.database import Sessions, transaction
from backend.domain import claims, runs
from backend.domain.claims import Claim, StaleClaimError
from backend.models import Run, RunMetric, Snapshot, WorkState
from backend.recipes import Guards, Optimiser, Recipe, Sdpo
from tests import factories
from tests.tiny_model import make_tiny_model
from worker.training import launch
from worker.training.group import Group


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


def queued(sessions: Sessions, recipe: Recipe, model: Path) -> int:
    """A run on two critiques of a tiny base model's answers."""
    with transaction(sessions) as session:
        owner = factories.user(session)
        project = factories.project(session, owner)
        for text in ("What is rain?", "What is snow?"):
            factories.submitted(session, project, factories.attempt(session, project, text), owner)
        base = factories.base(session)
        base.path = str(model)
        return runs.create(session, factories.access(project, owner), name=None, recipe=recipe, base=base).id


def test_a_run_of_two_processes_is_reported_once_and_ends_with_one_checkpoint(
    committed: Sessions, committed_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    optimiser = Optimiser(steps=2, pairs_per_step=2, learning_rate=1e-3)
    recipe = Recipe(method=Sdpo(), optimiser=optimiser, guards=Guards(enabled=False), processes=2, sharding="fsdp2")
    run_id = queued(committed, recipe, make_tiny_model(tmp_path / "base"))
    for name, value in {
        "REDRAFT_DATABASE_URL": committed_url, "REDRAFT_DATA_DIR": str(tmp_path), "OMP_NUM_THREADS": "2",
        "OMP_WAIT_POLICY": "PASSIVE",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    launch.execute(committed, run_id)
    with committed() as session:
        run = session.get_one(Run, run_id)
        assert (run.state, run.error, run.done) == (WorkState.succeeded, None, 2)
        assert run.best_checkpoint_id is not None
        assert session.query(RunMetric).filter_by(run_id=run_id, name="loss/total").count() == 2
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == [f"demo-run{run_id}-step2"]


def test_a_run_that_cannot_be_watched_any_longer_leaves_no_process_behind(
    committed: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = queued(committed, Recipe(method=Sdpo(), guards=Guards(enabled=False)), tmp_path / "base")
    watched: list[Group] = []

    def lose_sight(_sessions: Sessions, _claimed: Claim, group: Group) -> int:
        watched.append(group)
        raise OSError("no database, no worker")

    monkeypatch.setattr(launch, "_see_through", lose_sight)
    with pytest.raises(OSError, match="no database"):
        launch.execute(committed, run_id)
    assert watched[0].wait(0) == -signal.SIGKILL
