"""What sequences begin with alike is computed once, and neither states nor gradients show it."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.tiny_model import make_tiny_adapter, make_tiny_model
from worker.objective import batching
from worker.objective.batching import Encoded, deal, pack, shared_beginning
from worker.training.policy import Policy

PROMPT = tuple(range(20, 50))


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    base = make_tiny_model(tmp_path_factory.mktemp("base"))
    start = make_tiny_adapter(base, tmp_path_factory.mktemp("start"), seed=3)
    return Policy.load(base, start=start, dtype=torch.float32)


def encoded(prompt: tuple[int, ...], length: int) -> Encoded:
    return Encoded((*prompt, *range(100, 100 + length)), length, ((1.0,),) * length)


def states(policy: Policy, ids_BT: torch.Tensor, *, shared: bool, monkeypatch: pytest.MonkeyPatch) -> torch.Tensor:
    monkeypatch.setattr(batching, "SPARED_POSITIONS", 1 if shared else 10**9)
    return policy.hidden(ids_BT)


def sequences(count: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    ends_BT = torch.randint(1, 200, (count, 12), generator=generator)
    return torch.cat([torch.tensor(PROMPT).expand(count, -1), ends_BT], dim=1)


def gradients(policy: Policy, states_BTD: torch.Tensor) -> list[torch.Tensor]:
    weight_BTD = torch.linspace(-1, 1, states_BTD.numel()).view_as(states_BTD)
    return list(torch.autograd.grad((states_BTD * weight_BTD).sum(), list(policy.trained().values())))


def test_states_and_gradients_are_those_of_whole_sequences(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    whole_BTD = states(policy, sequences(), shared=False, monkeypatch=monkeypatch)
    shared_BTD = states(policy, sequences(), shared=True, monkeypatch=monkeypatch)
    torch.testing.assert_close(shared_BTD, whole_BTD, atol=1e-5, rtol=1e-4)
    assert not torch.equal(shared_BTD, whole_BTD)  # it did go another way
    for one, other in zip(gradients(policy, shared_BTD), gradients(policy, whole_BTD), strict=True):
        assert one.abs().max() > 0
        torch.testing.assert_close(one, other, atol=1e-4 * float(other.abs().max()), rtol=1e-3)


def test_a_beginning_is_read_once(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[int, ...]] = []
    plain = policy._decoder.forward
    monkeypatch.setattr(
        policy._decoder, "forward", lambda **asked: read.append(tuple(asked["input_ids"].shape)) or plain(**asked)
    )
    policy.hidden(sequences(8))
    assert read == [(1, 30), (8, 12)]
    read.clear()
    policy.hidden(sequences(2))  # thirty tokens are not worth a second pass
    long_BT = torch.full((3, 400), 7)
    long_BT[:, 40:] += torch.arange(3)[:, None]
    policy.hidden(long_BT)  # nor is a fifteenth of all
    assert read == [(2, 42), (3, 400)]


@given(
    rows=st.lists(st.lists(st.integers(0, 2), min_size=5, max_size=5), min_size=1, max_size=4),
)
def test_a_beginning_is_shared_by_all_and_leaves_every_sequence_a_token(rows: list[list[int]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(batching, "SPARED_POSITIONS", 0)
        patched.setattr(batching, "SPARED_SHARE", 0)
        found = shared_beginning(torch.tensor(rows))
    assert 0 <= found <= 4
    assert all(row[:found] == rows[0][:found] for row in rows)
    assert found == 4 or any(row[found] != rows[0][found] for row in rows)


def test_answers_to_one_prompt_lie_together_where_that_spares_more_than_similar_lengths() -> None:
    long = [encoded(tuple(range(start, start + 240)), length) for start in (200, 500) for length in (10, 11)]
    batches = pack(long, budget=510)
    assert all(len(batch.ids_BT) == 2 and shared_beginning(batch.ids_BT) >= 240 for batch in batches)
    short = [encoded((start, start + 1), length) for start in (200, 300) for length in (10, 40)]
    assert {batch.ids_BT.shape[1] for batch in pack(short, budget=90)} == {42, 12}


def test_where_no_beginning_is_shared_only_lengths_count() -> None:
    made = [encoded(tuple(range(start, start + 240)), length) for start in (200, 500) for length in (10, 40)]
    [batches] = deal(made, budget=600, processes=1, shares_beginnings=False)
    assert [batch.ids_BT.shape[1] for batch in batches] == [280, 250]


@given(
    lengths=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 30)), min_size=1, max_size=12),
    processes=st.integers(1, 3),
)
def test_every_token_is_dealt_once_in_any_order(lengths: list[tuple[int, int]], processes: int) -> None:
    made = [encoded(tuple(range(20 * kind, 20 * kind + 10 * kind + 1)), length) for kind, length in lengths]
    dealt = deal(made, budget=64, processes=processes)
    assert len({len(share) for share in dealt}) == 1
    rows = [batch.rows for share in dealt for batch in share]
    assert sum(len(row.target_R) for row in rows) == sum(length for _, length in lengths)
    for share in dealt:
        assert all(len(batch.ids_BT) == 1 or batch.ids_BT.numel() <= 64 for batch in share)
