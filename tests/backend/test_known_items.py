"""Known items: practice with feedback, items mixed in unseen, quality per annotator; never trained on."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from backend import anchors
from backend.database import transaction
from backend.domain import assignments, feedback, known_items, progress
from backend.domain.known_items import Expectation
from backend.domain.known_verdicts import Expected, Said, judge
from backend.domain.spans import Span
from backend.intervals import wilson
from backend.models import AuthorKind, Critique, CritiqueState, KnownItem, Project, Role, Rollout, User
from tests import factories
from tests.backend.api import Api, Caller

KNOWN = "/api/projects/demo/known-items"
SEEDED = "Rain is fire."
FEW = st.integers(0, 200)


def span(text: str, quote: str) -> dict[str, Any]:
    start = text.index(quote)
    anchor = asdict(anchors.anchor(text, start, start + len(quote)))
    return {"anchor": anchor, "note": "", "severity": "major"}


def write(caller: Caller, **draft: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Take the next answer, critique it, and return what was shown."""
    shown: dict[str, Any] = caller.post("/api/projects/demo/assignments/next").json()
    body = {"draft": {"text": "Too long.", **draft}, "version": shown["critique"]["draft_version"]}
    done = caller.post(f"/api/critiques/{shown['critique']['id']}/submit", body, Idempotency_Key="once-and-only-once")
    assert done.status_code == 200, done.text
    return shown


