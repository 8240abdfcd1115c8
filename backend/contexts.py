"""Every prompt that student, teacher and critic read: strings in, chat messages out.

What people and models wrote is data: it is placed whole and never expanded as a template. The wording is load-bearing;
``tests/golden/contexts`` holds what each function returns.
"""

from collections.abc import Sequence

Message = dict[str, str]

SECOND_TRY = "Please answer again."
WHAT_IS_WRONG = "What is wrong with this answer, and how can it be better?"
RIGHT = "That was right."
WRONG = "That was wrong."
# What goes between an answer and its verdict where one assistant turn holds both.
GAP = "\n\n"

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


def critique_request(messages: Sequence[Message], attempt: str) -> list[Message]:
    """What the policy reads when it learns to critique: the conversation so far, then a request for the critique."""
    return [*_answered(messages, attempt), {"role": "user", "content": WHAT_IS_WRONG}]


def with_good_answer(messages: Sequence[Message], answer: str) -> list[Message]:
    """What a teacher reads that is shown a good answer (an edit, a reference, a peer's) before it answers."""
    return _with_note(messages, f"A good answer is:\n{answer}\n\nAnswer in your own words.")


def step_aligned(messages: Sequence[Message], attempt: str, corrected: str) -> list[Message]:
    """What a teacher reads that sees the attempt with only its wrong places rewritten."""
    return _ask_again(messages, attempt, f"Your answer with its mistakes put right is:\n{corrected}")


def under_rules(messages: Sequence[Message], rules: Sequence[str]) -> list[Message]:
    """What a teacher reads that keeps to the project's rules."""
    return _with_note(messages, "Keep to these rules:\n" + "\n".join(f"- {rule}" for rule in rules))


def after_verdict(messages: Sequence[Message], attempt: str, *, right: bool) -> list[Message]:
    """What a teacher reads that has just given the attempt, was told whether it was right, and answers again.

    It ends with the assistant's words, to be continued in the same turn.
    """
    return _answered(messages, f"{attempt}{GAP}{verdict(right=right)}{GAP}")


def verdict(*, right: bool) -> str:
    """Whether an answer was right, and nothing else: also the critique of the control that says no more."""
    return RIGHT if right else WRONG


def foreign_critique(number: int) -> str:
    """A critique that has nothing to do with the attempt, the same for the same number."""
    return FOREIGN_CRITIQUES[number % len(FOREIGN_CRITIQUES)]


def with_spans(critique: str, spans: Sequence[tuple[str, str]]) -> str:
    """The critique as the model reads it: the text, then each span's quote, marked line by line, and its note.

    ``spans`` are pairs of quote and note; a note that only marks the place may be empty.
    """
    blocks = ["> " + quote.replace("\n", "\n> ") + (f"\n{note}" if note else "") for quote, note in spans]
    return "\n\n".join([critique, *blocks] if critique else blocks)


def question(messages: Sequence[Message]) -> str:
    """The text of the last message: what the answer answers."""
    return messages[-1]["content"]


def _ask_again(messages: Sequence[Message], attempt: str, request: str) -> list[Message]:
    again = f"{question(messages)}\n\n{request}"
    return [*_answered(messages, attempt), {"role": "user", "content": again}]


def _answered(messages: Sequence[Message], answer: str) -> list[Message]:
    return [*student(messages), {"role": "assistant", "content": answer}]


def _with_note(messages: Sequence[Message], note: str) -> list[Message]:
    return [*student(messages[:-1]), {**messages[-1], "content": f"{question(messages)}\n\n{note}"}]
