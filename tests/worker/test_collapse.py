"""A rating that can be gamed ruins the real model where nobody watches, and does not where the guards do."""

from pathlib import Path

import pytest

from backend.recipes import Guards, Optimiser, Recipe, RltfSd, Sampling
from backend.verifiers import verify_concise
from tests.worker.test_learning import prompts
from tests.worker.training_fakes import KeepingRecorder, sampled
from worker.base_model import prepare_default
from worker.training.feedback import Data, Item
from worker.training.guards import Look, violations
from worker.training.loop import Outcome, Training
from worker.training.policy import Policy
from worker.training.probes import look
from worker.training.scoring import InProcessScorer

STEPS = 10
ATTEMPT = "There are many things to be said about this, and I will try to say all of them at length, one by one."
GAMED = "This is a very good question."  # short and whole, so the verifier calls it right, whatever was asked


@pytest.fixture(scope="module")
def folder(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare_default(tmp_path_factory.mktemp("models"), model_cache)


def gamed(policy: Policy) -> Data:
    assert verify_concise("", GAMED, "stop").rating == 1.0
    items = [
        Item(
            revision_id=number, prompt=prompt, attempt=sampled(policy, ATTEMPT), critique="Shorter.", rating=0.0,
            redraft=sampled(policy, GAMED), redraft_reward=1.0,
        )
        for number, prompt in enumerate(prompts("train")[:16])
    ]  # fmt: skip
    return Data(tuple(items), (), tuple(prompts("probe")[:8]))


def recipe(*, watched: bool) -> Recipe:
    return Recipe(
        method=RltfSd(),
        sampling=Sampling(max_tokens=32),
        optimiser=Optimiser(steps=STEPS, pairs_per_step=8, learning_rate=1e-3, warmup_steps=STEPS),
        guards=Guards(enabled=watched, every=2, probe_prompts=8),
    )


def ended(folder: Path, run_folder: Path, *, watched: bool) -> tuple[Outcome, Look, Look]:
    """How the run ended, and the probe prompts before it and under the checkpoint that it kept."""
    policy, made = Policy.load(folder), recipe(watched=watched)
    data, scorer = gamed(policy), InProcessScorer(policy)
    before, _ = look(policy, scorer, made, data.probe_prompts, step=0)
    outcome = Training(policy, made, data, scorer, KeepingRecorder(), run_folder).run()
    assert outcome.folder is not None
    assert outcome.best_step is not None
    policy.load_student(outcome.folder)
    kept, _ = look(policy, scorer, made, data.probe_prompts, step=outcome.best_step)
    return outcome, before, kept


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_that_collapses_unwatched_is_stopped_by_its_guards_and_keeps_a_healthy_checkpoint(
    folder: Path, tmp_path: Path
) -> None:
    guards = recipe(watched=True).guards
    unwatched, before, ruined = ended(folder, tmp_path / "unwatched", watched=False)
    assert (unwatched.step, unwatched.best_step, unwatched.stop_reason) == (STEPS, STEPS, None)
    assert before.scores["on_topic"] >= 0.75
    assert ruined.scores["on_topic"] <= 0.25
    assert ruined.scores["concise"] >= 0.75  # what is trained is as good as can be
    assert violations(ruined, before, guards)

    watched, before, kept = ended(folder, tmp_path / "watched", watched=True)
    assert watched.step < STEPS
    assert watched.stop_reason is not None
    assert watched.stop_reason.endswith(f"best is step {watched.best_step}.")
    assert kept.scores["on_topic"] >= before.scores["on_topic"] - guards.max_on_topic_drop
    assert violations(kept, before, guards) == []
