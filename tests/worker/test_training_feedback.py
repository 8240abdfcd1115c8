"""Where a step's episodes come from."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from backend import contexts
from backend.recipes import (
    Feedback,
    Opsd,
    Optimiser,
    Recipe,
    RltfSd,
    Rules,
    Sampling,
    Sdft,
    Sdpo,
    SdZero,
    Sft,
    StepAlign,
)
from tests.tiny_model import make_tiny_model
from tests.worker.training_fakes import KeepingRecorder, data, item, prompt
from worker.objective.methods import METHODS
from worker.objective.types import Written
from worker.training.feedback import Data, NothingToLearnError, Source, StoppedWhilePreparingError, in_turn
from worker.training.policy import Policy
from worker.training.sources import source_for
from worker.training.stored import is_usable


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    return Policy.load(make_tiny_model(tmp_path_factory.mktemp("base")), dtype=torch.float32)


def source(
    policy: Policy, folder: Path, recorder: KeepingRecorder, feedback: Data | None = None, *, per_prompt: int = 1,
    sft: bool = False, **settings: object,
) -> Source:  # fmt: skip
    made = Recipe(
        method=Sft() if sft else Recipe().method,
        feedback=Feedback.model_validate(settings),
        optimiser=Optimiser(pairs_per_step=4),
        sampling=Sampling(max_tokens=8, attempts_per_prompt=per_prompt),
    )
    return source_for(made, feedback or data(policy), policy, recorder, folder)


def test_recorded_redrafts_and_rewards_are_used_as_they_are(policy: Policy, tmp_path: Path) -> None:
    recorder = KeepingRecorder()
    found = source(policy, tmp_path, recorder, data(policy, [item(policy, 0, rating=0.25, reward=0.5)]))
    found.prepare()
    (episode,) = found.episodes(1)
    assert episode.redraft is not None
    assert (episode.attempt.reward, episode.redraft.reward) == (0.25, 0.5)
    assert episode.redraft.text == "A lung is an organ."
    assert recorder.sampled == {}


def test_a_missing_redraft_is_sampled_once_from_the_start_and_rated_by_the_verifier(
    policy: Policy, tmp_path: Path
) -> None:
    recorder = KeepingRecorder()
    items = [item(policy, 0), item(policy, 1, rating=0.7, reward=None)]
    found = source(policy, tmp_path, recorder, data(policy, items))
    found.prepare()
    (pair,) = recorder.sampled[0]
    assert pair.revision_id == 101
    assert pair.redraft_reward in (0.0, 1.0)
    first = {e.group: e for e in found.episodes(1)}
    assert first[1].redraft is not None
    assert first[1].redraft.token_ids == pair.redraft.token_ids
    assert first[1].attempt.reward == 0.0, "both rewards are on the verifier's scale"
    assert found.usage.sampled_redrafts == found.usage.recorded_redrafts == 1


def test_what_was_prepared_is_not_sampled_again(policy: Policy, tmp_path: Path) -> None:
    first, second = KeepingRecorder(), KeepingRecorder()
    one, other = (source(policy, tmp_path, recorder, redrafts="start") for recorder in (first, second))
    one.prepare()
    other.prepare()
    assert len(first.sampled[0]) == 6
    assert second.sampled == {}
    assert one.episodes(3) == other.episodes(3)


def test_preparing_stops_when_asked(policy: Policy, tmp_path: Path) -> None:
    with pytest.raises(StoppedWhilePreparingError):
        source(policy, tmp_path, KeepingRecorder(stop_at=0), redrafts="start").prepare()


def test_without_a_verifier_unjudged_critiques_are_left_out(policy: Policy, tmp_path: Path) -> None:
    items = [item(policy, 0), item(policy, 1, reward=None)]
    found = source(policy, tmp_path, KeepingRecorder(), data(policy, items), verifier=None)
    assert {episode.group for episode in found.episodes(1)} == {0}


def test_an_unrated_attempt_counts_as_the_middle(policy: Policy, tmp_path: Path) -> None:
    found = source(policy, tmp_path, KeepingRecorder(), data(policy, [item(policy, 0, rating=None, reward=0.75)]))
    assert found.episodes(1)[0].attempt.reward == 0.5
    assert not found.episodes(1)[0].attempt.is_rated


def test_nothing_to_learn_from_is_said(policy: Policy, tmp_path: Path) -> None:
    for settings in ({}, {"sft": True}):
        with pytest.raises(NothingToLearnError):
            source(policy, tmp_path, KeepingRecorder(), data(policy, []), **settings)


def test_live_redrafts_are_sampled_in_every_step(policy: Policy, tmp_path: Path) -> None:
    recorder = KeepingRecorder()
    found = source(policy, tmp_path, recorder, redrafts="live")
    found.prepare()
    found.episodes(1)
    found.episodes(2)
    assert {step: len(pairs) for step, pairs in recorder.sampled.items()} == {1: 4, 2: 4}


@pytest.mark.parametrize(
    ("control", "request_"),
    [
        ("none", "Too many words; write one short sentence."),
        ("foreign", contexts.foreign_critique(0)),
        ("correctness", contexts.WRONG),
        ("no_critique", contexts.SECOND_TRY),
    ],
)
def test_a_control_changes_what_the_redraft_is_written_under(
    policy: Policy, tmp_path: Path, control: str, request_: str
) -> None:
    found = source(
        policy, tmp_path, KeepingRecorder(), data(policy, [item(policy, 0)]), redrafts="start", control=control
    )
    found.prepare()
    (episode,) = found.episodes(1)
    assert episode.redraft_context[-1]["content"].endswith(request_)


def test_rewards_of_one_prompt_compare_only_where_the_same_rated_them(policy: Policy, tmp_path: Path) -> None:
    items = [item(policy, 0, rating=0.25, reward=0.5), item(policy, 0, rating=0.75, reward=None)]
    found = source(policy, tmp_path, KeepingRecorder(), data(policy, items))
    found.prepare()
    recorded, sampled = found.episodes(1)
    assert (recorded.group, recorded.rated_by) == (sampled.group, "author")
    assert sampled.rated_by == "verifier"
    assert recorded.redraft is not None
    (example, *_) = METHODS["rltf-sd"]([recorded, sampled], RltfSd()).examples
    assert set(example.weights["redrafts"]) == {0.5 - 0.25}


def test_shuffled_critiques_are_those_of_other_answers(policy: Policy, tmp_path: Path) -> None:
    items = [replace(item(policy, number), critique=f"Critique {number}.") for number in range(4)]
    found = source(policy, tmp_path, KeepingRecorder(), data(policy, items), redrafts="start", control="shuffled")
    found.prepare()
    read = {e.group: e.critique.text for e in found.episodes(1) if e.critique is not None}
    assert sorted(read.values()) == sorted(one.critique for one in items)
    assert all(text != f"Critique {group}." for group, text in read.items())


def test_a_method_without_redrafts_samples_none(policy: Policy, tmp_path: Path) -> None:
    recorder = KeepingRecorder()
    for attempts in ("stored", "live"):
        recipe = Recipe(method=Sdpo(), feedback=Feedback(attempts=attempts), sampling=Sampling(max_tokens=8))
        found = source_for(recipe, data(policy), policy, recorder, tmp_path)
        found.prepare()
        episodes = found.episodes(1)
        assert all(episode.redraft is None and episode.redraft_context for episode in episodes)
    assert [pair.redraft for pair in recorder.sampled[1]] == [None] * 6


def test_an_item_is_used_only_with_what_the_method_needs(policy: Policy) -> None:
    plain = replace(item(policy, 0, rating=None, reward=None), critique="")
    referenced = replace(plain, prompt=replace(plain.prompt, reference="An organ."))
    usable = {
        method.name: [is_usable(Recipe(method=method), one, rules) for one, rules in cases]
        for method in (Sdpo(), Sft(), Opsd(), Sdft(), StepAlign(), SdZero(), Rules())
        for cases in [
            [(plain, ()), (replace(plain, critique="Too long."), ()), (replace(plain, edit="Short."), ()),
             (replace(plain, rating=1.0), ()), (referenced, ()), (plain, ("Be brief.",))]
        ]
    }  # fmt: skip
    assert usable == {
        "sdpo": [False, True, False, False, False, False],
        "sft": [False, False, True, True, False, False],
        "opsd": [False, False, False, False, True, False],
        "sdft": [False, False, True, False, True, False],
        "step-align": [False, True, True, False, False, False],
        "sd-zero": [False, False, False, True, False, False],
        "rules": [False, False, False, False, False, True],
    }


def test_live_attempts_come_with_critique_and_redraft(policy: Policy, tmp_path: Path) -> None:
    recorder = KeepingRecorder()
    found = source(policy, tmp_path, recorder, per_prompt=2, attempts="live", redrafts="start")
    episodes = found.episodes(1)
    assert len(episodes) == len(recorder.sampled[1]) == 4
    assert [episode.group for episode in episodes[::2]] == [episode.group for episode in episodes[1::2]]
    for episode, pair in zip(episodes, recorder.sampled[1], strict=True):
        assert pair.attempt is not None
        assert pair.attempt.token_ids == episode.attempt.token_ids
        assert pair.critique in episode.redraft_context[-1]["content"]
    assert found.usage.live_attempts == 4


def test_a_live_step_is_the_same_whenever_it_is_made(policy: Policy, tmp_path: Path) -> None:
    one, other = (source(policy, tmp_path, KeepingRecorder(), attempts="live", redrafts="live") for _ in range(2))
    one.episodes(1)
    assert one.episodes(2) == other.episodes(2)


def test_all_critiques_of_a_prompt_are_in_the_same_step(policy: Policy, tmp_path: Path) -> None:
    items = [item(policy, number % 3) for number in range(9)]
    found = source(policy, tmp_path, KeepingRecorder(), data(policy, items))
    for step in range(1, 5):
        groups = [episode.group for episode in found.episodes(step)]
        assert all(groups.count(group) == 3 for group in groups)


def test_edits_are_closed_by_the_end_token(policy: Policy, tmp_path: Path) -> None:
    feedback = data(policy, [item(policy, 0, edit="  A lung is an organ. \n"), item(policy, 1, edit="  ")])
    (episode,) = source(policy, tmp_path, KeepingRecorder(), feedback, sft=True).episodes(1)
    assert episode.edit == Written("A lung is an organ.", policy.encode_answer("A lung is an organ."))


def test_every_group_has_its_turn_in_every_round() -> None:
    steps = list(itertools.islice(in_turn([1] * 10, per_step=3, seed=0), 10))
    seen = [place for step in steps for place in step]
    assert all(len(set(step)) == len(step) == 3 for step in steps)
    assert all(2 <= seen.count(place) <= 4 for place in range(10))


def test_fewer_groups_than_a_step_takes_make_a_step_of_all() -> None:
    assert [sorted(step) for step in itertools.islice(in_turn([1, 2], per_step=16, seed=0), 2)] == [[0, 1], [0, 1]]


def test_the_order_is_the_seeds() -> None:
    one, other = (list(itertools.islice(in_turn([1] * 20, per_step=5, seed=seed), 4)) for seed in (1, 2))
    assert one == list(itertools.islice(in_turn([1] * 20, per_step=5, seed=1), 4))
    assert one != other


def test_live_runs_need_prompts(policy: Policy, tmp_path: Path) -> None:
    nothing = Data((), (), (prompt(1),))
    with pytest.raises(NothingToLearnError):
        source(policy, tmp_path, KeepingRecorder(), nothing, attempts="live", redrafts="start")
