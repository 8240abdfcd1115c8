"""Grouping texts by similarity: what belongs together, and laws that hold for any texts."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.similarity import groups, words_of

WORDS = st.sampled_from(["too", "long", "short", "wrong", "Paris", "metric", "units", "the", "source", "長", "❌"])
TEXTS = st.one_of(st.lists(WORDS, max_size=8).map(" ".join), st.text("aAß. \n?!é\u0301長❌", max_size=12))
MANY = st.dictionaries(st.integers(0, 10_000), TEXTS, max_size=25)


@given(MANY, st.randoms(use_true_random=False))
def test_the_order_of_the_texts_does_not_change_the_groups(texts: dict[int, str], shuffler: random.Random) -> None:
    order = list(texts)
    shuffler.shuffle(order)
    assert groups({number: texts[number] for number in order}) == groups(texts)


@given(MANY)
def test_every_text_is_in_exactly_one_group(texts: dict[int, str]) -> None:
    assert sorted(number for group in groups(texts) for number in group) == sorted(texts)


@given(MANY, TEXTS)
def test_identical_texts_are_always_together(texts: dict[int, str], twin: str) -> None:
    found = groups({**texts, 10_001: twin, 10_002: twin})
    [home] = [group for group in found if 10_001 in group]
    assert 10_002 in home


@given(MANY)
def test_the_largest_groups_come_first(texts: dict[int, str]) -> None:
    sizes = [len(group) for group in groups(texts)]
    assert sizes == sorted(sizes, reverse=True)


@settings(max_examples=25)
@given(MANY)
def test_a_threshold_beyond_any_cosine_groups_only_the_same_words(texts: dict[int, str]) -> None:
    for group in groups(texts, threshold=1.1):
        assert len({words_of(texts[number]) for number in group}) == 1


def test_what_people_say_about_the_same_fault_is_one_group() -> None:
    said = [
        "Too long.",
        "Too long. One short sentence.",
        "This is too long, answer in one short sentence.",
        "Way too long. Please be brief.",
        "You did not answer the question.",
        "This does not answer the question that was asked.",
        "Use metric units.",
    ]
    assert groups(dict(enumerate(said))) == [[0, 1, 2, 3], [4, 5], [6]]


def test_case_signs_and_composition_of_letters_do_not_matter() -> None:
    assert groups({1: "Trop élevé !", 2: "trop e\u0301leve\u0301", 3: "TROP ÉLEVÉ..."}) == [[1, 2, 3]]


def test_texts_without_spaces_between_words_are_compared_too() -> None:
    assert groups({1: "長すぎます。", 2: "回答が長すぎます。", 3: "単位が違う。"}) == [[1, 2], [3]]


@pytest.mark.parametrize("texts", [{}, {1: ""}, {1: "???"}])
def test_few_or_wordless_texts_are_no_error(texts: dict[int, str]) -> None:
    assert groups(texts) == [[number] for number in texts]


def test_different_signs_alone_are_different_texts() -> None:
    assert groups({1: "???", 2: "!!!", 3: "???"}) == [[1, 3], [2]]
