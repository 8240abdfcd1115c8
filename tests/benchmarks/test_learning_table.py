"""The table of learning evidence: what it is made of, without a model."""

import pytest

from backend.recipes import Recipe
from benchmarks.learning.arms import ARMS, TRAINED_TOKENS, recipe, steps_for
from benchmarks.learning.kinds import BOOK, BOOK_WORDS, KINDS, MESSAGE, verify_purpose
from benchmarks.learning.row import Row
from benchmarks.learning.table import table


def row(arm: str, seed: int, right: float, **more: object) -> Row:
    values = {"ending": "trained", "on_topic": [1.0, 1.0], "length": 20.0, "drift": 0.1, "seconds": 60.0, **more}
    return Row(kind="shared", arm=arm, seed=seed, right=[right, right], **values)


@pytest.mark.parametrize("arm", [arm for arm in ARMS.values() if arm.trains], ids=lambda arm: arm.name)
def test_every_arm_learns_from_stored_feedback_that_nobody_rates_anew(arm: object) -> None:
    made = recipe(arm, 3, steps=7)  # type: ignore[arg-type]
    assert (made.feedback.attempts, made.feedback.redrafts, made.feedback.verifier) == ("stored", "recorded", None)
    assert (made.seed, made.optimiser.steps) == (3, 7)
    assert Recipe.model_validate(made.model_dump()) == made


def test_all_arms_spend_the_same_trained_tokens() -> None:
    for tokens in (400, 800, 1500):
        assert tokens * steps_for(tokens) == pytest.approx(TRAINED_TOKENS, abs=tokens)


def test_what_is_right_depends_on_what_the_answer_is_for() -> None:
    short, long = "Rain is water that falls.", "word " * BOOK_WORDS
    rated = {
        (purpose, answer): verify_purpose(f"{purpose}What is rain?", answer, "stop").rating
        for purpose in (MESSAGE, BOOK)
        for answer in (short, long)
    }
    assert rated == {(MESSAGE, short): 1.0, (MESSAGE, long): 0.0, (BOOK, short): 0.0, (BOOK, long): 1.0}


def test_half_of_the_second_kinds_prompts_want_the_opposite() -> None:
    for split in ("train", "probe", "eval"):
        asked = [prompt.messages[-1]["content"] for prompt in KINDS["instance"].prompts(split)]
        assert sum(text.startswith(MESSAGE) for text in asked) * 2 == len(asked)
        assert all(text.startswith((MESSAGE, BOOK)) for text in asked)


def test_the_table_joins_the_seeds_of_an_arm_and_names_how_runs_ended() -> None:
    rows = [row("base", 1, 0.0), row("rltf-sd", 1, 1.0, steps=16, best_step=8), row("rltf-sd", 2, 0.0, steps=4)]
    rows.append(row("grpo", 1, 0.0, ending="no signal"))
    lines = table(rows, "shared").splitlines()
    assert [line.split(" | ")[0] for line in lines[4:]] == ["| base", "| grpo", "| rltf-sd"]
    assert "| 2 | 0.50 [" in lines[-1]
    assert "8/16 0/4" in lines[-1]
    assert "1 x no signal" in lines[-2]
