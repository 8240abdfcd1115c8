"""The verifier ``concise``: its rule and the critiques it writes."""

import pytest

from backend.verifiers import VERIFIERS

concise = VERIFIERS["concise"].verify
QUESTION = "What causes rain?"


def words(count: int) -> str:
    return " ".join(["rain"] * count)


@pytest.mark.parametrize(
    ("count", "finish_reason", "rating"),
    [
        (0, "stop", 0.0),
        (2, "stop", 0.0),
        (3, "stop", 1.0),
        (20, "stop", 1.0),
        (21, "stop", 0.0),
        (12, "length", 0.0),
        (12, None, 0.0),
        (12, "cancelled", 0.0),
    ],
)
def test_an_answer_of_3_to_20_words_that_ended_by_itself_is_concise(
    count: int, finish_reason: str | None, rating: float
) -> None:
    assert concise(QUESTION, words(count), finish_reason).rating == rating


@pytest.mark.parametrize("finish_reason", ["stop", "length"])
def test_a_long_answer_is_told_its_word_count_and_the_cure(finish_reason: str) -> None:
    critique = concise(QUESTION, words(83), finish_reason).critique
    assert "83 words" in critique
    assert "too long" in critique
    assert "at most 12 words" in critique


def test_a_short_answer_that_was_cut_off_is_told_so_rather_than_praised() -> None:
    critique = concise(QUESTION, words(12), "length").critique
    assert "cut off after 12 words" in critique
    assert "Good" not in critique


def test_an_answer_of_one_word_is_told_that_it_is_too_short() -> None:
    critique = concise(QUESTION, "Clouds.", "stop").critique
    assert "only 1 word," in critique
    assert "too short" in critique


def test_an_empty_answer_is_called_empty() -> None:
    assert "empty" in concise(QUESTION, " \n", "stop").critique


def test_a_good_answer_is_told_that_it_is_good() -> None:
    verdict = concise(QUESTION, "Rain falls when clouds cool.", "stop")
    assert verdict.critique == "Good: your answer is complete and has only 5 words. Keep it as it is."


def test_white_space_does_not_count_as_words() -> None:
    assert concise(QUESTION, "  Rain\n\nfalls   down.\t", "stop").rating == 1.0


def test_every_verifier_is_listed_under_its_own_name_and_described() -> None:
    assert all(name == verifier.name and verifier.description for name, verifier in VERIFIERS.items())
