"""Whether a critique says of a known item what it should: pure rules over what was expected and what was said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.spans import Span


@dataclass(frozen=True)
class Expected:
    """What a good critique says. The range is in [0, 1], with None for no matter what."""

    is_seeded: bool
    rating_low: float | None
    rating_high: float | None
    tags: list[str]
    spans: list[Span]
    words: list[str]


@dataclass(frozen=True)
class Said:
    """What a critique says."""

    text: str
    rating: float | None
    tags: list[str]
    spans: list[Span]


@dataclass(frozen=True)
class Verdict:
    """How a critique stands to what was expected; ``in_range`` is None where any rating would do."""

    passed: bool
    in_range: bool | None
    spans_found: list[bool]
    words_found: bool
    tags_missing: list[str]


def judge(expected: Expected, said: Said) -> Verdict:
    """A gold item is passed by a rating within its range, a seeded one by finding the mistake.

    The mistake is found by a span that overlaps it, or by one of its words in the text or in a note.
    """
    in_range = _in_range(expected, said.rating)
    found = [any(_overlap(span, other) for other in said.spans) for span in expected.spans]
    by_words = _says_one_of(expected.words, [said.text, *(span.note for span in said.spans)])
    return Verdict(
        passed=any(found) or by_words if expected.is_seeded else in_range is not False,
        in_range=in_range,
        spans_found=found,
        words_found=by_words,
        tags_missing=[tag for tag in expected.tags if tag not in said.tags],
    )


def _in_range(expected: Expected, rating: float | None) -> bool | None:
    if expected.rating_low is None or expected.rating_high is None:
        return None
    slack = 1e-6  # a point of the scale is a fraction that need not be exact
    return rating is not None and expected.rating_low - slack <= rating <= expected.rating_high + slack


def _overlap(one: Span, other: Span) -> bool:
    return one.anchor.start < other.anchor.end and other.anchor.start < one.anchor.end


def _says_one_of(words: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether one of the words stands in a text as a whole, in any case of letters.

    >>> _says_one_of(["Rome"], ["It is not rome."]), _says_one_of(["Rome"], ["Romeo"])
    (True, False)
    """
    patterns = [rf"(?<!\w){re.escape(word.casefold())}(?!\w)" for word in words if word.strip()]
    return any(re.search(pattern, text.casefold()) for pattern in patterns for text in texts)
