"""Every prompt that student, teacher and critic read: strings in, chat messages out.

What people and models wrote is data: it is placed whole and never expanded as a template. The wording is load-bearing;
``tests/golden/contexts`` holds what each function returns.
"""

from collections.abc import Sequence

Message = dict[str, str]

SECOND_TRY = "Please answer again."

# Critiques of other rules, for the control that asks whether it is the words that help.
FOREIGN_CRITIQUES = (
    "Answer in Spanish.",
    "Add a list of three points.",
    "Be more formal.",
    "Begin with a quotation.",
    "Use the past tense.",
    "Mention a place by name.",
)


def student(messages: Sequence[Message]) -> list[Message]:
    """What the policy reads when it answers: the prompt alone."""
    return [dict(message) for message in messages]


def redraft(messages: Sequence[Message], attempt: str, critique: str) -> list[Message]:
    """What the policy reads when it redrafts: the conversation so far, then its question again with the critique.

    The redraft is later learned as an answer to the question alone, so it must answer the question and not the
    critique. Asking the question again does that; with a sentence that forbids mentioning the critique a small model
    repeats the sentence (SmolLM2-135M-Instruct, 48 redrafts: words of the request in 4 % of redrafts against 23 %,
    81 % when the critique is announced as a review).
    """
    return _ask_again(messages, attempt, critique)


def second_try(messages: Sequence[Message], attempt: str) -> list[Message]:
    """The control without a critique: the question again, and nothing about the first answer."""
    return _ask_again(messages, attempt, SECOND_TRY)


def foreign_critique(number: int) -> str:
    """A critique that has nothing to do with the attempt, the same for the same number."""
    return FOREIGN_CRITIQUES[number % len(FOREIGN_CRITIQUES)]


def question(messages: Sequence[Message]) -> str:
    """The text of the last message: what the answer answers."""
    return messages[-1]["content"]


def _ask_again(messages: Sequence[Message], attempt: str, request: str) -> list[Message]:
    again = f"{question(messages)}\n\n{request}"
    return [*student(messages), {"role": "assistant", "content": attempt}, {"role": "user", "content": again}]
