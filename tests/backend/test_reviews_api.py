"""Review over HTTP: who may do what, what is refused by name, and what author and reviewer see."""

from typing import Any

import pytest

from backend.database import transaction
from backend.models import Role
from tests import factories
from tests.backend.api import Api, Caller

EMPTY = {"text": "", "rating": None, "tags": [], "edit": None, "spans": []}
QUEUE = "/api/projects/demo/assignments/next"
HISTORY = "/api/projects/demo/history"
CRITIQUES = "/api/projects/demo/critiques"
MEMBERS = "/api/projects/demo/members"


def write(caller: Caller, text: str = "Too long.", rating: float | None = 0.25) -> dict[str, Any]:
    taken = caller.post(QUEUE).json()["critique"]
    body = {"draft": {**EMPTY, "text": text, "rating": rating}, "version": taken["draft_version"]}
    done = caller.post(f"/api/critiques/{taken['id']}/submit", body, Idempotency_Key=f"submit {taken['id']} {text}")
    assert done.status_code == 200, done.text
    found: dict[str, Any] = done.json()
    return found


def path(critique: dict[str, Any], verb: str) -> str:
    return f"/api/critiques/{critique['id']}/{verb}"


def read(critique: dict[str, Any], **more: object) -> dict[str, object]:
    return {"revision_id": critique["revision"]["id"], **more}


def test_a_critique_goes_back_to_its_author_who_mends_it_and_it_is_accepted(api: Api) -> None:
    api.attempts("What is rain?", "What is snow?")
    ann, rita = api.member("ann"), api.member("rita", Role.reviewer)
    critique = write(ann)
    returned = rita.post(path(critique, "return"), read(critique, note="Say where."))
    assert (returned.json()["state"], returned.json()["review"]) == ("draft", "returned")
    shown = ann.post(QUEUE).json()
    assert shown["critique"]["id"] == critique["id"]
    assert (shown["review"]["reviewer"], shown["review"]["note"]) == ("rita", "Say where.")
    mended = write(ann, "Too long: line two.")
    assert mended["review"] == "unreviewed"
    assert rita.post(path(mended, "accept"), read(mended)).json()["review"] == "accepted"
    whats = [(event["what"], event["who"]) for event in ann.get(path(critique, "history")).json()]
    assert whats[-4:] == [("returned", "rita"), ("written", "ann"), ("submitted", "ann"), ("accepted", "rita")]


def test_what_was_returned_stands_first_in_its_authors_history_and_pages_go_on_without_it(api: Api) -> None:
    api.attempts("One?", "Two?", "Three?")
    ann, rita = api.member("ann"), api.member("rita", Role.reviewer)
    made = [write(ann, text) for text in ("One.", "Two.", "Three.")]
    rita.post(path(made[0], "return"), read(made[0], note="Say where."))
    first = ann.get(f"{HISTORY}?limit=1").json()
    assert [row["draft"]["text"] for row in first["items"]] == ["One.", "Three."]
    assert first["items"][0]["reason"] == "Say where."
    second = ann.get(f"{HISTORY}?limit=1&before={first['next']}").json()
    assert [row["draft"]["text"] for row in second["items"]] == ["Two."]


def test_reviewers_find_what_is_not_reviewed_yet(api: Api) -> None:
    api.attempts("One?", "Two?")
    ann, rita = api.member("ann"), api.member("rita", Role.reviewer)
    first = write(ann, "One.")
    write(ann, "Two.")
    rita.post(path(first, "accept"), read(first))
    open_ones = rita.get(f"{CRITIQUES}?state=submitted&review=unreviewed").json()["items"]
    assert [row["draft"]["text"] for row in open_ones] == ["Two."]


