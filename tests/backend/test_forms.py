"""The critique form: what it takes, what it asks for, and that editing it loses no answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend import forms
from backend.database import transaction
from backend.domain import critiques
from backend.forms import Form
from backend.models import AuthorKind, Project, Role
from tests import factories
from tests.backend.api import Api, Caller
from tests.backend.test_critiques import take

SEVERITY = {"kind": "choice", "key": "severity", "label": "How bad?", "options": ["small", "large"], "required": True}
WHY = {
    "kind": "text", "key": "why", "label": "Why so bad?", "required": True,
    "shown_when": {"question": "severity", "values": ["large"]},
}  # fmt: skip
KINDS: list[dict[str, Any]] = [
    {"kind": "text", "key": "words", "label": "In words"},
    {"kind": "choice", "key": "one", "label": "One", "options": ["a", "b"]},
    {"kind": "choices", "key": "many", "label": "Many", "options": ["a", "b"]},
    {"kind": "scale", "key": "scale", "label": "How sure?", "points": 3},
    {"kind": "yes_no", "key": "sure", "label": "Sure?"},
]
FORM = "/api/projects/demo/form"


def form(*questions: dict[str, Any], **parts: object) -> dict[str, Any]:
    return {"questions": list(questions), **parts}


def made(*questions: dict[str, Any], **parts: object) -> Form:
    return Form.model_validate(form(*questions, **parts))


def save(owner: Caller, *questions: dict[str, Any], base: int = 1, **parts: object) -> int:
    answer = owner.put(FORM, {"form": form(*questions, **parts), "base": base})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["number"])


def body(version: int = 0, **draft: object) -> dict[str, Any]:
    return {"draft": {"text": "Too long.", **draft}, "version": version}


def submit(caller: Caller, critique: dict[str, Any], sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON of our own API
    return caller.post(f"/api/critiques/{critique['id']}/submit", sent, Idempotency_Key="once-and-only-once")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"questions": [SEVERITY, SEVERITY]}, "must differ"),
        ({"questions": [WHY]}, "no earlier question"),
        ({"questions": [{**SEVERITY, "shown_when": {"question": "severity", "values": ["large"]}}]}, "no earlier"),
        ({"questions": [SEVERITY, {**WHY, "shown_when": {"question": "severity", "values": ["huge"]}}]}, "not offer"),
        ({"questions": [KINDS[4], {**WHY, "shown_when": {"question": "sure", "values": [1]}}]}, "not offer"),
        ({"questions": [KINDS[0], {**WHY, "shown_when": {"question": "words", "values": ["x"]}}]}, "in words"),
        ({"questions": [{**KINDS[1], "options": ["a", "a"]}]}, "must differ"),
        ({"questions": [{**KINDS[3], "labels": ["low", "high"]}]}, "name every point"),
        ({"rating": {"points": 3, "labels": ["bad"]}}, "name every point"),
        ({"tags": ["long", "long"]}, "must differ"),
        ({"questions": [{**KINDS[0], "key": "With Blanks"}]}, "pattern"),
        ({"questions": [{**KINDS[0], "colour": "red"}]}, "Extra inputs"),
        ({"questions": [{**KINDS[0], "kind": "ranking"}]}, "does not match"),
        ({"questions": [{**KINDS[0], "label": "  "}]}, "at least 1"),
        ({"rating": {"points": 1}}, "greater than or equal to 2"),
        ({"theme": "dark"}, "Extra inputs"),
    ],
)
def test_a_form_that_cannot_be_filled_in_is_refused_with_the_reason(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Form.model_validate(parts)


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("words", "fine", True),
        ("one", "a", "c"),
        ("many", ["b", "a"], ["a", "a"]),
        ("scale", 3, 4),
        ("scale", 1, True),
        ("sure", False, 0),
    ],
)
def test_every_kind_takes_its_values_and_names_the_question_otherwise(key: str, good: Any, bad: Any) -> None:  # noqa: ANN401 - any JSON
    asked = made(*KINDS)
    assert forms.problems(asked, rating=None, answers={key: good}) == []
    [problem] = forms.problems(asked, rating=None, answers={key: bad})
    assert problem.key == key
    assert problem.message.startswith(problem.label)


def test_a_conditional_question_is_asked_only_where_its_condition_holds() -> None:
    asked = made(SEVERITY, WHY)
    assert [q.key for q in forms.asked(asked, {})] == ["severity"]
    assert [q.key for q in forms.asked(asked, {"severity": "small"})] == ["severity"]
    assert [q.key for q in forms.asked(asked, {"severity": "large"})] == ["severity", "why"]
    assert [p.key for p in forms.problems(asked, rating=None, answers={"severity": "large", "why": " "})] == ["why"]


def test_what_depends_on_a_question_that_is_not_asked_is_not_asked_either() -> None:
    deeper = {**KINDS[4], "shown_when": {"question": "one", "values": ["a"]}}
    one = {**KINDS[1], "shown_when": {"question": "severity", "values": ["large"]}}
    answers: dict[str, forms.Answer] = {"severity": "small", "one": "a", "sure": True}
    assert forms.frozen(made(SEVERITY, one, deeper), answers) == {"severity": "small"}


@given(st.dictionaries(st.sampled_from(["severity", "why", "gone"]), st.sampled_from(["small", "large", "", "words"])))
def test_freezing_keeps_answers_to_removed_questions_and_drops_only_what_is_not_asked(answers: dict[str, Any]) -> None:
    asked = made(SEVERITY, WHY)
    kept = forms.frozen(asked, answers)
    assert kept.items() <= answers.items()
    assert ("gone" in kept) == bool(answers.get("gone"))
    assert ("why" in kept) == (bool(answers.get("why")) and answers.get("severity") == "large")
    assert forms.frozen(asked, kept) == kept


def test_a_project_begins_with_a_form_of_its_scale_and_tags(api: Api) -> None:
    found = api.owner().get(FORM).json()
    assert (found["number"], found["author"], found["form"]["questions"]) == (1, None, [])
    assert (found["form"]["rating"]["points"], "too long" in found["form"]["tags"]) == (5, True)


def test_scale_and_tags_changed_as_settings_make_a_version_and_keep_the_questions(api: Api) -> None:
    owner = api.owner()
    save(owner, SEVERITY)
    owner.call("PATCH", "/api/projects/demo", {"rating_levels": 3, "tags": ["one"]})
    now = owner.get(FORM).json()
    assert (now["number"], now["form"]["rating"]["points"], now["form"]["tags"]) == (3, 3, ["one"])
    assert [question["key"] for question in now["form"]["questions"]] == ["severity"]


def test_the_same_form_again_makes_no_version_and_a_stale_one_is_refused(api: Api) -> None:
    owner = api.owner()
    assert save(owner, SEVERITY) == 2
    assert save(owner, SEVERITY, base=2) == 2
    refused = owner.put(FORM, {"form": form(), "base": 1})
    assert (refused.status_code, refused.json()["details"]["version"]) == (409, 2)
    assert [version["number"] for version in owner.get(f"{FORM}/versions").json()] == [2, 1]


def test_a_key_keeps_its_kind_so_that_old_answers_are_never_read_as_something_else(api: Api) -> None:
    owner = api.owner()
    save(owner, SEVERITY)
    save(owner, base=2)
    refused = owner.put(FORM, {"form": form({**KINDS[0], "key": "severity"}), "base": 3})
    assert refused.status_code == 400
    assert refused.json()["details"]["field"] == "form.questions.0.key"


def test_only_admins_change_the_form_and_an_annotator_reads_it(api: Api) -> None:
    for person in (api.member("ann"), api.member("rita", Role.reviewer)):
        assert person.get(FORM).status_code == 200
        assert person.put(FORM, {"form": form(), "base": 1}).status_code == 403
        assert person.post(f"{FORM}/changes", {"form": form()}).status_code == 403


@pytest.mark.parametrize("sent", [{"form": {"x": 1}, "base": 1}, {"form": {}, "base": 0}, {"form": {}}, {"base": 1}])
def test_a_malformed_form_is_422(api: Api, sent: dict[str, Any]) -> None:
    assert api.owner().put(FORM, sent).status_code == 422


def test_a_draft_may_be_incomplete_and_a_submission_may_not(api: Api) -> None:
    owner = api.owner()
    save(owner, SEVERITY, WHY, rating={"required": True})
    api.attempts("What is rain?")
    critique = take(owner)
    saved = owner.put(f"/api/critiques/{critique['id']}/draft", body(answers={"severity": "huge"}))
    assert saved.status_code == 200
    refused = submit(owner, critique, body(1, answers={"severity": "large"}))
    assert refused.status_code == 400
    assert [problem["key"] for problem in refused.json()["details"]["problems"]] == [None, "why"]
    assert "Why so bad?" in refused.json()["message"]
    done = submit(owner, critique, body(2, rating=0.5, answers={"severity": "large", "why": "It is false."}))
    assert done.json()["revision"]["answers"] == {"severity": "large", "why": "It is false."}
    assert done.json()["revision"]["form_version"] == 2


@pytest.mark.parametrize(
    ("answers", "status"),
    [({"never_asked": "x"}, 400), ({"Bad Key": "x"}, 422), ({"severity": 1.5}, 422), ({"severity": {"a": 1}}, 422)],
)
def test_an_answer_to_what_was_never_asked_or_of_no_kind_is_refused(
    api: Api, answers: dict[str, Any], status: int
) -> None:
    owner = api.owner()
    save(owner, SEVERITY)
    api.attempts("What is rain?")
    refused = owner.put(f"/api/critiques/{take(owner)['id']}/draft", body(answers=answers))
    assert refused.status_code == status


def test_a_tag_that_the_project_never_had_is_refused_and_a_former_one_is_taken(api: Api) -> None:
    owner = api.owner()
    save(owner, tags=["new"])
    api.attempts("What is rain?")
    critique = take(owner)
    assert submit(owner, critique, body(tags=["invented"])).json()["details"]["field"] == "tags"
    assert submit(owner, critique, body(1, tags=["too long", "new"])).status_code == 200


def test_a_draft_goes_on_under_a_new_form_with_its_answers_and_the_removed_ones_stay_in_the_revision(api: Api) -> None:
    owner = api.owner()
    save(owner, SEVERITY, KINDS[0])
    api.attempts("What is rain?")
    critique = take(owner)
    answers = {"severity": "small", "words": "Hm."}
    owner.put(f"/api/critiques/{critique['id']}/draft", body(answers=answers, form_version=2))
    save(owner, SEVERITY, {**KINDS[4], "required": True}, base=2)
    stale = submit(owner, critique, body(1, answers=answers, form_version=2))
    assert (stale.status_code, stale.json()["details"]["reason"]) == (409, "form_changed")
    again = owner.get(f"/api/critiques/{critique['id']}").json()
    assert again["form"]["number"] == 3
    assert again["critique"]["draft"]["answers"] == answers
    done = submit(owner, critique, body(2, answers={**answers, "sure": True}, form_version=3))
    assert done.json()["revision"]["answers"] == {"severity": "small", "words": "Hm.", "sure": True}


def test_an_old_critique_is_shown_under_the_form_it_was_written_with(api: Api) -> None:
    owner = api.owner()
    save(owner, SEVERITY)
    api.attempts("What is rain?")
    critique = take(owner)
    submit(owner, critique, body(rating=0.25, answers={"severity": "small"}))
    save(owner, base=2, rating={"points": 2})
    shown = owner.get(f"/api/critiques/{critique['id']}").json()
    assert (shown["form"]["number"], shown["answered_under"]["number"]) == (3, 2)
    assert shown["answered_under"]["form"]["rating"]["points"] == 5
    assert [q["label"] for q in shown["answered_under"]["form"]["questions"]] == ["How bad?"]


def test_who_edits_the_form_sees_what_changes_for_open_drafts(api: Api) -> None:
    owner = api.owner()
    save(owner, SEVERITY, KINDS[0])
    api.attempts("What is rain?")
    ann = api.member("ann")
    ann.put(
        f"/api/critiques/{take(ann)['id']}/draft", body(answers={"severity": "small", "words": "Hm."}, form_version=2)
    )
    changed = {**SEVERITY, "label": "How severe?"}
    found = owner.post(f"{FORM}/changes", {"form": form(changed, {**KINDS[4], "required": True})}).json()
    assert found == {
        "added": ["sure"], "removed": ["words"], "changed": ["severity"], "open_drafts": 1,
        "with_removed_answers": 1, "to_complete": 1,
    }  # fmt: skip
    assert owner.get(FORM).json()["number"] == 2


def test_a_verifiers_critique_is_under_no_form(api: Api) -> None:
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        rollout = factories.attempt(session, project)
        revision = critiques.add_by_code(
            session, rollout=rollout, kind=AuthorKind.verifier, name="concise", text="Too long.", rating=0.0
        )
        assert (revision.form_version, revision.answers) == (None, {})
