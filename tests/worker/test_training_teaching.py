"""Teachers: they say something else only where they read or weigh something else, and they follow as they should."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from backend import contexts
from backend.recipes import (
    Correction,
    Divergence,
    Feedback,
    Guards,
    MethodPart,
    Optimiser,
    Recipe,
    Rules,
    Sampling,
    Sdpo,
    SdZero,
    Teacher,
    Trd,
)
from tests.tiny_model import make_tiny_adapter, make_tiny_model
from tests.worker.training_fakes import KeepingRecorder, KilledError, KillingRecorder, LengthScorer, data
from worker.objective.batching import encode, pack
from worker.objective.fused import row_losses
from worker.objective.methods import METHODS
from worker.objective.types import Episode, Turn
from worker.training.loop import Training
from worker.training.policy import Policy
from worker.training.teaching import Teaching, teacher_of

MEASURES = [
    Divergence(name=name, support=support, top_k=5)
    for name, support in [
        ("forward_kl", "full"), ("reverse_kl", "full"), ("jensen_shannon", "full"),
        ("jensen_shannon", "student_topk_tail"), ("reverse_kl", "student_topk_renormalised"),
        ("forward_kl", "teacher_topk_renormalised"), ("reverse_kl", "sampled"),
    ]
]  # fmt: skip
TEACHERS = [
    Teacher(weights=weights, every=2) for weights in ("live", "start", "base", "ema", "synchronised", "trust_region")
]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("base"))


def recipe(method: MethodPart, *, steps: int = 4) -> Recipe:
    return Recipe(
        method=method,
        feedback=Feedback(attempts="stored"),
        optimiser=Optimiser(steps=steps, pairs_per_step=4, learning_rate=5e-3, micro_batch_tokens=256),
        sampling=Sampling(max_tokens=12),
        guards=Guards(enabled=False),
    )


def same_context(policy: Policy) -> list[Episode]:
    """Episodes whose redraft, and whose teacher, read the prompt alone."""
    found = []
    for item in data(policy).items:
        answer = Turn(item.attempt.token_ids, item.attempt.text, 0.0, item.attempt.logprobs)
        prompt = tuple(contexts.student(item.prompt.messages))
        found.append(Episode(item.prompt.id, prompt, answer, redraft_context=prompt, redraft=answer))
    return found


def five_steps(policy: Policy, method: Sdpo | Trd) -> None:
    teaching = Teaching(policy, teacher_of(method))
    optimiser = torch.optim.AdamW(policy.trained().values(), lr=1e-2, weight_decay=0.0)
    objective = METHODS[method.name](same_context(policy), method)
    terms = list(objective.terms.values())
    for step in range(1, 6):
        optimiser.zero_grad()
        for batch in pack(encode(objective, policy.encode_chat), budget=10_000):
            targets = teaching.targets(batch, terms)
            hidden_RD = policy.hidden(batch.ids_BT).flatten(0, 1)[batch.rows.position_R]
            torch.autograd.backward(row_losses(hidden_RD, policy.head_VD, batch.rows, terms, targets).total)
        optimiser.step()
        teaching.after_step(step)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: f"{m.name}-{m.support}")
@pytest.mark.parametrize("method", [Sdpo, Trd])
def test_a_teacher_that_reads_the_same_changes_no_bit_in_five_steps(
    base: Path, method: type[Sdpo] | type[Trd], measure: Divergence
) -> None:
    policy = Policy.load(base, dtype=torch.float32)
    before = {name: weight.detach().clone() for name, weight in policy.trained().items()}
    five_steps(policy, method(divergence=measure, teacher=Teacher(weights="live"), correction=Correction()))
    assert all(torch.equal(before[name], weight) for name, weight in policy.trained().items())


@pytest.mark.parametrize("teacher", TEACHERS, ids=lambda t: t.weights)
def test_with_any_weights_a_teacher_that_is_the_student_changes_no_bit(base: Path, teacher: Teacher) -> None:
    policy = Policy.load(base, dtype=torch.float32)
    before = {name: weight.detach().clone() for name, weight in policy.trained().items()}
    five_steps(policy, Sdpo(teacher=teacher))
    assert all(torch.equal(before[name], weight) for name, weight in policy.trained().items())


def test_a_critique_in_the_teachers_context_does_change_the_student(base: Path, tmp_path: Path) -> None:
    policy, recorder = Policy.load(base, dtype=torch.float32), KeepingRecorder()
    before = {name: weight.detach().clone() for name, weight in policy.trained().items()}
    Training(policy, recipe(Sdpo()), data(policy), LengthScorer(), recorder, tmp_path).run()
    assert not all(torch.equal(before[name], weight) for name, weight in policy.trained().items())
    assert recorder.series("divergence/attempts")[0] > 0


def weights_of(policy: Policy, adapter: str) -> dict[str, torch.Tensor]:
    return {
        name.replace(f".{adapter}.", "."): weight.detach().clone()
        for name, weight in policy._model.named_parameters()
        if f".{adapter}." in name
    }


def test_a_moving_average_goes_its_share_of_the_way(base: Path) -> None:
    policy = Policy.load(base, dtype=torch.float32)
    teaching = Teaching(policy, Teacher(weights="ema", rate=0.25))
    old = weights_of(policy, "teacher")
    with torch.no_grad():
        for weight in policy.trained().values():
            weight.add_(1.0)
    teaching.after_step(1)
    for name, weight in weights_of(policy, "teacher").items():
        assert torch.allclose(weight, old[name] + 0.25)


def test_a_copied_teacher_waits_for_its_step(base: Path) -> None:
    policy = Policy.load(base, dtype=torch.float32)
    teaching = Teaching(policy, Teacher(weights="synchronised", every=2))
    with torch.no_grad():
        for weight in policy.trained().values():
            weight.add_(1.0)
    teaching.after_step(1)
    assert not torch.equal(*(next(iter(weights_of(policy, name).values())) for name in ("teacher", "student")))
    teaching.after_step(2)
    student = weights_of(policy, "student")
    assert all(torch.equal(weight, student[name]) for name, weight in weights_of(policy, "teacher").items())


def test_the_start_checkpoint_and_not_the_base_teaches_a_run_from_an_adapter(base: Path, tmp_path: Path) -> None:
    start = make_tiny_adapter(base, tmp_path, seed=3)
    policy = Policy.load(base, start=start, dtype=torch.float32)
    objective = METHODS["sdpo"](same_context(policy), Sdpo())
    (batch,) = pack(encode(objective, policy.encode_chat), budget=10_000)
    hidden = {
        weights: Teaching(policy, Teacher(weights=weights)).targets(batch, list(objective.terms.values()))["teacher"]
        for weights in ("start", "base", "live")
    }
    assert torch.equal(hidden["start"].hidden_RD, hidden["live"].hidden_RD)
    assert not torch.equal(hidden["start"].hidden_RD, hidden["base"].hidden_RD)


@pytest.mark.parametrize("teacher", TEACHERS[3:], ids=lambda t: t.weights)
def test_a_killed_run_with_a_moving_teacher_ends_with_the_same_bits(
    base: Path, tmp_path: Path, teacher: Teacher
) -> None:
    method = Sdpo(teacher=teacher)
    made = replace_guards(recipe(method, steps=5))
    policies = []
    for folder, kill_at in (("whole", 0), ("killed", 4)):
        policy = Policy.load(base, dtype=torch.float32)
        if kill_at:
            recorder = KillingRecorder(kill_at=kill_at)
            with pytest.raises(KilledError):
                Training(policy, made, data(policy), LengthScorer(), recorder, tmp_path / folder).run()
            policy = Policy.load(base, dtype=torch.float32)
        Training(policy, made, data(policy), LengthScorer(), KeepingRecorder(), tmp_path / folder).run()
        policies.append(policy)
    for adapter in ("student", *(["teacher"] if policies[0].has_teacher else [])):
        one, other = (weights_of(policy, adapter) for policy in policies)
        assert all(torch.equal(weight, other[name]) for name, weight in one.items())


def replace_guards(made: Recipe) -> Recipe:
    lenient = Guards(
        every=2, probe_prompts=4, max_drift=100, min_length_ratio=0, max_length_ratio=100, max_repetition=1,
        max_entropy_change=10, max_on_topic_drop=1, patience=100,
    )  # fmt: skip
    return made.model_copy(update={"guards": lenient})


def test_a_conversation_that_ends_with_the_assistants_words_goes_on_in_them(base: Path) -> None:
    policy = Policy.load(base, dtype=torch.float32)
    prompt = data(policy).items[0].prompt.messages
    begun = contexts.after_verdict(prompt, "A lung.", right=False)
    ids = policy.encode_chat(begun)
    assert ids[: len(policy.encode_chat(prompt))] == policy.encode_chat(prompt)
    assert policy.end_id not in ids[len(policy.encode_chat(prompt)) :]


def test_base_weights_are_the_same_bits_after_a_run_of_every_teacher(base: Path, tmp_path: Path) -> None:
    for number, method in enumerate((Sdpo(), SdZero(), Trd(), Rules())):
        policy = Policy.load(base, dtype=torch.float32)
        frozen = {n: w.detach().clone() for n, w in policy._model.named_parameters() if ".lora_" not in n}
        ruled = replace(data(policy), rules=("Be brief.",))
        Training(
            policy, recipe(method, steps=2), ruled, LengthScorer(), KeepingRecorder(), tmp_path / str(number)
        ).run()
        after = dict(policy._model.named_parameters())
        assert all(torch.equal(weight, after[name]) for name, weight in frozen.items())
