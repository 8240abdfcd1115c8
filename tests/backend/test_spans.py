"""Spans of a critique over HTTP: where they stand is checked, and nothing drops them on the way to the model."""

from dataclasses import asdict, replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import anchors
from backend.anchors import Anchor
from backend.database import transaction
from backend.domain import critiques, feedback, spans
from backend.domain.critiques import Draft
from backend.domain.spans import Span
from backend.models import AuthorKind, CritiqueRevision, CritiqueState, Project, Severity
from tests import factories
from tests.backend.api import Api, Caller
from tests.fakes import FakeEngine
from worker.training.run import _item

ANSWER = "**Rain** is \U0001f469\u200d\U0001f467 water.\r\nIt falls. It falls."
EMPTY = {"text": "", "rating": None, "tags": [], "edit": None, "spans": [], "answers": {}, "form_version": None}


def span(quote: str, note: str = "Why?", severity: str = "major") -> dict[str, Any]:
    start = ANSWER.index(quote)
    anchor = asdict(anchors.anchor(ANSWER, start, start + len(quote)))
    return {"anchor": anchor, "note": note, "severity": severity}


def take(api: Api) -> tuple[Caller, str]:
    with transaction(api.sessions) as session:
        factories.attempt(session, session.query(Project).filter_by(slug="demo").one(), answer=ANSWER)
    owner = api.owner()
    critique = owner.post("/api/projects/demo/assignments/next").json()["critique"]
    return owner, f"/api/critiques/{critique['id']}"


def with_spans(*given: dict[str, Any], version: int = 0, text: str = "Too long.") -> dict[str, Any]:
    return {"draft": {**EMPTY, "text": text, "spans": list(given)}, "version": version}


def test_spans_are_kept_in_the_draft_in_the_revision_and_in_the_history(api: Api) -> None:
    owner, path = take(api)
    marked = [span("**Rain**", severity="minor"), span("\U0001f469\u200d\U0001f467 water.\r\nIt", "", "critical")]
    assert owner.put(f"{path}/draft", with_spans(*marked)).status_code == 200
    assert owner.get(path).json()["critique"]["draft"]["spans"] == marked
    done = owner.post(f"{path}/submit", with_spans(*marked, version=1), Idempotency_Key="key-number-1")
    assert done.json()["revision"]["spans"] == marked
    for page in ("history", "critiques"):
        [row] = owner.get(f"/api/projects/demo/{page}").json()["items"]
        assert row["revision"]["spans"] == row["draft"]["spans"] == marked


def test_a_changed_note_makes_a_new_revision_and_the_old_one_keeps_its_own(api: Api) -> None:
    owner, path = take(api)
    owner.post(f"{path}/submit", with_spans(span("water", "One.")), Idempotency_Key="key-number-1")
    owner.post(f"{path}/reopen")
    owner.post(f"{path}/submit", with_spans(span("water", "Two."), version=1), Idempotency_Key="key-number-2")
    with transaction(api.sessions) as session:
        found = session.scalars(select(CritiqueRevision).order_by(CritiqueRevision.number)).all()
        assert [[kept.note for kept in spans.of(revision)] for revision in found] == [["One."], ["Two."]]


@pytest.mark.parametrize(
    "changes",
    [{"start": 0}, {"end_utf16": 1}, {"quote": "wine"}, {"before": "x"}, {"text_sha256": "0" * 64}, {"end": 10**9}],
)
@pytest.mark.parametrize("action", ["draft", "submit", "redraft"])
def test_an_anchor_that_does_not_match_the_answer_is_refused_by_name(
    api: Api, action: str, changes: dict[str, object]
) -> None:
    owner, path = take(api)
    wrong = span("water")
    body = with_spans(span("**Rain**"), {**wrong, "anchor": {**wrong["anchor"], **changes}})
    method = "PUT" if action == "draft" else "POST"
    refused = owner.call(method, f"{path}/{action}", body, Idempotency_Key="key-number-1")
    assert refused.status_code == 422, refused.text
    assert refused.json()["details"]["field"] == "draft.spans.1.anchor"
    assert "Span 2" in refused.json()["message"]
    assert owner.get(path).json()["critique"]["draft_version"] == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"note": "x" * 2001}, "draft.spans.0.note"),
        ({"severity": "fatal"}, "draft.spans.0.severity"),
        ({"colour": "red"}, "draft.spans.0.colour"),
        ({"anchor": {"start": 0, "end": 1}}, "draft.spans.0.anchor.start_utf16"),
    ],
)
def test_a_malformed_span_is_refused_and_the_field_is_named(api: Api, given: dict[str, object], field: str) -> None:
    owner, path = take(api)
    refused = owner.put(f"{path}/draft", with_spans({**span("water"), **given}))
    assert refused.status_code == 422
    assert refused.json()["details"]["fields"][0]["field"] == field


def test_a_note_of_two_thousand_characters_is_taken_and_a_hundred_and_one_spans_are_not(api: Api) -> None:
    owner, path = take(api)
    assert owner.put(f"{path}/draft", with_spans(span("water", "x" * 2000))).status_code == 200
    refused = owner.put(f"{path}/draft", with_spans(*[span("water")] * 101, version=1))
    assert refused.json()["details"]["fields"][0]["field"] == "draft.spans"


def test_spans_do_not_replace_the_text_that_is_asked_for(api: Api) -> None:
    owner, path = take(api)
    refused = owner.post(f"{path}/submit", with_spans(span("water"), text=""), Idempotency_Key="key-number-1")
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, "text")
    assert owner.get(path).json()["critique"]["draft"]["spans"] == [span("water")]


def test_the_redraft_reads_the_quotes_and_the_notes(served: Api, engine: FakeEngine) -> None:
    owner, path = take(served)
    answer = owner.post(f"{path}/redraft", with_spans(span("It falls.", "Once is enough.")))
    assert answer.status_code == 200, answer.text
    [request] = [payload for address, payload in engine.requests if address.endswith("/chat/completions")]
    messages: Any = request["messages"]
    assert messages[-1]["content"] == "What is rain?\n\nToo long.\n\n> It falls.\nOnce is enough."


def submitted_with(session: Session, *notes: str) -> Project:
    owner = factories.user(session)
    project = factories.project(session, owner)
    rollout = factories.attempt(session, project, answer=ANSWER)
    critique = factories.submitted(session, project, rollout, owner)
    marked = [Span(anchor=Anchor(**span("water")["anchor"]), note=note, severity=Severity.minor) for note in notes]
    critique.draft = Draft(text="Too long.", rating=0.0, spans=marked).model_dump()
    critiques.freeze(session, critique=critique)
    critique.state = CritiqueState.submitted
    session.flush()
    return project


def test_training_reads_the_spans_as_the_redraft_did(session: Session) -> None:
    project = submitted_with(session, "Say drops.")
    [item] = feedback.usable(session, project_id=project.id, kinds=list(AuthorKind))
    assert _item(item).critique == "Too long.\n\n> water\nSay drops."


def test_a_snapshots_hash_covers_the_spans_and_does_not_depend_on_where_they_were_read(session: Session) -> None:
    project = submitted_with(session, "Say drops.")
    [item] = feedback.usable(session, project_id=project.id, kinds=list(AuthorKind))
    fresh = feedback.snapshot_hash([item])
    session.expire(item.revision)
    assert feedback.snapshot_hash([item]) == fresh
    bare = CritiqueRevision(text="Too long.", rating=0.0, tags=[], edit=None, spans=[])
    assert feedback.snapshot_hash([replace(item, revision=bare)]) != fresh
