"""Verifiers: code that rates an answer and says in words what is wrong with it and how to better it.

A verifier is pure: the same answer always gets the same verdict. Its critique goes into the model's context as a
person's would, so it states the fact (how many words) and the cure (how many are wanted); the wording was chosen by
the share of redrafts that it puts right.
"""

from collections.abc import Callable
from dataclasses import dataclass

FEWEST_WORDS = 3
MOST_WORDS = 20
# The cure asks for less than the rule allows: a small model overshoots the number it is given.
WANTED_WORDS = 12


@dataclass(frozen=True)
class Verdict:
    """What a verifier says about one answer: a rating in [0, 1] and a critique for the model to read."""

    rating: float
    critique: str


@dataclass(frozen=True)
class Verifier:
    """A named rule; ``verify(prompt_text, answer, finish_reason)`` gives the verdict on one answer.

    ``finish_reason`` is the engine's: "stop" when the answer ended by itself, "length" when it was cut off.
    """

    name: str
    description: str
    verify: Callable[[str, str, str | None], Verdict]


def is_concise(answer: str, finish_reason: str | None) -> bool:
    """Whether the answer ended by itself and has 3 to 20 words (runs of characters between white space)."""
    return finish_reason == "stop" and FEWEST_WORDS <= len(answer.split()) <= MOST_WORDS


def verify_concise(_prompt_text: str, answer: str, finish_reason: str | None) -> Verdict:
    """Rate 1 an answer that is concise, else 0, and say how many words it has and how many are wanted."""
    count = len(answer.split())
    return Verdict(float(is_concise(answer, finish_reason)), _critique(count, finish_reason))


def _critique(count: int, finish_reason: str | None) -> str:
    words = "1 word" if count == 1 else f"{count} words"
    if count > MOST_WORDS:
        return f"Your answer is too long: it has {words}. Say it in ONE short sentence of at most {WANTED_WORDS} words."
    if count == 0:
        return f"Your answer is empty. Answer with ONE short sentence of at most {WANTED_WORDS} words."
    if finish_reason != "stop":
        return (
            f"Your answer was cut off after {words}. "
            f"Write it to its end, as ONE short sentence of at most {WANTED_WORDS} words."
        )
    if count < FEWEST_WORDS:
        return (
            f"Your answer has only {words}, which is too short. "
            f"Answer with ONE whole sentence of {FEWEST_WORDS} to {WANTED_WORDS} words."
        )
    return f"Good: your answer is complete and has only {words}. Keep it as it is."


VERIFIERS: dict[str, Verifier] = {
    "concise": Verifier(
        name="concise",
        description=f"Rates 1 an answer that ends by itself and has {FEWEST_WORDS} to {MOST_WORDS} words, else 0.",
        verify=verify_concise,
    ),
}
