"""Reading what a judge replied: a critique and a rating in the asked form, or the reason why it cannot be read.

Nothing is guessed: a reply that is not exactly of the form is no verdict.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from backend.judge_contexts import BLANK, CRITIQUE, RATING

LONGEST_CRITIQUE = 5_000
_WHOLE_NUMBER = re.compile(r"[0-9]{1,3}")


class Unreadable(StrEnum):
    """Why a reply is no verdict, in words that end "... could not be judged: "."""

    empty = "the judge said nothing"
    cut_off = "the reply did not come to its end"
    no_critique = f"the reply does not begin with '{CRITIQUE}'"
    not_filled_in = "the form came back without a critique in it"
    no_words = "the critique has no words"
    too_long = "the critique is too long"
    no_rating = f"the reply does not end with a line '{RATING}'"
    several_ratings = f"the reply has several lines '{RATING}'"
    no_number = "the rating is not a whole number"
    off_scale = "the rating is not on the scale"
    refused = "the judge's server refused the request"


@dataclass(frozen=True)
class Judged:
    """What a judge says of one answer: a critique, and a rating in [0, 1]."""

    critique: str
    rating: float


def read(reply: str, finish_reason: str | None, *, points: int) -> Judged | Unreadable:
    """The verdict in a reply, on a scale of ``points`` points; a reply that was cut off is none, whatever it says."""
    said = reply.strip()
    if not said:
        return Unreadable.empty
    if finish_reason != "stop":
        return Unreadable.cut_off
    if not said.startswith(CRITIQUE):
        return Unreadable.no_critique
    before, line_break, last = said.rpartition("\n")
    if not line_break or not last.startswith(RATING):
        return Unreadable.no_rating
    critique = before.removeprefix(CRITIQUE).strip()
    return _flaw(critique) or _rated(critique, last.removeprefix(RATING).strip(), points)


def _flaw(critique: str) -> Unreadable | None:
    if any(line.strip().startswith(RATING) for line in critique.splitlines()):
        return Unreadable.several_ratings
    if critique == BLANK:
        return Unreadable.not_filled_in
    if not any(character.isalnum() for character in critique):
        return Unreadable.no_words
    return Unreadable.too_long if len(critique) > LONGEST_CRITIQUE else None


def _rated(critique: str, number: str, points: int) -> Judged | Unreadable:
    if not _WHOLE_NUMBER.fullmatch(number):
        return Unreadable.no_number
    if not 1 <= int(number) <= points:
        return Unreadable.off_scale
    return Judged(critique, (int(number) - 1) / (points - 1))