@pytest.mark.parametrize("verb", ["accept", "return", "correct"])
def test_annotators_do_not_review_and_other_projects_do_not_exist(api: Api, verb: str) -> None:
    api.attempts("What is rain?")
    ann, ben = api.member("ann"), api.member("ben")
    critique = write(ann)
    body = read(critique, **{"return": {"note": "No."}, "correct": {"draft": {**EMPTY, "text": "No."}}}.get(verb, {}))
    assert ben.post(path(critique, verb), body).status_code == 403
    with transaction(api.sessions) as session:
        stranger = factories.user(session, "zoe@example.org")
        factories.project(session, stranger, "other")
    assert api.login("zoe@example.org").post(path(critique, verb), body).status_code == 404


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("accept", {}, "revision_id"),
        ("accept", {"revision_id": 1, "note": "x" * 2001}, "note"),
        ("accept", {"revision_id": 1, "verdict": "accepted"}, "verdict"),
        ("return", {"revision_id": 1}, "note"),
        ("correct", {"revision_id": 1}, "draft"),
        ("correct", {"revision_id": 1, "draft": {"text": "x", "rating": 2}}, "draft.rating"),
    ],
)
def test_a_malformed_review_is_refused_and_the_field_is_named(
    api: Api, verb: str, body: dict[str, object], field: str
) -> None:
    refused = api.owner().post(f"/api/critiques/1/{verb}", body)
    assert refused.status_code == 422
    assert field in [found["field"] for found in refused.json()["details"]["fields"]]


def test_the_author_or_an_admin_deletes_and_restores_and_nobody_else(api: Api) -> None:
    api.attempts("What is rain?")
    ann, ben, rita = api.member("ann"), api.member("ben"), api.member("rita", Role.reviewer)
    critique = write(ann)
    alone = f"/api/critiques/{critique['id']}"
    assert [caller.call("DELETE", alone).status_code for caller in (ben, rita)] == [403, 403]
    assert ann.call("DELETE", alone).json()["state"] == "deleted"
    assert ann.get(HISTORY).json()["items"] == rita.get(CRITIQUES).json()["items"] == []
    assert ann.post(path(critique, "reopen")).status_code == 404
    assert [row["id"] for row in ann.get(f"{HISTORY}?state=deleted").json()["items"]] == [critique["id"]]
    assert rita.post(path(critique, "restore")).status_code == 403
    assert api.owner().post(path(critique, "restore")).json()["state"] == "submitted"
    assert [event["what"] for event in ann.get(path(critique, "history")).json()][-2:] == ["deleted", "restored"]


def test_an_author_restores_only_what_they_deleted_themselves(api: Api) -> None:
    api.attempts("What is rain?")
    ann, owner = api.member("ann"), api.owner()
    critique = write(ann)
    alone = f"/api/critiques/{critique['id']}"
    assert ann.get(alone).json()["deletion"] is None
    owner.call("DELETE", alone)
    ann.call("DELETE", alone)
    refused = ann.post(path(critique, "restore"))
    assert (refused.status_code, "admin" in refused.json()["message"]) == (403, True)
    shown = [caller.get(alone).json()["deletion"] for caller in (ann, owner)]
    assert [(one["by"], one["may_restore"]) for one in shown] == [("owner", False), ("owner", True)]
    assert owner.post(path(critique, "restore")).json()["state"] == "submitted"
    ann.call("DELETE", alone)
    assert ann.get(alone).json()["deletion"]["may_restore"]
    assert ann.post(path(critique, "restore")).json()["state"] == "submitted"
    whats = [(event["what"], event["who"]) for event in ann.get(path(critique, "history")).json()]
    assert whats[-4:] == [("deleted", "owner"), ("restored", "owner"), ("deleted", "ann"), ("restored", "ann")]


def test_a_history_is_for_the_author_and_for_reviewers(api: Api) -> None:
    api.attempts("What is rain?")
    ann, ben, rita = api.member("ann"), api.member("ben"), api.member("rita", Role.reviewer)
    critique = write(ann)
    assert [who.get(path(critique, "history")).status_code for who in (ann, rita, ben)] == [200, 200, 403]


