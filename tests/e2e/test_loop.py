"""The whole loop over REST on a tiny random model, and what happens when parts of it die."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import choose_password
from tests.e2e.rest import Rest
from tests.installation import RunningInstallation


@pytest.fixture(scope="module")
def rest(installation: RunningInstallation) -> Iterator[Rest]:
    made = Rest(installation, "loop")
    made.import_prompts()
    made.sample()
    assert made.annotate_all() == 6
    yield made
    made.close()


def test_what_people_wrote_is_trained_evaluated_promoted_served_and_rolled_back(rest: Rest) -> None:
    before = rest.chat("production")
    run_id = rest.launch()
    checkpoint = rest.published(run_id)
    assert checkpoint["state"] == "published", rest.installation.logs()
    assert checkpoint["probe_difference"] <= 0.05
    assert checkpoint["lineage"]["authors"] == {"annotator": 6}
    run = rest.get(f"/api/runs/{run_id}")
    assert run["usage"]["recorded_redrafts"] == 16
    assert run["usage"]["sampled_redrafts"] == 0

    base = next(c["id"] for c in rest.get("/api/projects/{p}/checkpoints")["items"] if c["kind"] == "base")
    evaluations = [
        rest.send("POST", "/api/projects/{p}/evaluations", {"checkpoint_id": found})["id"]
        for found in (base, checkpoint["id"])
    ]
    for evaluation in evaluations:
        assert rest.wait(f"/api/evaluations/{evaluation}")["state"] == "succeeded"
    compared = rest.get(f"/api/evaluations/{evaluations[0]}/compare/{evaluations[1]}")
    assert [score["name"] for score in compared["scores"]] == ["concise", "on_topic"]
    assert len(compared["rows"]) == 6

    path = "/api/projects/{p}/aliases/production"
    rest.send("PUT", path, {"checkpoint_id": checkpoint["id"], "reason": "an end-to-end test"})
    assert rest.chat("production") == rest.chat(checkpoint["name"])
    assert rest.chat("production") != before
    rest.send("PUT", path, {"checkpoint_id": base})
    assert rest.chat("production") == before


def test_a_second_run_starts_from_the_first_ones_checkpoint_and_drifts_from_there(rest: Rest) -> None:
    first = rest.published(rest.launch(steps=2))
    body = {
        "project": rest.project,
        "base": {"checkpoint_id": first["id"]},
        "recipe": {
            "method": {"name": "rltf-sd"},
            "optimiser": {"steps": 2, "pairs_per_step": 4, "learning_rate": 0.001},
            "sampling": {"max_tokens": 12},
            "guards": {"every": 1, "probe_prompts": 4, "max_entropy_change": 10, "max_drift": 100},
        },
    }
    run_id = rest.send("POST", "/api/runs", body)["id"]
    second = rest.published(run_id)
    assert second["parent_id"] == first["id"]
    drift = dict(rest.get(f"/api/runs/{run_id}/metrics")["series"]["drift/kl"])
    assert drift[0] == pytest.approx(0.0, abs=1e-6)
    assert drift[2] > 0


def test_a_live_run_makes_a_row_of_every_attempt_critique_and_redraft(rest: Rest) -> None:
    before = rest.get("/api/projects/{p}/progress")["critiques"]["verifier"]
    run_id = rest.launch(steps=2, feedback={"attempts": "live", "redrafts": "live"})
    run = rest.wait(f"/api/runs/{run_id}")
    assert run["state"] in ("succeeded", "failed"), run
    assert run["usage"]["live_attempts"] == 8
    assert rest.get("/api/projects/{p}/progress")["critiques"]["verifier"] == before + 8


def test_a_killed_training_process_is_resumed_and_its_metrics_have_no_gap_and_no_double(rest: Rest) -> None:
    run_id = rest.launch(steps=120)
    rest.wait(f"/api/runs/{run_id}", lambda run: run["done"] >= 5)
    for pid in rest.installation.pids("worker.training.run"):
        os.kill(pid, signal.SIGKILL)
    run = rest.wait(f"/api/runs/{run_id}")
    assert "resumed" in [event["kind"] for event in rest.get(f"/api/runs/{run_id}/events")]
    steps = [step for step, _ in rest.get(f"/api/runs/{run_id}/metrics")["series"]["loss/total"]]
    assert steps == list(range(1, run["done"] + 1))


def test_a_cancelled_run_stops_within_a_step_and_can_be_resumed(rest: Rest) -> None:
    run_id = rest.launch(steps=2000)
    rest.wait(f"/api/runs/{run_id}", lambda run: run["done"] >= 1)
    rest.send("POST", f"/api/runs/{run_id}/cancel", {})
    cancelled = rest.wait(f"/api/runs/{run_id}")
    assert cancelled["state"] == "cancelled"
    assert rest.send("POST", f"/api/runs/{run_id}/resume", {})["state"] == "queued"
    rest.wait(f"/api/runs/{run_id}", lambda run: run["state"] == "running")
    rest.send("POST", f"/api/runs/{run_id}/cancel", {})
    assert rest.wait(f"/api/runs/{run_id}")["state"] == "cancelled"


def test_an_engine_that_died_is_started_again_and_serves_its_adapters(rest: Rest) -> None:
    checkpoint = rest.published(rest.launch(steps=2))
    said = rest.chat(checkpoint["name"])
    for pid in rest.installation.pids("worker.engine.server"):
        os.kill(pid, signal.SIGKILL)
    body = {"model": "production", "messages": [{"role": "user", "content": "x"}], "max_tokens": 2}
    down = rest.http.post("/v1/chat/completions", json=body)
    assert down.status_code == 503
    assert down.json()["code"] == "engine_unavailable"
    rest.wait("/api/health", lambda found: bool(found["engine"]))
    assert rest.chat(checkpoint["name"]) == said


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInstallation]:
    with RunningInstallation(tmp_path_factory.mktemp("own")) as running:
        yield running


def test_killing_the_supervisor_leaves_no_process_and_the_run_goes_on_at_the_next_start(
    own: RunningInstallation,
) -> None:
    choose_password(own)
    rest = Rest(own, "crash")
    rest.import_prompts()
    rest.sample()
    rest.annotate_all()
    run_id = rest.launch(steps=120)
    rest.wait(f"/api/runs/{run_id}", lambda run: run["done"] >= 3)
    own.kill()
    deadline = time.monotonic() + 20
    while own.pids("") and time.monotonic() < deadline:
        time.sleep(0.2)
    assert own.pids("") == []
    own.output.clear()
    own.start()
    rest.reconnect()
    run = rest.wait(f"/api/runs/{run_id}")
    steps = [step for step, _ in rest.get(f"/api/runs/{run_id}/metrics")["series"]["loss/total"]]
    assert steps == list(range(1, run["done"] + 1))
    rest.close()
    assert own.stop() == 0
    assert own.pids("") == []
