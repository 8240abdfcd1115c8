"""The policy and the sampler, on a tiny model with real files."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from backend.contexts import Message
from backend.recipes import Adapter
from tests.tiny_model import make_tiny_adapter, make_tiny_model
from worker.training import ranks, sampler
from worker.training.policy import Policy
from worker.training.prefixes import BasePrefixes
from worker.training.sampler import choose, sample
from worker.training.scoring import answer_logprobs

CHAT: list[Message] = [{"role": "user", "content": "What is a lung?"}]
LONGER: list[Message] = [{"role": "user", "content": "Why is the sky blue? Air scatters blue light more than red."}]
IDS = torch.tensor([[1, 30, 40, 50, 60, 70, 80]])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def start(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_adapter(base, tmp_path_factory.mktemp("start"))


@pytest.fixture
def policy(base: Path) -> Policy:
    return Policy.load(base, dtype=torch.float32)


def hidden_as(policy: Policy, view: str) -> torch.Tensor:
    with torch.no_grad(), policy.viewed_as("start" if view == "start" else "base" if view == "base" else "student"):
        return policy.hidden(IDS)


def disturb(policy: Policy) -> None:
    with torch.no_grad():
        for weight in policy.trained().values():
            weight.add_(0.1)


def naive_logprobs(folder: Path, adapter: Path | None, prompt: Sequence[int], answer: Sequence[int]) -> list[float]:
    """One forward pass of the plain library model for every token of the answer."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, adapter)
    found = []
    for place, token in enumerate(answer):
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([[*prompt, *answer[:place]]])).logits[0, -1]
        found.append(float(torch.log_softmax(logits, 0)[token]))
    return found


def test_a_fresh_student_is_the_base(policy: Policy) -> None:
    assert torch.equal(hidden_as(policy, "student"), hidden_as(policy, "base"))
    assert torch.equal(hidden_as(policy, "student"), hidden_as(policy, "start"))


def test_only_the_student_is_trained_and_in_float32(policy: Policy) -> None:
    torch.autograd.backward(policy.hidden(IDS).square().mean())
    trained = policy.trained()
    assert trained
    assert all(weight.grad is not None and weight.dtype == torch.float32 for weight in trained.values())
    assert policy.head_VD.grad is None


def test_a_student_goes_on_from_the_start_adapter_and_leaves_it_behind(base: Path, start: Path) -> None:
    policy = Policy.load(base, start=start, dtype=torch.float32)
    before = hidden_as(policy, "start")
    assert torch.allclose(hidden_as(policy, "student"), before)
    assert not torch.allclose(hidden_as(policy, "base"), before)
    disturb(policy)
    assert torch.equal(hidden_as(policy, "start"), before)
    assert not torch.allclose(hidden_as(policy, "student"), before)


def test_looking_as_start_leaves_the_student_trainable(base: Path, start: Path) -> None:
    policy = Policy.load(base, start=start, dtype=torch.float32)
    hidden_as(policy, "start")
    torch.autograd.backward(policy.hidden(IDS).square().mean())
    assert all(weight.requires_grad and weight.grad is not None for weight in policy.trained().values())


def test_a_saved_adapter_is_what_peft_reads(policy: Policy, base: Path, tmp_path: Path) -> None:
    disturb(policy)
    policy.save_adapter(tmp_path)
    prompt, answer = policy.encode_chat(CHAT), [30, 40, 50]
    (ours,) = answer_logprobs(policy, [(prompt, answer)], view="student")
    assert ours == pytest.approx(naive_logprobs(base, tmp_path, prompt, answer), abs=1e-4)
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors", ".json"}
    assert str(base) not in (tmp_path / "adapter_config.json").read_text()


def test_a_saved_adapter_can_be_the_start_of_the_next_run(policy: Policy, base: Path, tmp_path: Path) -> None:
    disturb(policy)
    policy.save_adapter(tmp_path)
    again = Policy.load(base, start=tmp_path, dtype=torch.float32)
    assert torch.allclose(hidden_as(again, "student"), hidden_as(policy, "student"), atol=1e-6)


def test_the_same_seed_makes_the_same_student(base: Path) -> None:
    one, other = (Policy.load(base, seed=3, dtype=torch.float32).trained() for _ in range(2))
    different = Policy.load(base, seed=4, dtype=torch.float32).trained()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert any(not torch.equal(one[name], different[name]) for name in one)


def test_rank_and_layers_are_as_asked(base: Path) -> None:
    attention = Policy.load(base, adapter=Adapter(rank=3, alpha=6, layers="attention"), dtype=torch.float32).trained()
    assert all("_proj" in name and "mlp" not in name for name in attention)
    assert {min(weight.shape) for weight in attention.values()} == {3}


def test_scores_are_those_of_one_forward_pass_per_token(policy: Policy, base: Path) -> None:
    answers = [[30, 40], [50, 60, 70, 80, 90]]
    prompts = [policy.encode_chat(chat) for chat in (CHAT, LONGER)]
    found = answer_logprobs(policy, list(zip(prompts, answers, strict=True)), view="base")
    for prompt, answer, logprobs in zip(prompts, answers, found, strict=True):
        assert logprobs == pytest.approx(naive_logprobs(base, None, prompt, answer), abs=1e-4)


