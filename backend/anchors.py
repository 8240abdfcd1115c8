"""Where a span stands in a text: offsets, the quote with its context, and a hash of the whole.

Offsets count code points and, for browsers, UTF-16 units; line endings count as they stand. A span never splits what a
reader takes for one character (an extended grapheme cluster, Unicode Standard Annex 29).
``frontend/src/lib/anchors.ts`` holds the same functions, and ``tests/golden/anchors.json`` tests both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import regex

CONTEXT = 32


@dataclass(frozen=True)
class Anchor:
    """A span of a text, as half-open offsets; ``before`` and ``after`` are at most ``CONTEXT`` code points."""

    start: int
    end: int
    start_utf16: int
    end_utf16: int
    quote: str
    before: str
    after: str
    text_sha256: str


def anchor(text: str, start: int, end: int) -> Anchor:
    """The anchor of ``text[start:end]``, extended outwards to whole characters.

    Raises:
        ValueError: the span is empty or does not lie in the text.
    """
    if not 0 <= start < end <= len(text):
        raise ValueError(f"{start} to {end} is no span of a text of {len(text)} code points")
    for first, last in _characters(text):
        if first <= start < last:
            start = first
        if first < end <= last:
            return _cut(text, start, last)
    raise AssertionError("the characters of a text cover it")


def matches(found: Anchor, text: str) -> bool:
    """Whether everything that the anchor says is true of ``text``."""
    return 0 <= found.start < found.end <= len(text) and found == _cut(text, found.start, found.end)


def resolve(found: Anchor, text: str) -> tuple[int, int] | None:
    """Where the anchor's span stands in ``text``, which may have changed; None where that is gone or ambiguous.

    In the very text of the anchor the offsets hold. In another one the quote is looked for; of several places the one
    whose surroundings share the most with ``before`` and ``after`` wins, and no tie is broken by chance.
    """
    if found.text_sha256 == _hash(text):
        return found.start, found.end
    scores = {place: _shared(found, text, *place) for place in _places(found.quote, text)}
    best = max(scores.values(), default=0)
    winners = [place for place, score in scores.items() if score == best]
    return winners[0] if len(winners) == 1 else None


def _cut(text: str, start: int, end: int) -> Anchor:
    start_utf16 = _utf16(text[:start])
    return Anchor(
        start=start,
        end=end,
        start_utf16=start_utf16,
        end_utf16=start_utf16 + _utf16(text[start:end]),
        quote=text[start:end],
        before=text[max(0, start - CONTEXT) : start],
        after=text[end : end + CONTEXT],
        text_sha256=_hash(text),
    )


def _characters(text: str) -> Iterator[tuple[int, int]]:
    for cluster in regex.finditer(r"\X", text):
        yield cluster.span()


def _places(quote: str, text: str) -> Iterator[tuple[int, int]]:
    if not quote or quote not in text:
        return
    edges = {0} | {last for _, last in _characters(text)}
    start = text.find(quote)
    while start >= 0:
        end = start + len(quote)
        if start in edges and end in edges:
            yield start, end
        start = text.find(quote, start + 1)


def _shared(found: Anchor, text: str, start: int, end: int) -> int:
    before = _agreeing(reversed(found.before), reversed(text[max(0, start - CONTEXT) : start]))
    return before + _agreeing(iter(found.after), iter(text[end : end + CONTEXT]))


def _agreeing(one: Iterator[str], other: Iterator[str]) -> int:
    count = 0
    for here, there in zip(one, other, strict=False):
        if here != there:
            break
        count += 1
    return count


def _utf16(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
