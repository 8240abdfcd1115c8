"""Exactly what the model reads. A change of ``tests/golden/contexts`` changes what every critique does."""

import os
from pathlib import Path

import pytest

from backend import contexts
from backend.contexts import Message

GOLDEN = Path(__file__).parent.parent / "golden" / "contexts"
PROMPT: list[Message] = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "What is rain?"},
]
ATTEMPT = "Rain is water. It falls. It falls from clouds, and clouds are in the sky."
CRITIQUE = "Too long. Say it in one short sentence."

SPANS = [
    ("It falls.", "It says so twice."),
    ("from clouds, and\nclouds", ""),
    ("in the sky", "Which sky?\nSay it or leave it out."),
]

CONTEXTS = {
    "student": contexts.student(PROMPT),
    "redraft": contexts.redraft(PROMPT, ATTEMPT, CRITIQUE),
    "redraft_foreign": contexts.redraft(PROMPT, ATTEMPT, contexts.foreign_critique(1)),
    "redraft_spans": contexts.redraft(PROMPT, ATTEMPT, contexts.with_spans(CRITIQUE, SPANS)),
    "second_try": contexts.second_try(PROMPT, ATTEMPT),
    "critique_request": contexts.critique_request(PROMPT, ATTEMPT),
    "with_good_answer": contexts.with_good_answer(PROMPT, "Water that falls from clouds."),
    "step_aligned": contexts.step_aligned(PROMPT, ATTEMPT, "Rain is water that falls from clouds."),
    "under_rules": contexts.under_rules(PROMPT, ("Answer in one short sentence.", "Name no brands.")),
    "after_verdict": contexts.after_verdict(PROMPT, ATTEMPT, right=False),
}


def rendered(messages: list[Message]) -> str:
    return "".join(f"<{message['role']}>\n{message['content']}\n" for message in messages)


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context_is_what_the_golden_file_says(name: str) -> None:
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("REDRAFT_RECORD_GOLDEN") == "1":
        golden.write_text(rendered(CONTEXTS[name]))
    assert rendered(CONTEXTS[name]) == golden.read_text()


def test_what_people_wrote_is_never_expanded() -> None:
    hostile = "{prompt} %s {0} ${x} {{critique}}"
    *_, attempt, request = contexts.redraft([{"role": "user", "content": hostile}], hostile, hostile)
    assert attempt["content"] == hostile
    assert request["content"] == f"{hostile}\n\n{hostile}"


def test_a_critique_without_spans_is_read_word_for_word() -> None:
    assert contexts.with_spans(CRITIQUE, []) == CRITIQUE


def test_spans_without_a_text_are_read_alone() -> None:
    assert contexts.with_spans("", [("It falls.", "Twice.")]) == "> It falls.\nTwice."


def test_every_quote_and_every_note_is_read_and_never_expanded() -> None:
    read = contexts.with_spans(CRITIQUE, [("{quote} %s", "${note} {0}"), ("a\r\nb", "")])
    assert read == f"{CRITIQUE}\n\n> {{quote}} %s\n${{note}} {{0}}\n\n> a\r\n> b"


def test_the_student_reads_nothing_of_attempt_or_critique() -> None:
    read = rendered(contexts.student(PROMPT))
    assert ATTEMPT not in read
    assert CRITIQUE not in read


def test_the_no_critique_control_reads_no_critique() -> None:
    assert CRITIQUE not in rendered(contexts.second_try(PROMPT, ATTEMPT))


def test_foreign_critiques_go_round() -> None:
    count = len(contexts.FOREIGN_CRITIQUES)
    assert {contexts.foreign_critique(n) for n in range(count)} == set(contexts.FOREIGN_CRITIQUES)
    assert contexts.foreign_critique(count) == contexts.foreign_critique(0)


def test_a_context_may_be_changed_without_changing_the_prompt() -> None:
    contexts.student(PROMPT)[0]["content"] = "changed"
    assert PROMPT[0]["content"] == "You are a helpful assistant."