def test_greedy_sampling_is_the_naive_loop(policy: Policy, base: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    found = sample(policy, [CHAT, LONGER], view="student", temperature=0.0, max_tokens=8, seed=0)
    for chat, answer in zip([CHAT, LONGER], found, strict=True):
        ids = policy.encode_chat(chat)
        for token in answer.token_ids:
            with torch.no_grad():
                assert int(model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()) == token
            ids.append(token)


def test_recorded_log_probs_are_raw_whatever_the_temperature(policy: Policy) -> None:
    chats = [CHAT, LONGER, CHAT]
    found = sample(policy, chats, view="student", temperature=0.5, max_tokens=12, seed=5)
    asked = [(policy.encode_chat(chat), answer.token_ids) for chat, answer in zip(chats, found, strict=True)]
    scored = answer_logprobs(policy, asked, view="student")
    for answer, logprobs in zip(found, scored, strict=True):
        assert list(answer.logprobs) == pytest.approx(logprobs, abs=1e-4)


def test_a_seed_decides_what_is_sampled(policy: Policy) -> None:
    def draw(seed: int) -> list[tuple[int, ...]]:
        found = sample(policy, [CHAT, LONGER], view="student", temperature=1.0, max_tokens=12, seed=seed)
        return [answer.token_ids for answer in found]

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_a_draw_chooses_the_token_where_the_distribution_function_passes_it() -> None:
    log_p_BV = torch.tensor([[0.5, 0.25, 0.25, 0.0]] * 5).log()
    draws = torch.tensor([0.0, 0.499, 0.5, 0.76, 1 - 2**-53], dtype=torch.float64)
    assert choose(log_p_BV, draws, 1.0).tolist() == [0, 0, 1, 2, 2]
    impossible_first = torch.tensor([[0.0, 1.0]]).log()
    assert choose(impossible_first, draws[:1], 1.0).tolist() == [1]


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    p_V = torch.tensor([0.6, 0.3, 0.09, 0.01])
    generator = torch.Generator().manual_seed(0)
    draws = torch.rand(40_000, generator=generator, dtype=torch.float64)
    for temperature in (1.0, 0.5):
        expected = torch.softmax(p_V.log() / temperature, 0)
        found = choose(p_V.log().expand(40_000, -1), draws, temperature).bincount(minlength=4) / 40_000
        assert (found - expected).abs().max() < 0.01


def test_an_answer_does_not_depend_on_what_else_is_sampled(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    chats = [CHAT, LONGER, CHAT, LONGER, CHAT]
    together = sample(policy, chats, view="student", temperature=1.0, max_tokens=12, seed=5)
    assert together[0].token_ids != together[2].token_ids
    monkeypatch.setattr(sampler, "BATCH", 1)
    alone = sample(policy, chats, view="student", temperature=1.0, max_tokens=12, seed=5)
    assert [answer.token_ids for answer in alone] == [answer.token_ids for answer in together]
    assert sample(policy, chats[:2], view="student", temperature=1.0, max_tokens=12, seed=5) == alone[:2]


def test_processes_divide_what_is_sampled(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    chats = [CHAT, LONGER, CHAT, LONGER, CHAT]
    monkeypatch.setattr(sampler, "BATCH", 1)  # the same arithmetic, whoever samples
    whole = sample(policy, chats, view="student", temperature=1.0, max_tokens=12, seed=5)
    shares: list[dict[int, sampler.Sampled]] = []

    def kept(found: dict[int, sampler.Sampled]) -> list[dict[int, sampler.Sampled]]:
        shares.append(found)
        return [found, dict(enumerate(whole))]

    monkeypatch.setattr(ranks, "gathered", kept)
    monkeypatch.setattr(ranks, "world", lambda: 2)
    for rank in (0, 1):
        monkeypatch.setattr(ranks, "rank", lambda rank=rank: rank)
        assert sample(policy, chats, view="student", temperature=1.0, max_tokens=12, seed=5) == whole
    assert [len(share) for share in shares] == [3, 2]
    assert dict(sorted((shares[0] | shares[1]).items())) == dict(enumerate(whole))


def test_an_answer_ends_with_its_end_token_or_at_the_limit(policy: Policy) -> None:
    chats = [CHAT] * 40
    found = sample(policy, chats, view="student", temperature=8.0, max_tokens=60, seed=1)
    assert {answer.finish_reason for answer in found} == {"stop", "length"}
    for answer in found:
        ended = answer.token_ids[-1] in policy.end_ids
        assert (answer.finish_reason == "stop") == ended
        assert not any(token in policy.end_ids for token in answer.token_ids[:-1])
        assert ended or len(answer.token_ids) == 60


def test_a_written_answer_is_closed_by_the_end_token(policy: Policy) -> None:
    ids = policy.encode_answer("Air scatters blue light.")
    assert ids[-1] == policy.end_id
    assert policy.decode(ids) == "Air scatters blue light."


def test_scores_with_kept_prompts_are_those_without(policy: Policy) -> None:
    disturb(policy)
    prompts = [policy.encode_chat(chat) for chat in (CHAT, LONGER)]
    pairs = [(prompts[0], [30, 40]), (prompts[1], [50]), (prompts[0], [60, 70, 80]), (prompts[1], [90, 30, 40, 50])]
    wanted = answer_logprobs(policy, pairs, view="base")
    prefixes = BasePrefixes(policy)
    for _ in range(2):
        for found, row in zip(prefixes.score(pairs), wanted, strict=True):
            assert found == pytest.approx(row, abs=1e-4)
    assert prefixes.score([(prompts[1], [50])])[0] == pytest.approx(wanted[1], abs=1e-4)
