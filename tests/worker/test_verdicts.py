"""Reading a judge's reply: exactly of the form, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.judging.verdicts import LONGEST_CRITIQUE, Judged, Unreadable, read

GOOD = "Critique: Too long.\nRating: 2"


@pytest.mark.parametrize(
    ("reply", "critique", "rating"),
    [
        (GOOD, "Too long.", 0.25),
        ("\n  Critique: Too long.\n\nRating:   2 \n", "Too long.", 0.25),
        ("Critique:\nToo long.\nSay it in one sentence.\nRating: 1", "Too long.\nSay it in one sentence.", 0.0),
        ("Critique: Good, with the rating: 5 in mind.\nRating: 5", "Good, with the rating: 5 in mind.", 1.0),
        ("Critique: Zu lang — 太长。\r\nRating: 3", "Zu lang — 太长。", 0.5),
    ],
)
def test_a_reply_of_the_form_is_a_critique_and_a_rating_on_the_scale(reply: str, critique: str, rating: float) -> None:
    assert read(reply, "stop", points=5) == Judged(critique, rating)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("", Unreadable.empty),
        (" \n ", Unreadable.empty),
        ("Too long. 2", Unreadable.no_critique),
        ("Sure! Critique: Too long.\nRating: 2", Unreadable.no_critique),
        ("critique: Too long.\nRating: 2", Unreadable.no_critique),
        ("Rating: 2\nCritique: Too long.", Unreadable.no_critique),
        ("Critique: Too long.", Unreadable.no_rating),
        ("Critique: Too long. Rating: 2", Unreadable.no_rating),
        ("Critique: Too long.\nRating: 2\nI hope that helps.", Unreadable.no_rating),
        ("Critique: Too long.\nRating: 1\nRating: 5", Unreadable.several_ratings),
        ("Critique: what is wrong, and how it can be better\nRating: 2", Unreadable.not_filled_in),
        ("Critique:\nRating: 2", Unreadable.no_words),
        ("Critique: ...\nRating: 2", Unreadable.no_words),
        ("Critique: " + "a" * (LONGEST_CRITIQUE + 1) + "\nRating: 2", Unreadable.too_long),
        ("Critique: Too long.\nRating:", Unreadable.no_number),
        ("Critique: Too long.\nRating: two", Unreadable.no_number),
        ("Critique: Too long.\nRating: 2.5", Unreadable.no_number),
        ("Critique: Too long.\nRating: 4/5", Unreadable.no_number),
        ("Critique: Too long.\nRating: -1", Unreadable.no_number),
        ("Critique: Too long.\nRating: ２", Unreadable.no_number),
        ("Critique: Too long.\nRating: 0", Unreadable.off_scale),
        ("Critique: Too long.\nRating: 6", Unreadable.off_scale),
        ("Critique: Too long.\nRating: 100", Unreadable.off_scale),
    ],
)
def test_any_other_reply_is_no_verdict_and_says_why(reply: str, why: Unreadable) -> None:
    assert read(reply, "stop", points=5) is why


@pytest.mark.parametrize("finish_reason", ["length", "abort", None])
def test_a_reply_that_was_cut_off_is_no_verdict_even_if_it_looks_whole(finish_reason: str | None) -> None:
    assert read(GOOD, finish_reason, points=5) is Unreadable.cut_off


@given(st.text(), st.sampled_from(["stop", "length", None]), st.integers(2, 11))
def test_whatever_is_replied_a_rating_is_one_of_the_scale(reply: str, finish_reason: str | None, points: int) -> None:
    for text in (reply, f"Critique: {reply}\nRating: 2", f"Critique: Long.\nRating: {reply}"):
        said = read(text, finish_reason, points=points)
        if isinstance(said, Judged):
            assert said.rating in [step / (points - 1) for step in range(points)]
            assert said.critique.strip() == said.critique != ""


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200).filter(
    lambda text: any(map(str.isalnum, text)) and "Rating:" not in text
)


@given(st.lists(words, min_size=1, max_size=4), st.integers(2, 11), st.data())
def test_what_is_written_in_the_form_is_read_as_it_was_written(
    lines: list[str], points: int, data: st.DataObject
) -> None:
    critique, rating = "\n".join(lines).strip(), data.draw(st.integers(1, points))
    said = read(f"Critique: {critique}\nRating: {rating}", "stop", points=points)
    assert said == Judged(critique, (rating - 1) / (points - 1))
