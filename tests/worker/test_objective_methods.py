"""What the methods make of episodes, and what batching makes of their examples."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.contexts import Message
from backend.recipes import Recipe, RltfSd, Sft
from worker.objective.advantages import group_means, redraft_advantages, turn_advantages
from worker.objective.batching import encode, normalisers, pack
from worker.objective.diagnostics import feedback_metrics
from worker.objective.fused import row_losses
from worker.objective.methods import METHODS, rltf_sd, sft
from worker.objective.types import Batch, Episode, Objective, Turn

PROMPT: tuple[Message, ...] = ({"role": "user", "content": "What is rain?"},)

rewards = st.floats(0, 1, allow_nan=False)
pairs = st.lists(st.tuples(st.integers(0, 3), rewards, rewards), min_size=1, max_size=12)


def encode_chat(messages: object) -> list[int]:
    return [9] * (1 + len(str(messages)) % 3)


def episode(
    r0: float, r1: float | None, *, group: int = 0, length: int = 3, edit: tuple[int, ...] | None = None
) -> Episode:
    return Episode(
        group=group,
        prompt=PROMPT,
        attempt=Turn((1, 2, 2, 1), "first", r0),
        redraft_context=(*PROMPT, {"role": "user", "content": "Shorter."}),
        redraft=None if r1 is None else Turn(tuple(range(3, 3 + length)), "second", r1),
        edit=edit,
    )


def advantages_of(objective: Objective, term: str = rltf_sd.REDRAFTS) -> list[float]:
    return [example.weights_T[0] for example in objective.examples if example.term == term]


def test_a_group_whose_redrafts_are_all_right_still_teaches() -> None:
    objective = rltf_sd.build([episode(0.0, 1.0), episode(0.5, 1.0)], RltfSd())
    assert advantages_of(objective) == [0.75, 0.75]


def test_wrong_redrafts_carry_negative_signal_where_some_attempts_were_right() -> None:
    objective = rltf_sd.build([episode(1.0, 1.0), episode(0.0, 0.0)], RltfSd())
    assert advantages_of(objective) == [0.5, -0.5]


def test_a_persons_better_on_a_single_answer_teaches() -> None:
    assert advantages_of(rltf_sd.build([episode(0.5, 0.75)], RltfSd())) == [0.25]


def test_without_a_baseline_the_reward_itself_is_the_weight() -> None:
    assert advantages_of(rltf_sd.build([episode(0.5, 0.75)], RltfSd(baseline="none"))) == [0.75]


def test_an_episode_without_a_redraft_teaches_nothing() -> None:
    assert rltf_sd.build([episode(0.0, None)], RltfSd()).examples == ()


def test_the_redraft_is_scored_under_the_prompt_alone() -> None:
    (example,) = rltf_sd.build([episode(0.0, 1.0)], RltfSd()).examples
    assert example.prompt == PROMPT
    assert example.response_T == (3, 4, 5)


def test_the_two_turns_are_scored_under_what_each_was_written_under() -> None:
    source = episode(0.0, 1.0)
    _, first, second = rltf_sd.build([source], RltfSd(turns_coefficient=1.0)).examples
    assert (first.prompt, first.response_T) == (PROMPT, source.attempt.token_ids)
    assert (second.prompt, second.response_T) == (source.redraft_context, (3, 4, 5))


def test_edits_are_learned_word_for_word() -> None:
    objective = sft.build([episode(0.0, None, edit=(4, 5)), episode(0.0, None)], Sft())
    (example,) = objective.examples
    assert (example.prompt, example.response_T, example.weights_T) == (PROMPT, (4, 5), (1.0, 1.0))
    assert objective.terms[sft.EDITS].kind == "cross_entropy"


def test_every_method_a_recipe_can_name_exists() -> None:
    schema = Recipe.model_json_schema()
    assert set(schema["properties"]["method"]["discriminator"]["mapping"]) == set(METHODS)


@given(pairs)
def test_advantages_centred_on_their_own_group_sum_to_nothing(items: list[tuple[int, float, float]]) -> None:
    groups, first, second = zip(*items, strict=True)
    a0, a1 = turn_advantages(groups, first, second, 0.1)
    for group in set(groups):
        assert sum(a for g, a in zip(groups, a0, strict=True) if g == group) == pytest.approx(0, abs=1e-9)
        assert sum(a for g, a in zip(groups, a1, strict=True) if g == group) == pytest.approx(0, abs=1e-9)


@given(pairs)
def test_the_first_turn_advantage_is_the_naive_loop(items: list[tuple[int, float, float]]) -> None:
    groups, first, second = zip(*items, strict=True)
    for i, found in enumerate(redraft_advantages(groups, first, second, "first_turn_mean")):
        peers = [first[j] for j in range(len(items)) if groups[j] == groups[i]]
        assert found == pytest.approx(second[i] - sum(peers) / len(peers), abs=1e-12)


def test_means_stay_within_their_groups() -> None:
    assert group_means([1, 2, 1], [0.0, 5.0, 1.0]) == [0.5, 5.0, 0.5]


def test_each_term_is_divided_by_its_own_tokens_and_zero_weights_stay_in_the_count() -> None:
    objective = rltf_sd.build(
        [episode(0.0, 1.0, group=1, length=2), episode(1.0, 1.0, group=2, length=6)], RltfSd(turns_coefficient=0.5)
    )
    assert normalisers(objective) == {"redrafts": 8, "turns": 8 + 8}
    right, already_right = encode(objective, encode_chat)[:2]
    assert right.weights == (1 / 8, 1 / 8)
    assert already_right.weights == (0.0,) * 6


def test_adding_tokens_to_one_term_leaves_the_other_unchanged() -> None:
    one = rltf_sd.build([episode(0.0, 1.0)], RltfSd())
    both = rltf_sd.build([episode(0.0, 1.0)], RltfSd(turns_coefficient=1.0))
    assert encode(one, encode_chat)[0].weights == encode(both, encode_chat)[0].weights


def test_by_sequences_a_long_answer_weighs_more() -> None:
    objective = rltf_sd.build(
        [episode(0.0, 1.0, length=2), episode(0.0, 1.0, length=6)], RltfSd(normaliser="sequences")
    )
    short, long = encode(objective, encode_chat)
    assert sum(short.weights) == pytest.approx(1.0)
    assert sum(long.weights) == pytest.approx(3.0)


def test_rows_point_at_the_position_that_predicts_the_token() -> None:
    (batch,) = pack(encode(rltf_sd.build([episode(0.0, 1.0)], RltfSd()), encode_chat), budget=100)
    flat = batch.ids_BT.flatten()
    assert flat[batch.rows.position_R + 1].tolist() == batch.rows.target_R.tolist() == [3, 4, 5]


def test_an_answer_that_carries_no_loss_is_never_computed() -> None:
    objective = rltf_sd.build([episode(0.5, 0.5)], RltfSd())
    assert pack(encode(objective, encode_chat), budget=100) == []
    with_drift = rltf_sd.build([episode(0.5, 0.5)], RltfSd(drift_coefficient=1.0))
    assert len(pack(encode(with_drift, encode_chat), budget=100)) == 1


def toy_gradient(batches: list[Batch]) -> torch.Tensor:
    """Gradient of the loss on the embedding of a model that predicts each token from the one before."""
    generator = torch.Generator().manual_seed(0)
    embedding = torch.randn(20, 8, generator=generator, dtype=torch.float64).requires_grad_()
    head = torch.randn(20, 8, generator=generator, dtype=torch.float64)
    for batch in batches:
        hidden = embedding[batch.ids_BT].flatten(0, 1)[batch.rows.position_R]
        torch.autograd.backward(row_losses(hidden, head, batch.rows, hidden.detach() * 0.5).total)
    assert embedding.grad is not None
    return embedding.grad


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=10),
    budgets=st.tuples(st.integers(1, 120), st.integers(1, 120)),
)
@settings(max_examples=30, deadline=None)
def test_the_size_of_micro_batches_does_not_change_the_gradient(lengths: list[int], budgets: tuple[int, int]) -> None:
    episodes = [episode(0.2 * (n % 3), 0.9, group=n, length=length) for n, length in enumerate(lengths)]
    objective = rltf_sd.build(episodes, RltfSd(drift_coefficient=0.3, turns_coefficient=0.4))
    encoded = encode(objective, encode_chat)
    one, other = (toy_gradient(pack(encoded, budget=budget)) for budget in budgets)
    assert torch.allclose(one, other, atol=1e-6)


@given(budget=st.integers(1, 60), lengths=st.lists(st.integers(1, 12), min_size=1, max_size=12))
def test_packing_keeps_the_budget_and_loses_no_token(budget: int, lengths: list[int]) -> None:
    episodes = [episode(0.0, 1.0, length=length) for length in lengths]
    batches = pack(encode(rltf_sd.build(episodes, RltfSd()), encode_chat), budget=budget)
    assert sum(len(batch.rows.target_R) for batch in batches) == sum(lengths)
    assert all(len(batch.ids_BT) == 1 or batch.ids_BT.numel() <= budget for batch in batches)


def test_feedback_metrics_say_what_the_critiques_do() -> None:
    found = feedback_metrics([episode(0.0, 1.0), episode(0.0, 0.0), episode(1.0, None)])
    assert found == {
        "reward/attempt_mean": 0.0,
        "reward/redraft_mean": 0.5,
        "critique/redraft_right_frac": 0.5,
        "critique/redraft_better_frac": 0.5,
        "critique/utility": 0.5,
    }
