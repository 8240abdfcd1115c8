"""What the engine computes, held against transformers and PEFT."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.tiny_model import make_tiny_adapter, make_tiny_model
from tests.worker.engine_parts import Waiting, greedy_reference, logprob_reference, reference_model, run
from worker.engine.generation import Model, Segment
from worker.engine.lora import Adapter, read_adapter
from worker.engine.rows import RowRequest
from worker.engine.sampling import Draw
from worker.engine.scheduler import Scheduler

TEXTS = (
    "What is a lung?",
    "Why is the sky blue? Air scatters blue light more than red light.",
    "The answer",
    "system user assistant, the quick brown fox jumps over the lazy dog. " * 3,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def adapter_folders(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [
        make_tiny_adapter(folder, tmp_path_factory.mktemp("one"), seed=1),
        make_tiny_adapter(folder, tmp_path_factory.mktemp("two"), seed=2, rank=8),
    ]


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return Model(folder, dtype=torch.float32, max_model_len=None)


@pytest.fixture(scope="module")
def adapters(model: Model, adapter_folders: list[Path]) -> list[Adapter]:
    return [read_adapter(path.name, path, model.linear_shapes) for path in adapter_folders]


@pytest.fixture
def scheduler(model: Model) -> Iterator[Scheduler]:
    made = Scheduler(model, chunk_tokens=16, max_batch=8)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def prompts(model: Model) -> list[tuple[int, ...]]:
    return [tuple(model.tokenizer.encode(text)) for text in TEXTS]


def test_greedy_answers_are_those_of_transformers_and_peft(
    scheduler: Scheduler, model: Model, adapters: list[Adapter], adapter_folders: list[Path], folder: Path,
    prompts: list[tuple[int, ...]],
) -> None:  # fmt: skip
    mixed = [(prompt, adapter) for adapter in (None, *adapters) for prompt in prompts]
    answers = run(scheduler, [RowRequest(prompt, 30, adapter, end_ids=model.end_ids) for prompt, adapter in mixed])
    pairs = zip((None, *adapters), (None, *adapter_folders), strict=True)
    references = {adapter: reference_model(folder, path) for adapter, path in pairs}
    expected = [greedy_reference(references[adapter], prompt, 30, model.end_ids) for prompt, adapter in mixed]
    assert [answer.ids for answer in answers] == expected
    assert len({tuple(ids) for ids in expected}) == len(expected)


def test_a_rows_log_probs_are_those_of_a_pass_over_the_whole(
    scheduler: Scheduler, adapters: list[Adapter], adapter_folders: list[Path], folder: Path,
    prompts: list[tuple[int, ...]],
) -> None:  # fmt: skip
    hot = Draw(temperature=1.5, top_p=0.9)
    requests = [RowRequest(prompt, 20, adapters[0], draw=hot, seed=7, prompt_top=0) for prompt in prompts]
    reference = reference_model(folder, adapter_folders[0])
    for request, answer in zip(requests, run(scheduler, requests), strict=True):
        assert answer.prompt is not None
        assert answer.prompt[0] is None
        found = [token.logprob for token in (*answer.prompt, *answer.tokens) if token]
        expected = logprob_reference(reference, [*request.prompt, *answer.ids])
        assert found == pytest.approx(expected, abs=1e-4)


def test_scoring_an_answer_gives_the_log_probs_it_was_written_with(
    scheduler: Scheduler, adapters: list[Adapter], prompts: list[tuple[int, ...]]
) -> None:
    requests = [RowRequest(prompt, 20, adapters[1], draw=Draw(), seed=3) for prompt in prompts]
    answers = run(scheduler, requests)
    whole = [(*request.prompt, *answer.ids) for request, answer in zip(requests, answers, strict=True)]
    scored = run(scheduler, [RowRequest(tokens, 0, adapters[1], prompt_top=2) for tokens in whole])
    for answer, score in zip(answers, scored, strict=True):
        assert score.prompt is not None
        tail = [token for token in score.prompt[-len(answer.ids) :] if token]
        assert [token.token_id for token in tail] == answer.ids
        assert [t.logprob for t in tail] == pytest.approx([t.logprob for t in answer.tokens], abs=1e-4)
        assert all((token.rank == 1) == (token.top[0][0] == token.token_id) for token in tail)
        assert score.finish_reason == "length"
        assert score.tokens == []


def test_a_seed_gives_the_same_answer_whoever_else_is_there(
    scheduler: Scheduler, adapters: list[Adapter], prompts: list[tuple[int, ...]]
) -> None:
    wanted = RowRequest(prompts[0], 40, draw=Draw(1.0, 0.95), seed=11)
    alone = run(scheduler, [wanted])[0].ids
    others = [RowRequest(prompt, 25, adapters[0], draw=Draw(), seed=seed) for seed, prompt in enumerate(prompts)]
    among_others = run(scheduler, [*others, wanted, *others])[len(others)].ids
    assert among_others == alone
    assert run(scheduler, [replace(wanted, seed=12)])[0].ids != alone


def test_a_late_row_begins_before_an_earlier_long_one_ends(
    scheduler: Scheduler, prompts: list[tuple[int, ...]]
) -> None:
    long = Waiting(scheduler, RowRequest(prompts[0], 1500))
    for _ in range(5):
        long.take()
    late = Waiting(scheduler, RowRequest(prompts[1], 5))
    assert late.end().finish_reason == "length"
    scheduler.cancel(long.row)
    written = len(long.answer.tokens)
    assert written < 1500


def test_a_long_prompt_does_not_keep_others_from_writing(scheduler: Scheduler, prompts: list[tuple[int, ...]]) -> None:
    writing = Waiting(scheduler, RowRequest(prompts[0], 400))
    writing.take()
    order: list[str] = []
    long_prompt = (prompts[3] * 40)[: 16 * 40]
    scheduler.submit(RowRequest(long_prompt, 1), lambda _: order.append("read"))
    while "read" not in order:
        writing.take()
        order.append("wrote")
    assert order.index("read") >= 20
    scheduler.cancel(writing.row)


def test_a_watched_answer_begins_before_all_that_nobody_watches(
    scheduler: Scheduler, prompts: list[tuple[int, ...]]
) -> None:
    unwatched = [Waiting(scheduler, RowRequest(prompts[0], 1500)) for _ in range(12)]
    for waiting in unwatched[:6]:
        waiting.take()
    order: list[str] = []
    scheduler.submit(RowRequest(prompts[3] * 4, 1), lambda _: order.append("unwatched"))
    watched = RowRequest(prompts[3] * 4, 30, awaited=True)
    seen = [scheduler.submit(watched, lambda _: order.append("watched")) for _ in range(2)]
    until = time.monotonic() + 30
    while order.count("watched") < 60 and time.monotonic() < until:
        time.sleep(0.01)
    assert order[:2] == ["watched", "watched"]
    assert order.count("watched") == 60
    for row in [*seen, *(waiting.row for waiting in unwatched)]:
        scheduler.cancel(row)


def test_a_cancelled_row_leaves_and_the_rest_go_on_as_before(
    scheduler: Scheduler, folder: Path, prompts: list[tuple[int, ...]]
) -> None:
    doomed = Waiting(scheduler, RowRequest(prompts[3], 1500))
    kept = [Waiting(scheduler, RowRequest(prompt, 60)) for prompt in prompts[:3]]
    doomed.take()
    scheduler.cancel(doomed.row)
    reference = reference_model(folder, None)
    for waiting, prompt in zip(kept, prompts[:3], strict=True):
        assert waiting.end().ids == greedy_reference(reference, prompt, 60, frozenset())
    until = time.monotonic() + 5
    while scheduler.busy and time.monotonic() < until:
        time.sleep(0.01)
    assert scheduler.busy == 0


def test_more_rows_than_fit_wait_for_their_turn(model: Model, prompts: list[tuple[int, ...]]) -> None:
    scheduler = Scheduler(model, max_batch=8, store_tokens=128)
    scheduler.start()
    answers = run(scheduler, [RowRequest(prompts[0], 20) for _ in range(12)])
    scheduler.stop()
    assert all(answer.ids == answers[0].ids and answer.finish_reason == "length" for answer in answers)


def test_the_end_token_ends_an_answer_and_is_part_of_it(
    scheduler: Scheduler, folder: Path, prompts: list[tuple[int, ...]]
) -> None:
    written = greedy_reference(reference_model(folder, None), prompts[0], 10, frozenset())
    end = written[4]
    answer = run(scheduler, [RowRequest(prompts[0], 10, end_ids=frozenset([end]))])[0]
    assert answer.ids == written[: written.index(end) + 1]
    assert answer.finish_reason == "stop"


class CountingModel(Model):
    """Knows how many tokens were computed."""

    computed = 0

    def step(self, segments: list[Segment], slots: int) -> list[Tensor]:
        """Compute and count."""
        self.computed += sum(len(segment.token_ids) for segment in segments)
        return super().step(segments, slots)


def test_what_prompts_have_in_common_is_read_once_under_the_same_adapter(
    folder: Path, adapters: list[Adapter], adapter_folders: list[Path], prompts: list[tuple[int, ...]]
) -> None:
    model = CountingModel(folder, dtype=torch.float32, max_model_len=None)
    scheduler = Scheduler(model, chunk_tokens=16)
    scheduler.start()
    first = (*prompts[3], *prompts[0])
    then = (*prompts[3], *prompts[1])
    read = []
    for prompt, adapter in ((first, None), (then, None), (then, adapters[0]), (first, adapters[0]), (first, None)):
        before = model.computed
        answer = run(scheduler, [RowRequest(prompt, 20, adapter)])[0].ids
        reference = reference_model(folder, None if adapter is None else adapter_folders[0])
        assert answer == greedy_reference(reference, prompt, 20, frozenset())
        read.append(model.computed - before - 19)
    before = model.computed
    together = run(scheduler, [RowRequest((5, *first), 20), RowRequest((5, *then), 20)])
    reference = reference_model(folder, None)
    for answer_together, prompt in zip(together, ((5, *first), (5, *then)), strict=True):
        assert answer_together.ids == greedy_reference(reference, prompt, 20, frozenset())
    scheduler.stop()
    own = [len(prompts[0]), len(prompts[1])]
    assert read == [len(first), own[1], len(then), own[0], 1]
    assert model.computed - before - 38 < len(first) + len(then) - 16


def test_base_weights_are_the_same_bits_after_all_this(
    folder: Path, adapters: list[Adapter], prompts: list[tuple[int, ...]]
) -> None:
    model = Model(folder, dtype=torch.float32, max_model_len=None)
    before = {name: weight.clone() for name, weight in _weights(model).items()}
    scheduler = Scheduler(model)
    scheduler.start()
    run(scheduler, [RowRequest(prompt, 10, adapter) for prompt in prompts for adapter in (None, *adapters)])
    scheduler.stop()
    after = _weights(model)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_scheduler_that_stops_aborts_what_is_under_way(model: Model, prompts: list[tuple[int, ...]]) -> None:
    scheduler = Scheduler(model)
    scheduler.start()
    waiting = Waiting(scheduler, RowRequest(prompts[0], 1500))
    waiting.take()
    scheduler.stop()
    assert waiting.end().finish_reason == "abort"
    assert Waiting(scheduler, RowRequest(prompts[0], 5)).end().finish_reason == "abort"


def _weights(model: Model) -> dict[str, Tensor]:
    return dict(model._model.state_dict())


def test_a_watched_answer_that_needs_much_room_gets_it_although_short_work_goes_on(
    model: Model, prompts: list[tuple[int, ...]]
) -> None:
    scheduler = Scheduler(model, max_batch=8, store_tokens=256)
    scheduler.start()
    short = [Waiting(scheduler, RowRequest(prompts[0], 20)) for _ in range(40)]
    watched = Waiting(scheduler, RowRequest(prompts[0], 120, awaited=True))
    watched.end()
    assert any(waiting.row in scheduler._waiting for waiting in short)
    for waiting in short:
        scheduler.cancel(waiting.row)
    scheduler.stop()


def test_the_engine_says_for_how_long_somebody_waits_for_a_first_word(
    model: Model, prompts: list[tuple[int, ...]]
) -> None:
    said: list[bool] = []
    scheduler = Scheduler(model, max_batch=8, on_reading=said.append)
    scheduler.start()
    run(scheduler, [RowRequest(prompts[0], 5)])
    assert True not in said
    watched = Waiting(scheduler, RowRequest(prompts[0], 200, awaited=True))
    assert True in said
    watched.take()
    watched.take()
    assert said[-1] is False
    scheduler.cancel(watched.row)
    scheduler.stop()
