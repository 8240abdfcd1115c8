"""Critiques over HTTP: drafts are kept, revisions stay, redrafts are judged."""

from sqlalchemy import select

from backend.database import transaction
from backend.models import Critique, CritiqueRevision, Rollout
from tests import factories
from tests.backend.api import Api, Caller

EMPTY: dict[str, object] = {
    "text": "",
    "rating": None,
    "tags": [],
    "edit": None,
    "spans": [],
    "answers": {},
    "form_version": None,
}


def take(caller: Caller) -> dict[str, object]:
    answer = caller.post("/api/projects/demo/assignments/next")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()["critique"]
    return found


def test_nothing_to_annotate_is_204_not_an_error(api: Api) -> None:
    assert api.owner().post("/api/projects/demo/assignments/next").status_code == 204


def test_an_assignment_shows_prompt_answer_scale_and_guidelines(api: Api) -> None:
    owner = api.owner()
    owner.call("PATCH", "/api/projects/demo", {"guidelines": "Be kind.", "rating_levels": 3})
    api.attempts("What is rain?")
    shown = owner.post("/api/projects/demo/assignments/next").json()
    assert shown["prompt"]["messages"] == [{"role": "user", "content": "What is rain?"}]
    assert shown["rollout"]["text"] == "Rain is water."
    assert (shown["guidelines"], shown["rating_levels"]) == ("Be kind.", 3)


def test_a_draft_is_saved_with_versions_and_a_stale_tab_gets_both_texts(api: Api) -> None:
    api.attempts("What is rain?")
    owner = api.owner()
    path = f"/api/critiques/{take(owner)['id']}/draft"
    first = owner.put(path, {"draft": {**EMPTY, "text": "One."}, "version": 0})
    assert first.json()["version"] == 1
    stale = owner.put(path, {"draft": {**EMPTY, "text": "Two."}, "version": 0})
    assert stale.status_code == 409
    assert stale.json()["details"]["server"] == {"draft": {**EMPTY, "text": "One."}, "version": 1}


def test_a_rating_off_the_scale_is_malformed_and_names_the_field(api: Api) -> None:
    api.attempts("What is rain?")
    owner = api.owner()
    body = {"draft": {**EMPTY, "rating": 1.5}, "version": 0}
    refused = owner.put(f"/api/critiques/{take(owner)['id']}/draft", body)
    assert refused.status_code == 422
    assert refused.json()["details"]["fields"][0]["field"] == "draft.rating"


def test_a_submitted_critique_counts_and_the_next_answer_comes(api: Api) -> None:
    api.attempts("What is rain?", "What is snow?")
    owner = api.owner()
    critique = take(owner)
    body = {"draft": {**EMPTY, "text": "Too long.", "rating": 0.25}, "version": 0}
    done = owner.post(f"/api/critiques/{critique['id']}/submit", body, Idempotency_Key="once-only")
    assert done.json()["state"] == "submitted"
    assert done.json()["revision"]["rating"] == 0.25
    assert take(owner)["id"] != critique["id"]
    assert owner.get("/api/projects/demo/progress").json()["mine_submitted"] == 1


def test_a_refused_submit_keeps_the_text_on_the_server(api: Api) -> None:
    api.attempts("What is rain?")
    ann, ben = api.member("ann"), api.member("ben")
    mine = take(ann)
    with transaction(api.sessions) as session:
        session.get_one(Critique, mine["id"]).lease_expires_at = None
    theirs = take(ben)
    body = {"draft": {**EMPTY, "text": "Ben's words."}, "version": 0}
    ben.post(f"/api/critiques/{theirs['id']}/submit", body, Idempotency_Key="ben-was-here")
    body = {"draft": {**EMPTY, "text": "Ann's words."}, "version": 0}
    refused = ann.post(f"/api/critiques/{mine['id']}/submit", body, Idempotency_Key="ann-was-here")
    assert refused.status_code == 409
    assert refused.json()["details"]["reason"] == "slot_filled"
    history = ann.get("/api/projects/demo/history").json()["items"]
    assert [row["draft"]["text"] for row in history] == ["Ann's words."]


def test_a_redraft_while_the_engine_is_away_is_503_and_keeps_what_was_typed(api: Api) -> None:
    api.attempts("What is rain?")
    owner = api.owner()
    critique = take(owner)
    body = {"draft": {**EMPTY, "text": "Too long."}, "version": 0}
    refused = owner.post(f"/api/critiques/{critique['id']}/redraft", body)
    assert refused.status_code == 503
    assert refused.json()["code"] == "engine_unavailable"
    kept = owner.get(f"/api/critiques/{critique['id']}").json()
    assert kept["critique"]["draft"]["text"] == "Too long."
    assert [redraft["rollout"]["state"] for redraft in kept["redrafts"]] == ["failed"]


def test_a_redraft_is_judged_by_its_author_only(api: Api) -> None:
    with transaction(api.sessions) as session:
        project = session.merge(factories.project(session, factories.user(session, "o2@example.org"), "second"))
        ann, _ben = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
        critique = factories.submitted(session, project, factories.attempt(session, project), ann)
        redraft = factories.redraft(session, critique)
        path = f"/api/critiques/{critique.id}/redrafts/{redraft.id}"
    judged = api.login("ann@example.org").put(path, {"verdict": "better", "rating": 1.0})
    assert judged.json()["verdict"] == "better"
    assert api.login("ben@example.org").put(path, {"verdict": "worse"}).status_code == 404


def test_a_changed_critique_gets_a_new_revision_and_the_old_one_stays(api: Api) -> None:
    api.attempts("What is rain?")
    owner = api.owner()
    critique = take(owner)
    path = f"/api/critiques/{critique['id']}"
    owner.post(f"{path}/submit", {"draft": {**EMPTY, "text": "One."}, "version": 0}, Idempotency_Key="key-number-1")
    owner.post(f"{path}/reopen")
    owner.post(f"{path}/submit", {"draft": {**EMPTY, "text": "Two."}, "version": 1}, Idempotency_Key="key-number-2")
    with transaction(api.sessions) as session:
        found = session.scalars(select(CritiqueRevision).order_by(CritiqueRevision.number)).all()
    assert [(revision.number, revision.text) for revision in found] == [(1, "One."), (2, "Two.")]


def test_a_discarded_critique_is_never_trained_on(api: Api) -> None:
    api.attempts("What is rain?")
    owner = api.owner()
    critique = take(owner)
    path = f"/api/critiques/{critique['id']}"
    owner.post(f"{path}/submit", {"draft": {**EMPTY, "text": "One."}, "version": 0}, Idempotency_Key="key-number-1")
    owner.post(f"{path}/discard", {"reason": "I was wrong"})
    assert owner.get("/api/projects/demo/progress").json()["critiques"]["annotator"] == 0


def test_the_engine_being_away_leaves_no_rollout_that_counts(api: Api) -> None:
    api.attempts("What is rain?")
    owner = api.owner()
    body = {"draft": {**EMPTY, "text": "Too long."}, "version": 0}
    owner.post(f"/api/critiques/{take(owner)['id']}/redraft", body)
    assert owner.get("/api/projects/demo/progress").json()["redrafts"] == 0
    with transaction(api.sessions) as session:
        assert session.scalars(select(Rollout.state).where(Rollout.turn == 1)).all() == ["failed"]