def gold(reviewer: Caller, critique: int, **given: object) -> dict[str, Any]:
    body = {"critique_id": critique, "rating_low": 0.0, "rating_high": 0.25, **given}
    answer = reviewer.post(f"{KNOWN}/gold", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def seed(reviewer: Caller, rollout: int, **given: object) -> Any:  # noqa: ANN401 - JSON of our own API
    body = {"rollout_id": rollout, "text": SEEDED, "mistakes": [span(SEEDED, "fire")], "words": ["fire"], **given}
    return reviewer.post(f"{KNOWN}/seeded", body)


def settings(owner: Caller, practice: int, every: int) -> None:
    answer = owner.put(f"{KNOWN}/settings", {"practice_items": practice, "known_every": every})
    assert answer.status_code == 200, answer.text


def expected(**given: Any) -> Expected:  # noqa: ANN401 - the fields of Expected
    nothing: dict[str, Any] = {
        "is_seeded": False, "rating_low": None, "rating_high": None, "tags": [], "spans": [], "words": [],
    }  # fmt: skip
    return Expected(**{**nothing, **given})


def said(text: str = "", rating: float | None = None, *quotes: str) -> Said:
    return Said(text, rating, [], [Span.model_validate(span(SEEDED, quote)) for quote in quotes])


def test_a_practice_item_comes_first_and_gives_feedback_at_once(api: Api) -> None:
    owner, ann = api.owner(), api.member("ann")
    api.attempts("What is rain?", "What is snow?")
    known = write(owner, rating=0.25, tags=["too long"])
    gold(owner, known["critique"]["id"], is_practice=True, note="It is too long.")
    settings(owner, 3, 0)
    shown = write(ann, rating=1.0)
    assert shown["practice"] == {"number": 1, "of": 1}
    found = ann.get(f"/api/critiques/{shown['critique']['id']}/feedback").json()
    assert (found["passed"], found["rating"], found["rating_high"]) == (False, 1.0, 0.25)
    assert (found["tags_missing"], found["note"]) == (["too long"], "It is too long.")
    after = write(ann)
    assert after["practice"] is None
    assert after["rollout"]["id"] != shown["rollout"]["id"]
    assert ann.get(f"/api/critiques/{after['critique']['id']}/feedback").status_code == 404


def test_a_mixed_in_item_looks_like_any_other_and_tells_nothing(served: Api) -> None:
    owner, ann = served.owner(), served.member("ann")
    served.attempts("What is rain?", "What is snow?", "What is hail?")
    rollout = owner.get("/api/projects/demo/rollouts").json()["items"][0]
    made = seed(owner, rollout["id"])
    assert made.status_code == 201, made.text
    settings(owner, 0, 1)
    shown = ann.post("/api/projects/demo/assignments/next").json()
    assert shown["rollout"]["text"] == SEEDED
    assert (shown["rollout"]["source"], shown["rollout"]["parent_id"], shown["practice"]) == ("attempt", None, None)
    assert (shown["rollout"]["token_count"], shown["rollout"]["created_at"]) == (3, rollout["created_at"])
    write(ann, text="There is no fire in it.")
    assert ann.get(f"/api/critiques/{shown['critique']['id']}/feedback").status_code == 404
    [row] = owner.get("/api/projects/demo/quality").json()
    assert (row["name"], row["seeded"]["passed"], row["seeded"]["n"], row["gold"]["low"]) == ("ann", 1, 1, None)


def test_the_number_left_to_do_does_not_tell_that_the_answer_in_hand_is_a_known_one(served: Api) -> None:
    owner, ann = served.owner(), served.member("ann")
    served.attempts("What is rain?", "What is snow?", "What is hail?")
    left = {}
    for every in (0, 1):  # first an answer like any other, then a known item
        settings(owner, 0, every)
        if every:
            seed(owner, owner.get("/api/projects/demo/rollouts").json()["items"][0]["id"])
        before = ann.get("/api/projects/demo/progress").json()["mine_to_do"]
        ann.post("/api/projects/demo/assignments/next")
        left[every] = ann.get("/api/projects/demo/progress").json()["mine_to_do"] - before
        write(ann)
    assert left == {0: 0, 1: 0}


def test_an_engine_that_is_away_seeds_nothing(api: Api) -> None:
    api.attempts("What is rain?")
    owner = api.owner()
    rollout = owner.get("/api/projects/demo/rollouts").json()["items"][0]
    assert seed(owner, rollout["id"]).status_code == 503
    assert owner.get(KNOWN).json()["items"] == []


def test_a_seeded_answer_is_checked_field_by_field(served: Api) -> None:
    served.attempts("What is rain?")
    owner = served.owner()
    number = owner.get("/api/projects/demo/rollouts").json()["items"][0]["id"]
    assert seed(owner, number, text="Rain is water.", mistakes=[span("Rain is water.", "water")]).status_code == 400
    assert seed(owner, number, mistakes=[span("Rain is ice and fire.", "fire")]).status_code == 422
    for bad in ({"mistakes": []}, {"words": [""]}, {"text": ""}, {"rating_low": 2}, {"colour": "red"}):
        assert seed(owner, number, **bad).status_code == 422
    assert seed(owner, 4711).status_code == 404
    assert seed(owner, number, rating_low=1, rating_high=0).status_code == 400


def test_only_a_submitted_critique_with_a_range_makes_gold_and_only_once(api: Api) -> None:
    owner, ann = api.owner(), api.member("ann")
    api.attempts("What is rain?", "What is snow?")
    critique = write(ann)["critique"]["id"]
    for body, status in (
        ({"critique_id": critique}, 400),
        ({"critique_id": 4711, "rating_low": 0, "rating_high": 1}, 404),
        ({"critique_id": critique, "rating_low": 1, "rating_high": 0}, 400),
        ({"critique_id": critique, "rating_low": -1, "rating_high": 0}, 422),
    ):
        assert owner.post(f"{KNOWN}/gold", body).status_code == status
    gold(owner, critique)
    again = owner.post(f"{KNOWN}/gold", {"critique_id": critique, "rating_low": 0, "rating_high": 1})
    assert again.status_code == 409
    draft = ann.post("/api/projects/demo/assignments/next").json()["critique"]["id"]
    assert owner.post(f"{KNOWN}/gold", {"critique_id": draft, "rating_low": 0, "rating_high": 1}).status_code == 409


def test_annotators_see_no_known_items_and_only_admins_set_the_rate(api: Api) -> None:
    ann, rita = api.member("ann"), api.member("rita", Role.reviewer)
    assert [ann.get(path).status_code for path in (KNOWN, "/api/projects/demo/quality")] == [403, 403]
    assert ann.post(f"{KNOWN}/gold", {"critique_id": 1}).status_code == 403
    assert rita.get(KNOWN).status_code == 200
    assert rita.put(f"{KNOWN}/settings", {"practice_items": 1, "known_every": 2}).status_code == 403
    for bad in ({"practice_items": -1, "known_every": 1}, {"practice_items": 1, "known_every": 1001}, {}):
        assert api.owner().put(f"{KNOWN}/settings", bad).status_code == 422


def test_an_item_can_be_retired_and_another_projects_item_does_not_exist(api: Api) -> None:
    owner, ann = api.owner(), api.member("ann")
    api.attempts("What is rain?")
    item = gold(owner, write(owner)["critique"]["id"])
    settings(owner, 0, 1)
    changed = owner.call("PATCH", f"{KNOWN}/{item['id']}", {"is_retired": True})
    assert changed.json()["is_retired"] is True
    assert ann.post("/api/projects/demo/assignments/next").status_code == 204
    assert owner.call("PATCH", f"{KNOWN}/4711", {"is_retired": True}).status_code == 404


def test_the_author_of_an_item_and_who_knows_its_original_do_not_get_it(session: Session) -> None:
    owner = factories.user(session)
    project = factories.project(session, owner, known_every=1)
    ann, ben = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
    original = factories.attempt(session, project)
    factories.submitted(session, project, original, ann)
    item = seeded(session, project, owner, original)
    assert known_items.next_for(session, project=project, user=owner) is None
    assert known_items.next_for(session, project=project, user=ann) is None
    assert known_items.next_for(session, project=project, user=ben) == item.rollout_id


def seeded(session: Session, project: Project, owner: User, original: Rollout) -> KnownItem:
    return known_items.seed(
        session, factories.access(project, owner), rollout_id=original.id, text=SEEDED, token_ids=[1, 2],
        mistakes=[Span.model_validate(span(SEEDED, "fire"))], words=[],
        expectation=Expectation(None, None, "", is_practice=False),
    )  # fmt: skip


def test_of_every_n_hand_outs_exactly_one_is_known_and_not_always_at_the_same_place(session: Session) -> None:
    owner = factories.user(session)
    project = factories.project(session, owner, known_every=4, overlap=9)
    for number in range(24):
        factories.attempt(session, project, f"Question {number}?")
    for number in range(8):
        seeded(session, project, owner, factories.attempt(session, project, f"Known {number}?"))
    patterns = set()
    for name in ("ann", "ben", "cho"):
        person = factories.member(session, project, f"{name}@example.org")
        known = []
        for _ in range(20):
            critique = assignments.lease_next(session, project=project, user=person, minutes=1)
            assert critique is not None
            critique.state = CritiqueState.submitted
            session.flush()
            known.append(known_items.is_known(session, critique.rollout_id))
        blocks = [tuple(known[start : start + 4]) for start in range(0, 20, 4)]
        assert [sum(block) for block in blocks] == [1] * 5
        patterns |= set(blocks)
    assert len(patterns) > 1


def test_a_known_item_has_a_place_for_everybody_and_is_never_trained_on(session: Session) -> None:
    owner = factories.user(session)
    project = factories.project(session, owner, known_every=1, overlap=1)
    accepted = factories.submitted(session, project, factories.attempt(session, project), owner)
    usable = lambda: feedback.usable(session, project_id=project.id, kinds=list(AuthorKind))  # noqa: E731
    assert len(usable()) == 1
    known_items.mark_gold(
        session, factories.access(project, owner), critique_id=accepted.id,
        expectation=Expectation(0.0, 0.5, "", is_practice=False),
    )  # fmt: skip
    for name in ("ann", "ben"):
        person = factories.member(session, project, f"{name}@example.org")
        critique = assignments.lease_next(session, project=project, user=person, minutes=1)
        assert critique is not None
        assert critique.rollout_id == accepted.rollout_id
        assert assignments.has_slot(session, project=project, critique=critique)
        critique.state = CritiqueState.submitted
        session.flush()
    assert usable() == []
    counts = progress.of(session, project=project, user_id=owner.id)
    assert (counts.critiques[AuthorKind.annotator], counts.to_annotate) == (0, 0)


def test_a_critique_that_is_older_than_its_item_says_nothing_of_its_author(api: Api) -> None:
    owner, ann = api.owner(), api.member("ann")
    api.attempts("What is rain?")
    gold(owner, write(ann, rating=0.25)["critique"]["id"])
    assert owner.get("/api/projects/demo/quality").json() == []


@pytest.mark.parametrize(
    ("given", "heard", "passed"),
    [
        ({"rating_low": 0.25, "rating_high": 0.5}, said(rating=0.5), True),
        ({"rating_low": 0.25, "rating_high": 0.5}, said(rating=0.75), False),
        ({"rating_low": 0.25, "rating_high": 0.5}, said(), False),
        ({"rating_low": 1 / 3, "rating_high": 1 / 3}, said(rating=0.3333333), True),
        ({"is_seeded": True, "spans": "fire"}, said("", None, "is fire"), True),
        ({"is_seeded": True, "spans": "fire"}, said("", None, "Rain"), False),
        ({"is_seeded": True, "words": ["fire"]}, said("No FIRE here."), True),
        ({"is_seeded": True, "words": ["fire"]}, said("Fireworks?"), False),
        ({"is_seeded": True, "words": ["C++"]}, said("It is not c++."), True),
        ({"is_seeded": True, "words": [" "]}, said("Anything."), False),
    ],
)
def test_gold_is_passed_in_range_and_a_mistake_is_found_by_overlap_or_word(
    given: dict[str, Any], heard: Said, passed: bool
) -> None:
    if "spans" in given:
        given = {**given, "spans": [Span.model_validate(span(SEEDED, given["spans"]))]}
    assert judge(expected(**given), heard).passed is passed


@given(FEW, FEW)
def test_wilsons_interval_holds_exactly_the_shares_that_the_score_test_does_not_reject(one: int, two: int) -> None:
    passed, n = min(one, two), max(one, two, 1)
    found = wilson(passed, n)
    z = 1.959963984540054
    for step in range(1001):
        share = step / 1000
        holds = n * (passed / n - share) ** 2 <= z**2 * share * (1 - share) + 1e-12
        assert holds == (found.low - 1e-9 <= share <= found.high + 1e-9)


def test_a_known_draft_is_kept_when_its_item_is_retired(api: Api) -> None:
    owner, ann = api.owner(), api.member("ann")
    api.attempts("What is rain?")
    item = gold(owner, write(owner)["critique"]["id"])
    settings(owner, 0, 1)
    taken = ann.post("/api/projects/demo/assignments/next").json()["critique"]["id"]
    owner.call("PATCH", f"{KNOWN}/{item['id']}", {"is_retired": True})
    assert write(ann)["critique"]["id"] == taken
    with transaction(api.sessions) as session:
        assert session.get_one(Critique, taken).state == CritiqueState.submitted


def test_quality_is_measured_on_the_first_own_words_whatever_was_taught_or_corrected_since(api: Api) -> None:
    owner, ann = api.owner(), api.member("ann")
    api.attempts("What is rain?")
    gold(owner, write(owner, rating=0.25)["critique"]["id"])
    settings(owner, 0, 1)
    seen = write(ann, rating=1.0)["critique"]["id"]
    revision = owner.get(f"/api/critiques/{seen}").json()["critique"]["revision"]["id"]
    body = {"revision_id": revision, "draft": {"text": "Too long.", "rating": 0.25}}
    assert owner.post(f"/api/critiques/{seen}/correct", body).status_code == 200
    (quality,) = owner.get("/api/projects/demo/quality").json()
    assert (quality["gold"]["passed"], quality["gold"]["n"]) == (0, 1)


def test_who_made_an_item_measures_nobody_by_submitting_again(api: Api) -> None:
    owner, ann = api.owner(), api.member("ann")
    api.attempts("What is rain?")
    own = write(ann, rating=0.25)["critique"]["id"]
    gold(owner, own)
    again = ann.post(f"/api/critiques/{own}/reopen").json()["critique"]
    body = {"draft": {"text": "Still too long.", "rating": 0.25}, "version": again["draft_version"]}
    assert ann.post(f"/api/critiques/{own}/submit", body, Idempotency_Key="a second time").status_code == 200
    assert owner.get("/api/projects/demo/quality").json() == []
