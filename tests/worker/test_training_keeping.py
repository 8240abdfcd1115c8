"""What an unchanging teacher makes of answers that come again is computed once, and nobody can tell from the result."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from backend import contexts
from backend.recipes import Feedback, Matching, Opsd, Optimiser, Recipe, Sampling, Sdpo, Teacher, Trd
from tests.tiny_model import make_tiny_adapter, make_tiny_model
from tests.worker.test_training_loop import LENIENT
from tests.worker.training_fakes import KeepingRecorder, KilledError, KillingRecorder, LengthScorer, data, item
from worker.objective.batching import encode, pack
from worker.objective.methods import METHODS
from worker.objective.types import Batch, Episode, Term, Turn
from worker.training import loop
from worker.training.feedback import Data
from worker.training.keeping import KeptStates
from worker.training.loop import Training
from worker.training.policy import Policy, View
from worker.training.teaching import Teaching, kept_for, teacher_of


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def start(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_adapter(base, tmp_path_factory.mktemp("start"), seed=3)


def recipe(method: Matching, *, steps: int = 8) -> Recipe:
    return Recipe(
        method=method,
        optimiser=Optimiser(steps=steps, pairs_per_step=4, learning_rate=5e-3, micro_batch_tokens=256),
        sampling=Sampling(max_tokens=8),
        guards=LENIENT,
    )  # fmt: skip


def collected(policy: Policy) -> Data:
    """Critiques and references of different lengths, so that answers meet in batches of different shapes."""
    items = [item(policy, number, rating=0.5) for number in range(6)]
    return data(
        policy,
        [
            replace(
                one,
                critique="Shorter! " * (1 + place),
                prompt=replace(one.prompt, reference="Air. " * (1 + place)),
            )
            for place, one in enumerate(items)
        ],
    )


def trained(
    base: Path, folder: Path, made: Recipe, *, start: Path | None = None
) -> tuple[dict[str, torch.Tensor], KeepingRecorder]:
    policy, recorder = Policy.load(base, start=start, dtype=torch.float32), KeepingRecorder()
    Training(policy, made, collected(policy), LengthScorer(), recorder, folder).run()
    return {name: weight.detach().clone() for name, weight in policy.trained().items()}, recorder


def with_room(monkeypatch: pytest.MonkeyPatch, limit: int | None) -> None:
    monkeypatch.setattr(loop, "kept_for", lambda _recipe: None if limit is None else KeptStates(limit))


TAUGHT = [
    Trd(),
    Opsd(),
    Sdpo(teacher=Teacher(weights="base")),
    Sdpo(teacher=Teacher(weights="trust_region"), drift_coefficient=0.1),
]


@pytest.mark.parametrize("method", TAUGHT, ids=lambda m: f"{m.name}-{m.teacher.weights}")
def test_how_much_is_kept_changes_no_bit(
    base: Path, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: Matching
) -> None:
    found = []
    for limit in (2**28, 4096, 0):
        with_room(monkeypatch, limit)
        found.append(trained(base, tmp_path / str(limit), recipe(method), start=start))
    for weights, recorder in found[1:]:
        assert all(torch.equal(weight, weights[name]) for name, weight in found[0][0].items())
        assert recorder.numbers == found[0][1].numbers


@pytest.mark.parametrize("method", TAUGHT, ids=lambda m: f"{m.name}-{m.teacher.weights}")
def test_a_teacher_that_is_kept_teaches_what_one_that_reads_in_batches_does(
    base: Path, start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: Matching
) -> None:
    _, one_by_one = trained(base, tmp_path / "kept", recipe(method), start=start)
    with_room(monkeypatch, None)
    _, in_batches = trained(base, tmp_path / "batches", recipe(method), start=start)
    assert one_by_one.series("loss/total") == pytest.approx(in_batches.series("loss/total"), rel=1e-3, abs=1e-5)


def test_a_killed_run_that_begins_with_nothing_kept_ends_with_the_same_bits(base: Path, tmp_path: Path) -> None:
    made = recipe(Trd())
    whole, _ = trained(base, tmp_path / "whole", made)
    policy = Policy.load(base, dtype=torch.float32)
    with pytest.raises(KilledError):
        Training(policy, made, collected(policy), LengthScorer(), KillingRecorder(kill_at=5), tmp_path / "killed").run()
    resumed, recorder = trained(base, tmp_path / "killed", made)
    assert any(kind == "resumed" for _, kind, _ in recorder.events)
    assert all(torch.equal(weight, resumed[name]) for name, weight in whole.items())


class CountingPolicy:
    """Counts what is read as whom."""

    def __init__(self, policy: Policy) -> None:
        self.read: list[tuple[int, ...]] = []
        self._policy, self._plain = policy, policy.hidden
        policy.hidden = self._hidden  # type: ignore[method-assign]

    def _hidden(self, ids_BT: torch.Tensor) -> torch.Tensor:
        self.read.append(tuple(ids_BT.shape))
        return self._plain(ids_BT)


def test_after_the_first_epoch_the_teacher_reads_nothing_more(base: Path, tmp_path: Path) -> None:
    passes = {}
    for steps in (3, 6):  # six answers, four a step: three steps read each at least once
        policy = Policy.load(base, dtype=torch.float32)
        made = recipe(Trd(), steps=steps)
        made = made.model_copy(update={"guards": made.guards.model_copy(update={"enabled": False})})
        counting = CountingPolicy(policy)
        Training(policy, made, collected(policy), LengthScorer(), KeepingRecorder(), tmp_path / str(steps)).run()
        passes[steps] = [shape for shape in counting.read if shape[0] == 1]
    assert len(passes[3]) >= 6
    assert len(passes[6]) <= len(passes[3]) + 3  # an answer of the student's that fills a micro-batch alone


def batch_of(policy: Policy, *, same: bool) -> tuple[Batch, list[Term]]:
    episodes = []
    for one in collected(policy).items:
        prompt = tuple(contexts.student(one.prompt.messages))
        read = prompt if same else tuple(contexts.redraft(one.prompt.messages, one.attempt.text, one.critique))
        answer = Turn(one.attempt.token_ids, one.attempt.text, 0.0, one.attempt.logprobs)
        episodes.append(Episode(one.prompt.id, prompt, answer, redraft_context=read, redraft=answer))
    objective = METHODS["trd"](episodes, Trd())
    (batch,) = pack(encode(objective, policy.encode_chat), budget=100_000)
    return batch, list(objective.terms.values())


def test_a_kept_teacher_says_what_one_that_reads_the_batch_says(base: Path, start: Path) -> None:
    policy = Policy.load(base, start=start, dtype=torch.float32)
    batch, terms = batch_of(policy, same=False)
    kept = KeptStates()
    for weights in ("start", "base"):
        settings = Teacher(weights=weights)
        plain = Teaching(policy, settings).targets(batch, terms)["teacher"].hidden_RD
        for _ in range(2):
            found = Teaching(policy, settings, kept).targets(batch, terms)["teacher"].hidden_RD
            torch.testing.assert_close(found, plain, atol=1e-5, rtol=1e-4)
    assert kept.bytes == 2 * plain.nbytes


def test_who_reads_what_the_student_reads_goes_through_its_very_pass(base: Path, start: Path) -> None:
    policy = Policy.load(base, start=start, dtype=torch.float32)
    batch, terms = batch_of(policy, same=True)
    kept = KeptStates()
    found = Teaching(policy, teacher_of(Trd()), kept).targets(batch, terms)["teacher"].hidden_RD
    student_RD = policy.hidden(batch.ids_BT).flatten(0, 1)[batch.rows.position_R]
    assert torch.equal(found, student_RD)
    assert kept.bytes == 0


@pytest.mark.parametrize("weights", ["live", "ema", "synchronised"])
def test_nothing_is_kept_of_a_teacher_that_moves(base: Path, weights: View) -> None:
    policy = Policy.load(base, dtype=torch.float32)
    batch, terms = batch_of(policy, same=False)
    kept = KeptStates()
    Teaching(policy, Teacher(weights=weights), kept).targets(batch, terms)  # type: ignore[arg-type]
    assert kept.bytes == 0


@pytest.mark.parametrize(
    ("changed", "keeps"),
    [
        ({}, True),
        ({"feedback": Feedback(redrafts="start")}, True),
        ({"feedback": Feedback(redrafts="live")}, False),
        ({"feedback": Feedback(attempts="live", redrafts="start")}, False),
        ({"method": Sdpo(), "feedback": Feedback(redrafts="live")}, True),  # it learns from attempts alone
        ({"processes": 2}, True),
        ({"processes": 2, "sharding": "fsdp2"}, False),
    ],
)
def test_only_what_can_come_again_is_kept(changed: dict[str, object], keeps: bool) -> None:
    made = Recipe.model_validate({"method": Trd(), **changed})
    assert (kept_for(made) is not None) == keeps


def test_the_longest_unused_leave_first() -> None:
    kept, made = KeptStates(limit=32), []

    def find(name: str) -> None:
        kept.find(("start", tuple(name.encode()), (0,)), lambda: made.append(name) or torch.zeros(1, 4))

    for name in ("a", "b", "a", "c", "a", "b"):  # room for two: b leaves for c
        find(name)
    assert made == ["a", "b", "c", "b"]
    assert kept.bytes == 32
