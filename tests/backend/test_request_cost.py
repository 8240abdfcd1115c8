"""What one answer costs the database, from hand-out to submission: a crowd pays every statement many times over."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from tests.backend.api import Api

HAND_OUT, SUBMISSION = 13, 17


@pytest.fixture
def statements(api: Api) -> Iterator[list[str]]:
    engine = api.sessions.kw["bind"]
    assert isinstance(engine, Engine)
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_an_answer_costs_no_more_statements_than_it_did(api: Api, statements: list[str]) -> None:
    ann = api.member("ann")
    api.attempts("What is fog?")
    statements.clear()
    found = ann.post("/api/projects/demo/assignments/next").json()["critique"]
    assert len(statements) <= HAND_OUT
    statements.clear()
    draft = {"text": "Too long.", "rating": 0.25, "tags": [], "edit": None, "spans": []}
    body = {"draft": draft, "version": found["draft_version"]}
    answer = ann.post(f"/api/critiques/{found['id']}/submit", body, Idempotency_Key="a key of it")
    assert answer.status_code == 200
    assert len(statements) <= SUBMISSION
