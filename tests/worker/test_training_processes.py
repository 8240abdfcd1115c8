"""A run of several processes learns what one process learns, ends as one, and goes on where it stood."""

import json
import signal
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from backend.recipes import Divergence, Feedback, Optimiser, Recipe, RltfSd, Sampling, Sdpo, Teacher
from tests.tiny_model import make_tiny_model
from tests.worker import rank_program
from tests.worker.test_training_loop import LENIENT
from worker.training.group import Group

COMMON = {
    "optimiser": Optimiser(steps=4, pairs_per_step=4, learning_rate=5e-3, micro_batch_tokens=128),
    "sampling": Sampling(max_tokens=8),
    "guards": LENIENT,
}
LIVE = COMMON | {"method": RltfSd(drift_coefficient=0.1), "feedback": Feedback(redrafts="live")}
AFRESH = COMMON | {
    "method": RltfSd(drift_coefficient=0.1),
    "feedback": Feedback(attempts="live", redrafts="start"),
    "sampling": Sampling(max_tokens=8, attempts_per_prompt=2),
}
TAUGHT = COMMON | {
    "method": Sdpo(
        teacher=Teacher(weights="ema", rate=0.5), divergence=Divergence(name="jensen_shannon"), drift_coefficient=0.1
    )
}
PROGRAM = [sys.executable, "-m", "tests.worker.rank_program"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(autouse=True)
def one_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")


def run(base: Path, folder: Path, recipe: Recipe, *dies: str) -> int | None:
    """How the processes ended; none is left behind."""
    folder.mkdir(exist_ok=True)
    group = Group([*PROGRAM, str(base), str(folder), recipe.model_dump_json(), *dies], processes=recipe.processes)
    try:
        return group.wait(200)
    finally:
        group.kill()


def reported(folder: Path) -> dict[tuple[int, str], float]:
    found = json.loads((folder / "reported.json").read_text())
    return {(step, name): value for step, name, value in found["numbers"]}


def sampled(folder: Path) -> list[list[object]]:
    found: list[list[object]] = json.loads((folder / "reported.json").read_text())["sampled"]
    return found


def weights(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = load_file(folder / "step-000004" / "adapter_model.safetensors")
    return found


def assert_same(folder: Path, numbers: dict[tuple[int, str], float], other: Path) -> None:
    for name, weight in weights(other).items():
        torch.testing.assert_close(weights(folder)[name], weight, atol=2e-4, rtol=1e-3)
    assert reported(folder) == pytest.approx(numbers, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    ("parts", "sharding"),
    [
        pytest.param(LIVE, "none", id="redrafts"),
        pytest.param(AFRESH, "none", id="attempts and redrafts"),
        pytest.param(LIVE, "fsdp2", id="sampling, divided weights"),
        pytest.param(TAUGHT, "fsdp2", id="teacher, divided weights"),
    ],
)
def test_two_processes_learn_what_one_learns(
    base: Path, tmp_path: Path, parts: dict[str, object], sharding: str
) -> None:
    alone = rank_program.train(base, tmp_path / "alone", Recipe.model_validate(parts))
    two = Recipe.model_validate(parts | {"processes": 2, "sharding": sharding})
    assert run(base, tmp_path / "two", two) == 0
    assert_same(tmp_path / "two", alone.numbers, tmp_path / "alone")
    assert sampled(tmp_path / "two") == rank_program.what_was_sampled(alone)


def test_a_run_of_which_a_process_is_killed_ends_and_goes_on_where_it_stood(base: Path, tmp_path: Path) -> None:
    alone = rank_program.train(base, tmp_path / "alone", Recipe.model_validate(LIVE))
    two = Recipe.model_validate(LIVE | {"processes": 2})
    assert run(base, tmp_path / "two", two, "1") == -signal.SIGKILL
    assert run(base, tmp_path / "two", two) == 0
    events = json.loads((tmp_path / "two" / "reported.json").read_text())["events"]
    assert [2, "resumed", "Going on from step 2."] in events
    after = {key: value for key, value in alone.numbers.items() if key[0] > 2}
    assert_same(tmp_path / "two", after, tmp_path / "alone")


def shell(*lines: str) -> list[str]:
    return ["sh", "-c", 'case "$RANK" in ' + " ".join(f"{rank}) {line};;" for rank, line in enumerate(lines)) + " esac"]


def test_a_group_ends_with_the_first_that_fails() -> None:
    assert Group(shell("exec sleep 60", "exit 3"), processes=2).wait(10) == 3
    assert Group(shell("exec sleep 60", "exec sleep 60", "kill -9 $$"), processes=3).wait(10) == -signal.SIGKILL


def test_a_kill_tells_more_than_the_failures_that_follow_from_it() -> None:
    group = Group(shell("sleep 0.5; exit 1", "sleep 0.5; kill -9 $$"), processes=2)
    time.sleep(1)
    assert group.wait(10) == -signal.SIGKILL


def test_a_group_whose_first_process_has_ended_well_ends_well() -> None:
    assert Group(shell("exit 0", "exec sleep 60"), processes=2).wait(10) == 0


def test_a_group_that_works_is_waited_for_and_can_be_asked_to_end() -> None:
    group = Group(shell("trap 'exit 0' TERM; sleep 60 & wait", "exec sleep 60"), processes=2)
    assert group.wait(0.5) is None
    group.terminate()
    assert group.wait(10) in {0, -signal.SIGTERM}


def test_processes_share_the_cores_and_listen_on_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    said = f'echo "$RANK of $WORLD_SIZE, $OMP_NUM_THREADS threads on $GLOO_SOCKET_IFNAME" > {tmp_path}/$RANK; sleep 0.3'
    assert Group(["sh", "-c", said], processes=2).wait(10) == 0
    assert (tmp_path / "1").read_text() == "1 of 2, 2 threads on lo\n"
