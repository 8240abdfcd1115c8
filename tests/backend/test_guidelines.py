"""Guidelines: every save is a version, and everybody knows which one they have read."""

import pytest

from tests.backend.api import Api, Caller
from tests.backend.test_critiques import EMPTY, take

GUIDELINES = "/api/projects/demo/guidelines"


def write(caller: Caller, text: str) -> None:
    assert caller.call("PATCH", "/api/projects/demo", {"guidelines": text}).status_code == 200


def standing(caller: Caller) -> tuple[int, int | None]:
    found = caller.post("/api/projects/demo/assignments/next").json()["guideline_standing"]
    return found["number"], found["read"]


def test_every_save_is_a_version_with_its_author_and_the_same_text_is_none(api: Api) -> None:
    owner = api.owner()
    for text in ("Be kind.", "Be kind.", "Be kind and brief."):
        write(owner, text)
    found = owner.get(f"{GUIDELINES}/versions").json()
    assert [(version["number"], version["author"]) for version in found] == [(2, "owner"), (1, "owner")]
    assert owner.get(f"{GUIDELINES}/versions/1").json()["text"] == "Be kind."
    assert owner.get(f"{GUIDELINES}/versions/0").json()["text"] == ""
    assert owner.get("/api/projects/demo").json()["guidelines"] == "Be kind and brief."


def test_an_annotator_is_told_what_they_have_read_and_what_is_newer(api: Api) -> None:
    owner, ann = api.owner(), api.member("ann")
    api.attempts("What is rain?")
    write(owner, "Be kind.")
    assert standing(ann) == (1, None)
    assert ann.put(f"{GUIDELINES}/read", {"number": 1}).json() == {"number": 1, "read": 1}
    write(owner, "Be brief.")
    assert standing(ann) == (2, 1)
    ann.put(f"{GUIDELINES}/read", {"number": 2})
    assert ann.put(f"{GUIDELINES}/read", {"number": 1}).json()["read"] == 2


@pytest.mark.parametrize(("number", "status"), [(0, 422), (9, 404), ("one", 422)])
def test_a_version_that_there_is_not_cannot_be_read(api: Api, number: object, status: int) -> None:
    assert api.owner().put(f"{GUIDELINES}/read", {"number": number}).status_code == status


def test_an_unknown_version_is_not_found(api: Api) -> None:
    assert api.owner().get(f"{GUIDELINES}/versions/7").status_code == 404


@pytest.mark.parametrize(("texts", "version"), [([], None), (["One.", "Two."], 2)])
def test_a_revision_records_the_version_in_force(api: Api, texts: list[str], version: int | None) -> None:
    owner = api.owner()
    api.attempts("What is rain?")
    for text in texts:
        write(owner, text)
    path = f"/api/critiques/{take(owner)['id']}/submit"
    done = owner.post(path, {"draft": {**EMPTY, "text": "Too long."}, "version": 0}, Idempotency_Key="once-only")
    assert done.json()["revision"]["guideline_version"] == version
