"""Anchors: where a span stands, in offsets, words and context; the vectors are TypeScript's too."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from backend import anchors
from backend.anchors import Anchor

VECTORS = json.loads((Path(__file__).parent.parent / "golden" / "anchors.json").read_text())
PIECES = [
    "a", "ab", "e\u0301", " ", "\r\n", "\n", "\r", "no", "\U0001f600", "\U0001f469\u200d\U0001f467",
    "\U0001f44d\U0001f3fd", "\U0001f1eb\U0001f1f7", "\U0001f1e9", "\u0643\u064e", "\u05e9\u05c1", "\u1112\u1161\u11ab",
    "\u200d", "1\ufe0f\u20e3",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8"), min_size=1).map("".join)
SPANS = TEXTS.flatmap(
    lambda text: st.tuples(st.just(text), st.integers(0, len(text) - 1)).flatmap(
        lambda found: st.tuples(st.just(found[0]), st.just(found[1]), st.integers(found[1] + 1, len(found[0])))
    )
)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("vector", VECTORS["anchored"], ids=lambda vector: vector["name"])
def test_an_anchor_is_what_the_vector_says(vector: dict[str, Any]) -> None:
    assert asdict(anchors.anchor(vector["text"], vector["start"], vector["end"])) == vector["anchor"]


@pytest.mark.parametrize("vector", VECTORS["resolved"], ids=lambda vector: vector["name"])
def test_an_anchor_is_found_again_where_the_vector_says(vector: dict[str, Any]) -> None:
    found = anchors.resolve(Anchor(**vector["anchor"]), vector["text"])
    assert found == (None if vector["expected"] is None else tuple(vector["expected"]))


@given(SPANS)
def test_an_anchor_is_found_where_it_was_made_and_holds_what_was_chosen(found: tuple[str, int, int]) -> None:
    text, start, end = found
    made = anchors.anchor(text, start, end)
    assert made.start <= start < end <= made.end
    assert anchors.resolve(made, text) == (made.start, made.end)
    assert text[made.start : made.end] == made.quote
    assert anchors.matches(made, text)


@given(SPANS)
def test_both_kinds_of_offset_mean_the_same_place(found: tuple[str, int, int]) -> None:
    text, start, end = found
    made = anchors.anchor(text, start, end)
    units = text.encode("utf-16-le")
    assert units[2 * made.start_utf16 : 2 * made.end_utf16].decode("utf-16-le") == made.quote
    assert (made.start_utf16, made.end_utf16) == (utf16(text[: made.start]), utf16(text[: made.end]))


@given(SPANS)
def test_no_character_is_ever_split(found: tuple[str, int, int]) -> None:
    text, start, end = found
    made = anchors.anchor(text, start, end)
    assert {made.start, made.end} <= {0, *(cluster.end() for cluster in regex.finditer(r"\X", text))}


@given(SPANS, TEXTS)
def test_a_quote_that_stands_once_is_found_after_an_edit_before_it(found: tuple[str, int, int], more: str) -> None:
    text, start, end = found
    made = anchors.anchor(text, start, end)
    changed = f"{more}\n\n{text}"
    expected = len(more) + 2 + made.start
    at = anchors.resolve(made, changed)
    assert at is None or changed[at[0] : at[1]] == made.quote
    if changed.count(made.quote) == 1:
        assert at == (expected, expected + len(made.quote))


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 1), (-1, 2), (0, 6), (6, 7)])
def test_an_empty_span_or_one_outside_of_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no span"):
        anchors.anchor("Rain.", start, end)


@pytest.mark.parametrize(
    "changes",
    [
        {"start": 1}, {"end": 3}, {"start_utf16": 2}, {"end_utf16": 4}, {"quote": "is"}, {"before": ""}, {"after": "x"},
        {"text_sha256": "0" * 64}, {"start": -3, "end": -1}, {"end": 10**12},
    ],
)  # fmt: skip
def test_an_anchor_with_one_thing_untrue_does_not_match(changes: dict[str, Any]) -> None:
    text = "\U0001f600 It rains."
    made = anchors.anchor(text, 2, 4)
    assert anchors.matches(made, text)
    assert not anchors.matches(replace(made, **changes), text)