def test_all_critiques_of_one_answer_stand_side_by_side_with_who_wrote_them(api: Api) -> None:
    owner = api.owner()
    owner.call("PATCH", "/api/projects/demo", {"overlap": 2})
    api.attempts("What is rain?", "What is snow?")
    ann, rita = api.member("ann"), api.member("rita", Role.reviewer)
    mine = write(rita, "Dull.", 0.75)
    critique = write(ann, "Too long.", 0.25)
    [row] = rita.get("/api/projects/demo/adjudications").json()["items"]
    assert (row["critiques"], row["accepted"], row["lowest"], row["highest"]) == (2, 0, 0.25, 0.75)
    shown = rita.get(f"/api/rollouts/{row['rollout_id']}/critiques").json()
    assert [(one["author"]["name"], one["is_mine"]) for one in shown["critiques"]] == [("rita", True), ("ann", False)]
    assert rita.post(path(mine, "accept"), read(mine)).status_code == 403
    rita.post(path(critique, "accept"), read(critique))
    assert rita.get("/api/projects/demo/adjudications").json()["items"] == []
    assert len(rita.get("/api/projects/demo/adjudications?is_open=false").json()["items"]) == 1
    assert ann.get(f"/api/rollouts/{row['rollout_id']}/critiques").status_code == 403
    assert rita.get("/api/rollouts/999/critiques").status_code == 404


def test_answers_with_several_critiques_are_paged_by_id(api: Api) -> None:
    api.owner().call("PATCH", "/api/projects/demo", {"overlap": 2})
    api.attempts("One?", "Two?", "Three?")
    ann, rita = api.member("ann"), api.member("rita", Role.reviewer)
    made = [[write(ann), write(rita, rating=None)] for _ in range(3)]
    rita.post(path(made[1][0], "accept"), read(made[1][0]))
    every, pages, after = rita.get("/api/projects/demo/adjudications?is_open=false").json()["items"], [], 0
    while after is not None:
        page = rita.get(f"/api/projects/demo/adjudications?is_open=false&limit=2&after={after}").json()
        pages, after = [*pages, *page["items"]], page["next"]
    assert pages == every
    assert [(row["prompt_text"], row["accepted"]) for row in every] == [("One?", 0), ("Two?", 1), ("Three?", 0)]
    still_open = rita.get("/api/projects/demo/adjudications?limit=2").json()["items"]
    assert [row["prompt_text"] for row in still_open] == ["One?", "Three?"]
    assert {(row["lowest"], row["highest"]) for row in every} == {(0.25, 0.25)}


def test_a_run_on_accepted_critiques_says_what_is_missing(api: Api) -> None:
    api.attempts("What is rain?")
    write(api.member("ann"))
    recipe = {"method": {"name": "rltf-sd"}, "feedback": {"reviewed": "accepted"}, "guards": {"enabled": False}}
    refused = api.owner().post("/api/runs", {"project": "demo", "recipe": recipe})
    assert refused.status_code == 400
    assert any("No critique is accepted" in problem for problem in refused.json()["details"]["missing"])


@pytest.mark.parametrize("leaves", ["removed", "viewer"])
def test_the_place_of_a_returned_critique_is_free_when_its_author_leaves(api: Api, leaves: str) -> None:
    api.attempts("What is rain?")
    owner, ann, ben = api.owner(), api.member("ann"), api.member("ben")
    critique = write(ann)
    assert owner.post(path(critique, "return"), read(critique, note="Say where.")).status_code == 200
    assert ben.post(QUEUE).status_code == 204
    number = next(m["user"]["id"] for m in owner.get(MEMBERS).json() if m["user"]["name"] == "ann")
    if leaves == "removed":
        owner.call("DELETE", f"{MEMBERS}/{number}")
    else:
        owner.call("PATCH", f"{MEMBERS}/{number}", {"role": "viewer"})
    write(ben)
    kept = owner.get(f"/api/critiques/{critique['id']}").json()["critique"]
    assert (kept["state"], kept["draft"]["text"]) == ("discarded", "Too long.")


def test_nothing_is_returned_to_somebody_who_has_left(api: Api) -> None:
    api.attempts("What is rain?")
    owner, ann = api.owner(), api.member("ann")
    critique = write(ann)
    number = next(m["user"]["id"] for m in owner.get(MEMBERS).json() if m["user"]["name"] == "ann")
    owner.call("DELETE", f"{MEMBERS}/{number}")
    refused = owner.post(path(critique, "return"), read(critique, note="Say where."))
    assert (refused.status_code, "has left" in refused.json()["message"]) == (409, True)
