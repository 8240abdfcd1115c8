"""Leaving an answer for later: it stays one's own for a day and comes back at the end of one's own queue."""

from datetime import UTC, datetime, timedelta

from backend.database import transaction
from backend.domain import assignments
from backend.models import Critique
from tests.backend.api import Api, Caller
from tests.backend.test_critiques import EMPTY, take

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def write(caller: Caller, critique: dict[str, object], text: str) -> None:
    body = {"draft": {**EMPTY, "text": text}, "version": critique["draft_version"]}
    assert caller.put(f"/api/critiques/{critique['id']}/draft", body).status_code == 200


def postpone(caller: Caller, critique: dict[str, object]) -> None:
    answer = caller.post(f"/api/critiques/{critique['id']}/postpone")
    assert answer.status_code == 200, answer.text
    assert answer.json()["postponed_at"] is not None


def submit(caller: Caller, critique: dict[str, object]) -> int:
    body = {"draft": {**EMPTY, "text": "Too long."}, "version": critique["draft_version"]}
    path = f"/api/critiques/{critique['id']}/submit"
    return caller.post(path, body, Idempotency_Key=f"key-of-{critique['id']}").status_code


def test_a_postponed_answer_comes_back_after_all_others_with_its_text(api: Api) -> None:
    api.attempts("What is rain?", "What is snow?")
    ann = api.member("ann")
    first = take(ann)
    write(ann, first, "Half a thought.")
    postpone(ann, first)
    second = take(ann)
    assert second["id"] != first["id"]
    assert submit(ann, second) == 200
    again = take(ann)
    assert again["id"] == first["id"]
    assert again["draft"] == {**EMPTY, "text": "Half a thought."}
    assert again["postponed_at"] is None


def test_what_was_postponed_first_comes_back_first_and_postponing_again_goes_on_to_the_next(api: Api) -> None:
    api.attempts("What is rain?", "What is snow?")
    ann = api.member("ann")
    one = take(ann)
    postpone(ann, one)
    two = take(ann)
    postpone(ann, two)
    assert take(ann)["id"] == one["id"]
    postpone(ann, one)
    assert take(ann)["id"] == two["id"]


def test_postponing_and_taking_up_again_stand_in_the_history(api: Api) -> None:
    api.attempts("What is rain?")
    ann = api.member("ann")
    critique = take(ann)
    postpone(ann, critique)
    assert take(ann)["id"] == critique["id"]
    postpone(ann, critique)
    assert ann.post(f"/api/critiques/{critique['id']}/reopen").status_code == 200
    events = ann.get(f"/api/critiques/{critique['id']}/history").json()
    assert [event["what"] for event in events] == ["begun", "postponed", "reopened", "postponed", "reopened"]
    assert {event["who"] for event in events} == {"ann"}


def test_a_postponed_answer_is_kept_from_others_for_a_day_and_no_longer(api: Api) -> None:
    api.attempts("What is rain?")
    ann, ben = api.member("ann"), api.member("ben")
    mine = take(ann)
    postpone(ann, mine)
    assert ben.post("/api/projects/demo/assignments/next").status_code == 204
    with transaction(api.sessions) as session:
        kept = session.get_one(Critique, mine["id"])
        assert kept.lease_expires_at is not None
        assert timedelta(hours=23) < kept.lease_expires_at - datetime.now(UTC) <= timedelta(hours=24)
        kept.lease_expires_at = LONG_AGO
    assert submit(ben, take(ben)) == 200
    refused = ann.post(f"/api/critiques/{mine['id']}/postpone")
    assert (refused.status_code, refused.json()["details"]["reason"]) == (409, "slot_filled")
    assert ann.post("/api/projects/demo/assignments/next").status_code == 204


def test_a_postponed_answer_can_be_taken_up_from_the_history_before_its_turn(api: Api) -> None:
    api.attempts("What is rain?", "What is snow?")
    ann = api.member("ann")
    first = take(ann)
    postpone(ann, first)
    assert take(ann)["id"] != first["id"]
    assert ann.post(f"/api/critiques/{first['id']}/reopen").status_code == 200
    assert take(ann)["id"] == first["id"]


def test_what_is_taken_up_again_comes_before_an_answer_that_was_opened_meanwhile(api: Api) -> None:
    api.attempts("What is rain?", "What is snow?")
    ann = api.member("ann")
    first = take(ann)
    assert submit(ann, first) == 200
    assert take(ann)["id"] != first["id"]
    assert ann.post(f"/api/critiques/{first['id']}/reopen").status_code == 200
    assert take(ann)["id"] == first["id"]


def test_nobody_can_hold_more_than_some_answers_for_later(api: Api) -> None:
    api.attempts(*[f"What is thing {number}?" for number in range(assignments.MAX_POSTPONED + 1)])
    ann = api.member("ann")
    for _ in range(assignments.MAX_POSTPONED):
        postpone(ann, take(ann))
    refused = ann.post(f"/api/critiques/{take(ann)['id']}/postpone")
    assert refused.status_code == 409
    assert "history" in refused.json()["message"]


def test_a_submitted_critique_and_somebody_elses_cannot_be_postponed(api: Api) -> None:
    api.attempts("What is rain?")
    ann, ben = api.member("ann"), api.member("ben")
    mine = take(ann)
    assert ben.post(f"/api/critiques/{mine['id']}/postpone").status_code == 404
    assert submit(ann, mine) == 200
    assert ann.post(f"/api/critiques/{mine['id']}/postpone").status_code == 409
