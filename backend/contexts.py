"""Every prompt that student, teacher and critic read: strings in, chat messages out.

What people and models wrote is data: it is placed whole and never expanded as a template. The wording is load-bearing;
``tests/golden/contexts`` holds what each function returns.
"""

from collections.abc import Sequence

Message = dict[str, str]

# The redraft is later learned as an answer to the prompt alone, where nobody has criticised anything yet.
STAND_ALONE = "Write only the new answer, complete in itself, without mentioning this remark or your earlier answer."
SECOND_TRY = "Please answer again. " + STAND_ALONE.replace("this remark", "this request")

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
    """What the policy reads when it redrafts: the conversation so far, with the critique as the user's second turn."""
    return _reply(messages, attempt, f"{critique}\n\n{STAND_ALONE}")


def second_try(messages: Sequence[Message], attempt: str) -> list[Message]:
    """The control without a critique: the user asks for another answer and says nothing about the first."""
    return _reply(messages, attempt, SECOND_TRY)


def foreign_critique(number: int) -> str:
    """A critique that has nothing to do with the attempt, the same for the same number."""
    return FOREIGN_CRITIQUES[number % len(FOREIGN_CRITIQUES)]


def question(messages: Sequence[Message]) -> str:
    """The text of the last message: what the answer answers."""
    return messages[-1]["content"]


def _reply(messages: Sequence[Message], attempt: str, request: str) -> list[Message]:
    return [*student(messages), {"role": "assistant", "content": attempt}, {"role": "user", "content": request}]
