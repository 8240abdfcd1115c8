"""The loop on a tiny model: it learns, stops, keeps the best, and goes on exactly where it was."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from backend.recipes import Feedback, Guards, Optimiser, Recipe, RltfSd, Sampling, Sft
from tests.tiny_model import make_tiny_adapter, make_tiny_model
from tests.worker.training_fakes import KeepingRecorder, KilledError, KillingRecorder, LengthScorer, data, item
from worker.training.feedback import Data
from worker.training.loop import Outcome, Training, TrainingError
from worker.training.policy import Policy
from worker.training.scoring import answer_logprobs
from worker.training.updating import learning_rate

LENIENT = Guards(
    every=2, probe_prompts=4, max_drift=100, min_length_ratio=0, max_length_ratio=100, max_repetition=1,
    max_entropy_change=10, max_on_topic_drop=1, patience=100,
)  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("base"))


def recipe(**parts: object) -> Recipe:
    common: dict[str, object] = {
        "optimiser": Optimiser(steps=5, pairs_per_step=4, learning_rate=5e-3, micro_batch_tokens=256),
        "sampling": Sampling(max_tokens=12),
        "guards": LENIENT,
    }
    return Recipe.model_validate(common | parts)


def load(base: Path, start: Path | None = None) -> Policy:
    return Policy.load(base, start=start, dtype=torch.float32)


def train(
    base: Path, folder: Path, made: Recipe, recorder: KeepingRecorder, *, scorer: LengthScorer | None = None,
    feedback: Data | None = None,
) -> Outcome:  # fmt: skip
    policy = load(base)
    return Training(policy, made, feedback or data(policy), scorer or LengthScorer(), recorder, folder).run()


def weights(outcome: Outcome) -> dict[str, torch.Tensor]:
    assert outcome.folder is not None
    found: dict[str, torch.Tensor] = load_file(outcome.folder / "adapter_model.safetensors")
    return found


def redrafts_under_prompts(policy: Policy, feedback: Data) -> list[tuple[list[int], tuple[int, ...]]]:
    return [
        (policy.encode_chat(item.prompt.messages), item.redraft.token_ids)
        for item in feedback.items
        if item.redraft is not None
    ]


def test_redrafts_that_were_right_become_likely_under_the_prompt_alone(base: Path, tmp_path: Path) -> None:
    policy, recorder = load(base), KeepingRecorder()
    feedback = data(policy)
    pairs = redrafts_under_prompts(policy, feedback)
    before = [sum(row) for row in answer_logprobs(policy, pairs, view="student")]
    Training(policy, recipe(), feedback, LengthScorer(), recorder, tmp_path).run()
    after = [sum(row) for row in answer_logprobs(policy, pairs, view="student")]
    assert all(late > early + 1 for early, late in zip(before, after, strict=True))


def test_redrafts_that_were_wrong_become_unlikely_where_the_attempts_were_right(base: Path, tmp_path: Path) -> None:
    policy, recorder = load(base), KeepingRecorder()
    feedback = data(policy, [item(policy, number, rating=1.0, reward=0.0) for number in range(6)])
    pairs = redrafts_under_prompts(policy, feedback)
    before = [sum(row) for row in answer_logprobs(policy, pairs, view="student")]
    made = recipe(
        method=RltfSd(log_prob_floor=-12.0), optimiser=Optimiser(steps=2, pairs_per_step=4, learning_rate=1e-3)
    )
    Training(policy, made, feedback, LengthScorer(), recorder, tmp_path).run()
    after = [sum(row) for row in answer_logprobs(policy, pairs, view="student")]
    assert all(late < early for early, late in zip(before, after, strict=True))


def test_fine_tuning_learns_the_edits(base: Path, tmp_path: Path) -> None:
    policy, recorder = load(base), KeepingRecorder()
    feedback = data(policy, [item(policy, number, edit="A lung is an organ.") for number in range(4)])
    outcome = Training(policy, recipe(method=Sft()), feedback, LengthScorer(), recorder, tmp_path).run()
    losses = recorder.series("loss/answers")
    assert losses[-1] < 0.7 * losses[0]
    assert outcome.usage["edits"] == 20


def test_every_step_reports_and_every_look_is_saved(base: Path, tmp_path: Path) -> None:
    recorder = KeepingRecorder()
    outcome = train(base, tmp_path, recipe(), recorder)
    assert (outcome.ending, outcome.step, outcome.stop_reason) == ("finished", 5, None)
    assert len(recorder.series("loss/total")) == len(recorder.series("optim/grad_norm")) == 5
    assert recorder.saves == [0, 2, 4, 5]
    assert sorted(recorder.probes) == [0, 2, 4, 5]
    assert {"probe/concise", "probe/on_topic", "drift/kl", "policy/entropy", "rollout/length_mean"} <= {
        name for _, name in recorder.numbers
    }
    assert outcome.usage["recorded_redrafts"] == outcome.usage["stored_attempts"] > 0


def test_drift_is_nothing_before_training_and_something_after(base: Path, tmp_path: Path) -> None:
    recorder = KeepingRecorder()
    train(base, tmp_path, recipe(), recorder)
    drift = recorder.series("drift/kl")
    assert drift[0] == pytest.approx(0, abs=1e-6)
    assert drift[-1] > 0.01


def test_a_drift_penalty_holds_the_policy_back(base: Path, tmp_path: Path) -> None:
    free, held = KeepingRecorder(), KeepingRecorder()
    train(base, tmp_path / "free", recipe(), free)
    train(base, tmp_path / "held", recipe(method=RltfSd(drift_coefficient=5.0)), held)
    assert held.series("drift/kl")[-1] < 0.5 * free.series("drift/kl")[-1]
    assert held.series("loss/drift")[0] == pytest.approx(0, abs=1e-6)


def test_only_the_best_and_the_last_state_stay_on_disk(base: Path, tmp_path: Path) -> None:
    outcome = train(base, tmp_path, recipe(), KeepingRecorder(), scorer=LengthScorer([1.0, 1.0, 0.2, 0.1]))
    assert outcome.best_step == 2
    assert sorted(path.name for path in tmp_path.glob("step-*")) == ["step-000002", "step-000005"]
    assert outcome.folder == tmp_path / "step-000002"


def test_a_guard_stops_the_run_and_keeps_the_best(base: Path, tmp_path: Path) -> None:
    strict = LENIENT.model_copy(update={"max_on_topic_drop": 0.15})
    recorder = KeepingRecorder()
    outcome = train(base, tmp_path, recipe(guards=strict), recorder, scorer=LengthScorer([1.0, 1.0, 0.5]))
    assert (outcome.ending, outcome.step, outcome.best_step) == ("finished", 4, 2)
    assert outcome.stop_reason == "Stopped at step 4: on_topic fell by 0.50 > 0.15; best is step 2."
    assert (4, "guard", outcome.stop_reason) in recorder.events


def test_a_run_that_never_was_healthy_has_no_checkpoint_to_trust(base: Path, tmp_path: Path) -> None:
    strict = LENIENT.model_copy(update={"max_on_topic_drop": 0.15})
    outcome = train(base, tmp_path, recipe(guards=strict), KeepingRecorder(), scorer=LengthScorer([1.0, 0.2]))
    assert (outcome.step, outcome.best_step, outcome.folder) == (2, None, None)


def test_without_guards_the_last_step_is_kept(base: Path, tmp_path: Path) -> None:
    recorder = KeepingRecorder()
    outcome = train(base, tmp_path, recipe(guards=Guards(enabled=False)), recorder)
    assert (outcome.best_step, recorder.probes) == (5, {})


@pytest.mark.parametrize("redrafts", ["recorded", "start", "live"])
def test_a_killed_run_goes_on_to_the_very_same_weights(base: Path, tmp_path: Path, redrafts: str) -> None:
    made = recipe(
        feedback=Feedback.model_validate({"redrafts": redrafts}), method=RltfSd(drift_coefficient=0.1, baseline="none")
    )
    whole = KeepingRecorder()
    uninterrupted = train(base, tmp_path / "whole", made, whole)
    killed = KillingRecorder(kill_at=3)
    with pytest.raises(KilledError):
        train(base, tmp_path / "killed", made, killed)
    again = KeepingRecorder()
    resumed = train(base, tmp_path / "killed", made, again)
    assert (2, "resumed", "Going on from step 2.") in again.events
    assert resumed.usage == uninterrupted.usage
    assert resumed.actual["tokens"] == uninterrupted.actual["tokens"]
    for name, weight in weights(uninterrupted).items():
        assert torch.equal(weight, weights(resumed)[name])
    kept = {key: value for key, value in killed.numbers.items() if key[0] <= 2}
    assert kept | again.numbers == whole.numbers


def test_a_stopped_run_saves_the_step_it_reached_and_can_go_on(base: Path, tmp_path: Path) -> None:
    whole = train(base, tmp_path / "whole", recipe(), KeepingRecorder())
    recorder = KeepingRecorder(stop_at=3, request="hand_back")
    stopped = train(base, tmp_path / "stopped", recipe(), recorder)
    assert (stopped.ending, stopped.step) == ("hand_back", 3)
    assert recorder.saves == [0, 2, 3]
    resumed = train(base, tmp_path / "stopped", recipe(), KeepingRecorder())
    assert (resumed.ending, resumed.step) == ("finished", 5)
    assert all(torch.equal(weight, weights(resumed)[name]) for name, weight in weights(whole).items())


def test_a_cancelled_run_keeps_its_best(base: Path, tmp_path: Path) -> None:
    outcome = train(base, tmp_path, recipe(), KeepingRecorder(stop_at=2))
    assert (outcome.ending, outcome.step, outcome.best_step) == ("cancel", 2, 2)


def test_a_crash_while_saving_leaves_the_state_before(base: Path, tmp_path: Path) -> None:
    train(base, tmp_path, recipe(), KeepingRecorder(stop_at=2))
    torn = tmp_path / ".step-000004"
    torn.mkdir()
    (torn / "adapter_model.safetensors").write_bytes(b"half")
    recorder = KeepingRecorder()
    train(base, tmp_path, recipe(), recorder)
    assert (2, "resumed", "Going on from step 2.") in recorder.events


def test_the_size_of_micro_batches_does_not_change_what_is_learned(base: Path, tmp_path: Path) -> None:
    def learned(budget: int) -> dict[str, torch.Tensor]:
        optimiser = Optimiser(steps=2, pairs_per_step=6, learning_rate=1e-3, micro_batch_tokens=budget)
        made = recipe(optimiser=optimiser, guards=Guards(enabled=False))
        return weights(train(base, tmp_path / str(budget), made, KeepingRecorder()))

    small, large = learned(16), learned(4096)
    assert all(torch.allclose(weight, large[name], atol=1e-5) for name, weight in small.items())


def test_a_second_run_starts_from_the_first_and_measures_drift_from_there(base: Path, tmp_path: Path) -> None:
    start = make_tiny_adapter(base, tmp_path / "start")
    policy, recorder = load(base, start), KeepingRecorder()
    Training(policy, recipe(), data(policy), LengthScorer(), recorder, tmp_path / "run").run()
    drift = recorder.series("drift/kl")
    assert drift[0] == pytest.approx(0, abs=1e-5)
    assert drift[-1] > 0


def test_a_loss_that_is_no_number_ends_the_run_with_the_cure(base: Path, tmp_path: Path) -> None:
    policy = load(base)
    with torch.no_grad():
        next(iter(policy.trained().values())).fill_(float("nan"))
    made = recipe(guards=Guards(enabled=False))
    with pytest.raises(TrainingError, match="Lower the learning rate"):
        Training(policy, made, data(policy), LengthScorer(), KeepingRecorder(), tmp_path).run()


def test_a_run_without_signal_changes_nothing_and_does_not_pass_for_one_that_learned(
    base: Path, tmp_path: Path
) -> None:
    policy, recorder = load(base), KeepingRecorder()
    feedback = data(policy, [item(policy, number, rating=1.0, reward=1.0) for number in range(4)])
    before = {name: weight.detach().clone() for name, weight in policy.trained().items()}
    outcome = Training(policy, recipe(), feedback, LengthScorer(), recorder, tmp_path).run()
    assert (outcome.best_step, outcome.folder) == (None, None)
    assert "every weight was 0" in (outcome.stop_reason or "")
    assert all(torch.equal(weight, before[name]) for name, weight in policy.trained().items())
    assert recorder.series("optim/grad_norm") == [0.0] * 5


def test_the_rate_warms_up_and_falls() -> None:
    settings = Optimiser(steps=4, learning_rate=0.1, warmup_steps=2, schedule="linear")
    assert [learning_rate(settings, step) for step in (1, 2, 3, 4)] == pytest.approx([0.05, 0.075, 0.05, 0.025])
