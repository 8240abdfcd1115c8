"""Importing prompts."""

import json

from tests.backend.api import Api

GOOD = [{"prompt": "What is rain?"}, {"messages": [{"role": "user", "content": "What is snow?"}], "split": "eval"}]


def send(api: Api, lines: list[object], query: str = "") -> tuple[int, dict[str, object]]:
    owner = api.owner()
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = owner.client.post(
        f"/api/projects/demo/prompts/import{query}",
        content=text.encode(),
        headers={"origin": "http://testserver", "X-CSRF": owner.csrf, "Content-Type": "application/x-ndjson"},
    )
    return answer.status_code, answer.json()


def test_text_and_chat_are_imported_and_importing_again_changes_nothing(api: Api) -> None:
    assert send(api, GOOD) == (200, {"imported": 2, "duplicates": 0, "errors": []})
    assert send(api, GOOD) == (200, {"imported": 0, "duplicates": 2, "errors": []})
    assert api.owner().get("/api/projects/demo/progress").json()["prompts"] == {"train": 1, "probe": 0, "eval": 1}


def test_bad_lines_are_named_with_number_and_reason_and_nothing_is_kept(api: Api) -> None:
    bad = [GOOD[0], "{not json", {"prompt": "x", "colour": "red"}, {"split": "train"}, {"prompt": "y", "split": "no"}]
    status, answer = send(api, bad)
    assert status == 400
    errors = answer["details"]["errors"]  # type: ignore[index]
    assert [error["line"] for error in errors] == [2, 3, 4, 5]
    assert "colour" in errors[1]["reason"]
    assert "either 'prompt'" in errors[2]["reason"]
    assert api.owner().get("/api/projects/demo/progress").json()["prompts"]["train"] == 0


def test_the_good_lines_are_kept_only_when_asked_for(api: Api) -> None:
    status, answer = send(api, [GOOD[0], "{not json"], "?keep_good=true")
    assert status == 200
    assert answer["imported"] == 1
    assert answer["errors"][0]["line"] == 2  # type: ignore[index]


def test_a_chat_must_end_with_the_user(api: Api) -> None:
    status, answer = send(api, [{"messages": [{"role": "assistant", "content": "Hello"}]}])
    assert status == 400
    assert "last message" in answer["details"]["errors"][0]["reason"]  # type: ignore[index]


def test_prompts_are_paged_by_id(api: Api) -> None:
    send(api, [{"prompt": f"What is thing {number}?"} for number in range(5)])
    owner = api.owner()
    first = owner.get("/api/projects/demo/prompts?limit=3").json()
    rest = owner.get(f"/api/projects/demo/prompts?limit=3&after={first['next']}").json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 2, None]


def test_a_queued_job_can_be_cancelled_once(api: Api) -> None:
    owner = api.owner()
    job = owner.post("/api/projects/demo/rollouts/sample", {"split": "train"}).json()
    assert (job["state"], job["cancel_requested"]) == ("queued", False)
    stopped = owner.post(f"/api/jobs/{job['id']}/cancel").json()
    assert (stopped["state"], stopped["cancel_requested"]) == ("cancelled", True)
    again = owner.post(f"/api/jobs/{job['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert owner.post("/api/jobs/999999/cancel").status_code == 404
