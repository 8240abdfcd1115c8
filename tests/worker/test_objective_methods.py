"""What the methods make of episodes, and what batching makes of their examples."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from backend import contexts
from backend.contexts import Message
from backend.recipes import (
    Divergence,
    Grpo,
    Opsd,
    Recipe,
    Rft,
    Rltf,
    RltfFm,
    RltfSd,
    Rules,
    Sdft,
    Sdpo,
    SdZero,
    Sft,
    StepAlign,
    Trd,
)
from worker.objective.advantages import group_means, redraft_advantages, turn_advantages
from worker.objective.batching import deal, encode, normalisers, pack
from worker.objective.diagnostics import effective_share, favour_metrics, feedback_metrics, mass_on
from worker.objective.fused import Target, row_losses
from worker.objective.methods import (
    METHODS,
    grpo,
    opsd,
    rft,
    rltf,
    rltf_fm,
    rltf_sd,
    rules,
    sd_zero,
    sdft,
    sdpo,
    sft,
    step_align,
    trd,
)
from worker.objective.terms import CRITIQUES, DRIFT, REDRAFTS, TURNS
from worker.objective.types import Batch, Episode, Objective, Turn, Written

PROMPT: tuple[Message, ...] = ({"role": "user", "content": "What is rain?"},)
CRITIQUE = Written("Shorter.", (11, 12, 1))
EDIT = Written("Water that falls.", (4, 5))

rewards = st.floats(0, 1, allow_nan=False)
pairs = st.lists(st.tuples(st.integers(0, 3), rewards, rewards), min_size=1, max_size=12)


def encode_chat(messages: object) -> list[int]:
    return [9] * (1 + len(str(messages)) % 3)


def episode(r0: float, r1: float | None, *, group: int = 0, length: int = 3, edit: Written | None = None) -> Episode:
    return Episode(
        group=group,
        prompt=PROMPT,
        attempt=Turn((1, 2, 2, 1), "first", r0, (-0.1, -0.2, -0.3, -0.4)),
        redraft_context=(*PROMPT, {"role": "user", "content": "Shorter."}),
        redraft=None if r1 is None else Turn(tuple(range(3, 3 + length)), "second", r1),
        critique=CRITIQUE,
        edit=edit,
    )


def advantages_of(objective: Objective, term: str = REDRAFTS) -> list[float]:
    return [example.weights[term][0] for example in objective.examples if term in example.weights]


def contexts_of(objective: Objective) -> list[tuple[Message, ...]]:
    return [example.teacher for example in objective.examples]


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


def test_edits_are_learned_word_for_word_and_right_answers_as_they_are() -> None:
    objective = sft.build([episode(0.0, None, edit=EDIT), episode(0.75, None), episode(1.0, None, group=1)], Sft())
    edited, right = objective.examples
    assert (edited.prompt, edited.response_T, edited.weights[sft.ANSWERS]) == (PROMPT, (4, 5), (1.0, 1.0))
    assert right.response_T == (1, 2, 2, 1)
    assert objective.terms[sft.ANSWERS].kind == "cross_entropy"


def test_only_right_redrafts_are_learned_and_wrong_ones_stay_in_the_count() -> None:
    objective = rft.build([episode(0.0, 1.0), episode(0.0, 0.0)], Rft())
    assert advantages_of(objective) == [1.0, 0.0]
    assert normalisers(objective) == {REDRAFTS: 6}


def test_a_critique_is_learned_after_a_request_for_it() -> None:
    (example,) = rltf_fm.build([episode(0.0, None)], RltfFm()).examples
    assert example.response_T == CRITIQUE.token_ids
    assert list(example.prompt) == contexts.critique_request(PROMPT, "first")


def test_both_parts_of_rltf_keep_their_own_weight_and_count() -> None:
    one, both = rltf_sd.build([episode(0.0, 1.0)], RltfSd()), rltf.build([episode(0.0, 1.0)], Rltf())
    assert set(both.terms) == {REDRAFTS, CRITIQUES}
    assert both.terms[CRITIQUES].coefficient == 0.1
    redraft, critique = encode(both, encode_chat)
    assert [weight for weight, _ in redraft.weights] == [weight for (weight,) in encode(one, encode_chat)[0].weights]
    assert [weight for _, weight in critique.weights] == pytest.approx([0.1 / 3] * 3)


def test_a_group_of_attempts_is_centred_on_its_own_mean() -> None:
    episodes = [episode(0.0, None, group=1), episode(1.0, None, group=1), episode(1.0, None, group=2)]
    objective = grpo.build(episodes, Grpo())
    assert advantages_of(objective, grpo.ATTEMPTS) == [-0.5, 0.5, 0.0]
    assert objective.examples[0].sampled_logprobs_T == (-0.1, -0.2, -0.3, -0.4)


def test_two_turns_of_a_group_are_attempt_and_redraft() -> None:
    episodes = [episode(0.0, 1.0), episode(1.0, 1.0)]
    objective = grpo.build(episodes, Grpo(turns=2))
    assert advantages_of(objective, TURNS) == pytest.approx([-0.5, 0.0, 0.5, 0.0])


def test_the_teacher_reads_the_critique_of_the_very_answer() -> None:
    right_elsewhere = replace(episode(1.0, None), attempt=Turn((7, 8), "a right answer", 1.0))
    source = episode(0.0, None)
    alone = sdpo.build([source, right_elsewhere], Sdpo())
    assert contexts_of(alone)[0] == source.redraft_context
    with_peers = sdpo.build([source, right_elsewhere], Sdpo(peers=True))
    assert list(contexts_of(with_peers)[0]) == contexts.with_good_answer(PROMPT, "a right answer")
    assert contexts_of(with_peers)[1] == right_elsewhere.redraft_context, "nobody is his own peer"


def test_an_attempt_that_nothing_is_known_of_has_no_part() -> None:
    blank = replace(episode(0.0, None), redraft_context=(), critique=None)
    assert sdpo.build([blank], Sdpo()).examples == ()
    for build, config in ((sdft.build, Sdft()), (opsd.build, Opsd()), (rules.build, Rules())):
        assert build([blank], config).examples == ()


def test_an_edit_is_the_example_and_a_reference_where_there_is_none() -> None:
    known = replace(episode(0.0, None, edit=EDIT), reference="Drops of water.")
    assert list(contexts_of(sdft.build([known], Sdft()))[0]) == contexts.with_good_answer(PROMPT, EDIT.text)
    unedited = replace(known, edit=None)
    assert list(contexts_of(sdft.build([unedited], Sdft()))[0]) == contexts.with_good_answer(PROMPT, "Drops of water.")
    assert list(contexts_of(opsd.build([known], Opsd()))[0]) == contexts.with_good_answer(PROMPT, "Drops of water.")


def test_an_edit_in_place_goes_before_the_critique() -> None:
    edited, critiqued = episode(0.0, None, edit=EDIT), episode(0.0, None)
    found = step_align.build([edited, critiqued], StepAlign())
    assert list(contexts_of(found)[0]) == contexts.step_aligned(PROMPT, "first", EDIT.text)
    assert contexts_of(found)[1] == critiqued.redraft_context


def test_a_verdict_is_said_in_the_assistants_own_turn_and_both_kls_share_one_pass() -> None:
    objective = sd_zero.build([episode(0.0, None), episode(1.0, None)], SdZero())
    (example,) = objective.examples
    assert example.teacher[-1] == {"role": "assistant", "content": "first\n\nThat was wrong.\n\n"}
    assert {term.divergence.name for term in objective.terms.values()} == {"forward_kl", "reverse_kl"}
    assert set(example.weights) == set(objective.terms)
    assert len(sd_zero.build([episode(0.0, None), episode(1.0, None)], SdZero(wrong_only=False)).examples) == 2


def test_the_redraft_is_matched_with_what_it_was_written_under() -> None:
    source = episode(0.0, 0.0)
    (example,) = trd.build([source, episode(0.0, None)], Trd()).examples
    assert (example.prompt, example.response_T, example.teacher) == (PROMPT, (3, 4, 5), source.redraft_context)


def test_the_teacher_reads_all_rules_of_the_project() -> None:
    ruled = replace(episode(0.0, None), rules=("Be brief.", "Say please."))
    objective = rules.build([ruled], Rules())
    assert list(contexts_of(objective)[0]) == contexts.under_rules(PROMPT, ("Be brief.", "Say please."))
    assert objective.terms[DRIFT].target == "start"


def test_first_tokens_are_skipped_and_stay_in_the_count() -> None:
    ruled = replace(episode(0.0, None), rules=("Be brief.",))
    objective = rules.build([ruled], Rules(skip_first=2, drift_coefficient=0.0))
    (example,) = encode(objective, encode_chat)
    assert [weight for (weight,) in example.weights] == [0.0, 0.0, 0.25, 0.25]


@pytest.mark.parametrize(
    ("build", "config"),
    [
        (sdpo.build, Sdpo()), (sdft.build, Sdft()), (opsd.build, Opsd()), (step_align.build, StepAlign()),
        (sd_zero.build, SdZero()), (trd.build, Trd()), (rules.build, Rules()),
    ],
)  # fmt: skip
def test_student_and_teacher_read_the_same_response_ids(build: object, config: object) -> None:
    assert callable(build)
    known = replace(episode(0.0, 1.0, edit=EDIT), reference="Drops of water.", rules=("Be brief.",))
    for example in encode(build([known], config), encode_chat):
        assert example.ids[-example.response_length :] == example.teacher_ids[-example.response_length :]
        (batch,) = pack([example], budget=1000)
        assert batch.teacher_BT is not None
        student, teacher = batch.ids_BT.flatten(), batch.teacher_BT.flatten()
        assert torch.equal(student[batch.rows.position_R + 1], batch.rows.target_R)
        assert torch.equal(teacher[batch.rows.teacher_R + 1], batch.rows.target_R)


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
    assert [weight for weight, _ in right.weights] == [1 / 8, 1 / 8]
    assert [weight for weight, _ in already_right.weights] == [0.0] * 6


def test_adding_tokens_to_one_term_leaves_the_other_unchanged() -> None:
    one = rltf_sd.build([episode(0.0, 1.0)], RltfSd())
    both = rltf_sd.build([episode(0.0, 1.0)], RltfSd(turns_coefficient=1.0))
    assert [w for (w,) in encode(one, encode_chat)[0].weights] == [w for w, _ in encode(both, encode_chat)[0].weights]


def test_by_sequences_a_long_answer_weighs_more() -> None:
    objective = rltf_sd.build(
        [episode(0.0, 1.0, length=2), episode(0.0, 1.0, length=6)], RltfSd(normaliser="sequences")
    )
    short, long = encode(objective, encode_chat)
    assert sum(weight for (weight,) in short.weights) == pytest.approx(1.0)
    assert sum(weight for (weight,) in long.weights) == pytest.approx(3.0)


def test_rows_point_at_the_position_that_predicts_the_token() -> None:
    (batch,) = pack(encode(rltf_sd.build([episode(0.0, 1.0)], RltfSd()), encode_chat), budget=100)
    flat = batch.ids_BT.flatten()
    assert flat[batch.rows.position_R + 1].tolist() == batch.rows.target_R.tolist() == [3, 4, 5]


def test_an_answer_that_carries_no_loss_is_never_computed() -> None:
    objective = rltf_sd.build([episode(0.5, 0.5)], RltfSd())
    assert pack(encode(objective, encode_chat), budget=100) == []
    with_drift = rltf_sd.build([episode(0.5, 0.5)], RltfSd(drift_coefficient=1.0))
    assert len(pack(encode(with_drift, encode_chat), budget=100)) == 1


def toy_gradient(batches: list[Batch], objective: Objective) -> torch.Tensor:
    """Gradient of the loss on the embedding of a model that predicts each token from the one before."""
    generator = torch.Generator().manual_seed(0)
    embedding = torch.randn(20, 8, generator=generator, dtype=torch.float64).requires_grad_()
    head = torch.randn(20, 8, generator=generator, dtype=torch.float64)
    for batch in batches:
        hidden = embedding[batch.ids_BT].flatten(0, 1)[batch.rows.position_R]
        targets = {"start": Target(hidden.detach() * 0.5)}
        if batch.teacher_BT is not None:
            taught = embedding[batch.teacher_BT].flatten(0, 1)[batch.rows.teacher_R]
            targets["teacher"] = Target(taught.detach() * 0.7)
        terms = list(objective.terms.values())
        torch.autograd.backward(row_losses(hidden, head, batch.rows, terms, targets).total)
    assert embedding.grad is not None
    return embedding.grad


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=10),
    budgets=st.tuples(st.integers(1, 120), st.integers(1, 120)),
)
@settings(max_examples=30, deadline=None)
def test_the_size_of_micro_batches_does_not_change_the_gradient(lengths: list[int], budgets: tuple[int, int]) -> None:
    episodes = [episode(0.2 * (n % 3), 0.9, group=n, length=length) for n, length in enumerate(lengths)]
    for objective in (
        rltf_sd.build(episodes, RltfSd(drift_coefficient=0.3, turns_coefficient=0.4)),
        trd.build(episodes, Trd(drift_coefficient=0.1)),
        sdpo.build(episodes, Sdpo(divergence=Divergence(name="jensen_shannon"))),
    ):
        encoded = encode(objective, encode_chat)
        one, other = (toy_gradient(pack(encoded, budget=budget), objective) for budget in budgets)
        assert (one - other).norm() <= 1e-6 * one.norm() + 1e-12


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=10),
    budget=st.integers(1, 120),
    processes=st.integers(1, 5),
)
@settings(max_examples=30, deadline=None)
def test_the_gradients_of_all_processes_sum_to_that_of_one(lengths: list[int], budget: int, processes: int) -> None:
    episodes = [episode(0.2 * (n % 3), 0.9, group=n, length=length) for n, length in enumerate(lengths)]
    for objective in (
        rltf_sd.build(episodes, RltfSd(drift_coefficient=0.3, turns_coefficient=0.4)),
        sdpo.build(episodes, Sdpo(drift_coefficient=0.1)),
    ):
        encoded = encode(objective, encode_chat)
        dealt = deal(encoded, budget=budget, processes=processes)
        assert len({(len(batches), *(batch.teacher_BT is None for batch in batches)) for batches in dealt}) == 1
        summed = sum(toy_gradient(batches, objective) for batches in dealt)
        one = toy_gradient(pack(encoded, budget=budget), objective)
        assert (one - summed).norm() <= 1e-6 * one.norm() + 1e-12


@given(budget=st.integers(1, 60), lengths=st.lists(st.integers(1, 12), min_size=1, max_size=12))
def test_packing_keeps_the_budget_and_loses_no_token(budget: int, lengths: list[int]) -> None:
    episodes = [episode(0.0, 1.0, length=length) for length in lengths]
    batches = pack(encode(rltf_sd.build(episodes, RltfSd()), encode_chat), budget=budget)
    assert sum(len(batch.rows.target_R) for batch in batches) == sum(lengths)
    assert all(len(batch.ids_BT) == 1 or batch.ids_BT.numel() <= budget for batch in batches)


def test_the_effective_sample_is_all_of_it_on_policy_and_less_off_it() -> None:
    assert effective_share(torch.ones(5)) == 1.0
    assert effective_share(torch.tensor([1.0, 3.0])) == pytest.approx(0.8)


def test_feedback_metrics_say_what_the_critiques_do() -> None:
    found = feedback_metrics([episode(0.0, 1.0), episode(0.0, 0.0), episode(1.0, None)])
    assert found == {
        "reward/attempt_mean": 0.0,
        "reward/redraft_mean": 0.5,
        "critique/redraft_right_frac": 0.5,
        "critique/redraft_better_frac": 0.5,
        "critique/utility": 0.5,
        "critique/copied_frac": 0.0,
    }


def test_an_answer_that_one_corrected_is_not_learned_uncorrected_because_another_rated_it_right() -> None:
    found = sft.build([episode(1.0, None), episode(0.0, None, edit=EDIT), episode(1.0, None)], Sft())
    assert [example.response_T for example in found.examples] == [EDIT.token_ids]


def test_an_answer_that_several_rate_right_is_learned_once() -> None:
    found = sft.build([episode(1.0, None), episode(1.0, None)], Sft())
    assert [example.response_T for example in found.examples] == [(1, 2, 2, 1)]


def test_the_log_prob_floor_holds_for_the_added_turns_too() -> None:
    for module, config in ((rltf_sd, RltfSd(turns_coefficient=1.0)), (rltf, Rltf(turns_coefficient=1.0))):
        terms = module.build([episode(0.0, 1.0)], config).terms
        assert terms[TURNS].floor == terms[REDRAFTS].floor
        assert terms[TURNS].floor.negative == config.log_prob_floor


def test_a_teacher_that_argues_in_one_place_is_told_from_one_that_argues_everywhere() -> None:
    one_place, everywhere = torch.tensor([-2.0, 0.0, 0.0, 0.0]), torch.full((4,), -0.5)
    wrong, right = torch.zeros(4), torch.ones(4)
    found = favour_metrics(torch.cat([one_place, everywhere]), torch.cat([wrong, right]))
    assert found == {
        "teacher/abs_mean_wrong": 0.5, "teacher/against_frac_wrong": 0.25, "teacher/loudest_share_wrong": 1.0,
        "teacher/abs_mean_right": 0.5, "teacher/against_frac_right": 1.0, "teacher/loudest_share_right": 0.25,
    }  # fmt: skip


def test_responses_without_a_teacher_say_nothing_of_one() -> None:
    assert favour_metrics(torch.full((3,), torch.nan), torch.ones(3)) == {}


@given(st.lists(st.floats(-20, 20, allow_nan=False), min_size=1, max_size=60))
def test_shares_of_a_teachers_loudness_are_shares(favours: list[float]) -> None:
    found = favour_metrics(torch.tensor(favours), torch.full((len(favours),), torch.nan))
    assert 0 <= found["teacher/against_frac_unrated"] <= 1
    assert 0 <= found["teacher/loudest_share_unrated"] <= 1 + 1e-6


def test_a_redraft_that_repeats_its_critique_is_seen() -> None:
    told = replace(episode(0.0, 1.0), critique=Written("Say second things first.", (1,)))
    assert told.redraft is not None
    copying = replace(told, redraft=replace(told.redraft, text="Say second things, please."))
    assert feedback_metrics([told])["critique/copied_frac"] == 0.0
    assert feedback_metrics([told, copying])["critique/copied_frac"] == pytest.approx(1 / 3)


def test_the_mass_on_some_tokens_is_that_of_the_softmax() -> None:
    hidden, head = torch.randn(150, 4), torch.randn(9, 4)
    expected = torch.softmax(hidden @ head.T, 1)[:, [2, 5]].sum(1)
    assert torch.allclose(mass_on(hidden, head, [5, 2, 5]), expected, atol=1e-6)


def test_an_answer_that_nobody_rated_is_neither_right_nor_wrong() -> None:
    rated = episode(0.5, None)
    unrated = replace(rated, attempt=replace(rated.attempt, is_rated=False))
    found = sdpo.build([rated, unrated, episode(1.0, None)], Sdpo()).examples
    assert [example.right for example in found] == [False, None, True]
