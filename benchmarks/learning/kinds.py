"""Two kinds of critique: one rule for every prompt, and one that depends on what the prompt is for.

In the second kind, half of the prompts ask for a text message and half for a school book: what is right for one is
wrong for the other, so a critique of another answer misleads, and shortening everything gains nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend import contexts
from backend.domain.prompts import PromptLine
from backend.verifiers import Verdict, Verifier, is_concise, verify_concise
from worker.training.probes import Prompt

EXAMPLES = Path(__file__).parents[2] / "examples" / "prompts.jsonl"
MESSAGE, BOOK = "For a text message: ", "For a school book: "
BOOK_WORDS = 40


@dataclass(frozen=True)
class Kind:
    """A set of prompts with the rule that their answers are rated and critiqued by."""

    name: str
    frame: Callable[[int, str], str]
    verifier: Verifier

    def prompts(self, split: str) -> list[Prompt]:
        """The prompts of a split; the same each time."""
        lines = [PromptLine.model_validate_json(line) for line in EXAMPLES.read_text().splitlines()]
        asked = [line for line in lines if line.split == split]
        return [self._prompt(number, line) for number, line in enumerate(asked)]

    def _prompt(self, number: int, line: PromptLine) -> Prompt:
        *before, last = line.chat()
        framed = {**last, "content": self.frame(number, last["content"])}
        return Prompt(number, (*before, framed), line.reference or "")

    def verify(self, prompt: Prompt, answer: str, finish_reason: str) -> Verdict:
        """Rates and critiques an answer."""
        return self.verifier.verify(contexts.question(prompt.messages), answer, finish_reason)


def as_it_is(_number: int, question: str) -> str:
    """The question alone."""
    return question


def for_a_purpose(number: int, question: str) -> str:
    """The question with what its answer is for.

    >>> for_a_purpose(1, "What is rain?")
    'For a school book: What is rain?'
    """
    return (BOOK if number % 2 else MESSAGE) + question


def verify_purpose(prompt: str, answer: str, finish_reason: str | None) -> Verdict:
    """Rate 1 a message that is concise, or a book's paragraph of at least 40 words, else 0; say what is wanted.

    >>> verify_purpose("For a school book: What is rain?", "Water that falls.", "stop").rating
    0.0
    """
    count = len(answer.split())
    if prompt.startswith(BOOK):
        if count >= BOOK_WORDS:
            return Verdict(1.0, f"Good: a school book needs a full explanation, and this has {count} words.")
        return Verdict(0.0, f"A school book needs a full explanation. This has only {count} words; write a paragraph.")
    if is_concise(answer, finish_reason):
        return Verdict(1.0, f"Good: a text message is short, and this has only {count} words.")
    return Verdict(0.0, f"A text message is ONE short sentence of at most 12 words. This has {count} words.")


KINDS = {
    kind.name: kind
    for kind in (
        Kind("shared", as_it_is, Verifier("concise", "One short sentence.", verify_concise)),
        Kind("instance", for_a_purpose, Verifier("purpose", "As long as its purpose wants.", verify_purpose)),
    )
}
