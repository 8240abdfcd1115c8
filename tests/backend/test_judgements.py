"""Judges over HTTP: which there are, who may ask them, calibration against people, and rules that they propose."""

import json
from collections.abc import Iterator

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from backend.app import create_app
from backend.database import Sessions, transaction
from backend.domain import critiques, judgements
from backend.domain.bulk import JudgeRequest
from backend.engine import EngineClient
from backend.models import AuthorKind, Checkpoint, CheckpointState, Critique, Job, JournalEntry, Project, Role, Rollout
from backend.recipes.parts import Feedback
from backend.settings import Settings
from tests import factories
from tests.backend.api import Api, Caller, populate
from tests.conftest import NOBODY_LISTENS
from tests.fakes import FakeEngine

JUDGEMENTS = "/api/projects/demo/judgements"
PROPOSALS = "/api/projects/demo/rules/proposals"


@pytest.fixture
def judged_elsewhere(committed: Sessions, engine: FakeEngine) -> Iterator[Api]:
    """The application with a judge of the operator's beside the engine."""
    populate(committed)
    with FakeEngine(base="wise", key="secret") as judge:
        judge.says = lambda _messages: "Answer in one sentence."
        settings = Settings(
            base_model=factories.BASE, engine_url=engine.url, judge_url=judge.url, judge_model="wise",
            judge_key="secret",
        )  # fmt: skip
        yield Api(create_app(settings, committed, EngineClient(engine.url, None)), committed)


def test_the_operators_judge_comes_first_then_what_is_served(judged_elsewhere: Api) -> None:
    with transaction(judged_elsewhere.sessions) as session:
        session.add(Checkpoint(name="broken", path="/x", sha256="1" * 64, state=CheckpointState.failed))
    assert judged_elsewhere.owner().get("/api/projects/demo/judges").json() == [
        {"name": "endpoint:wise", "model": "wise", "is_served": False},
        {"name": "production", "model": factories.BASE, "is_served": True},
        {"name": factories.BASE, "model": factories.BASE, "is_served": True},
    ]


def test_a_judgement_is_a_job_that_says_what_the_judge_reads(api: Api) -> None:
    owner = api.owner()
    owner.call("PUT", "/api/projects/demo/guidelines", {"text": "Be just."})
    owner.post("/api/projects/demo/rules", {"text": "Be brief."})
    made = owner.post(JUDGEMENTS, {"redraft": True, "max_tokens": 40})
    assert made.status_code == 202, made.text
    job = made.json()
    assert (job["kind"], job["state"]) == ("judge", "queued")
    request = job["request"]
    assert (request["judge"], request["redraft"], request["max_tokens"]) == ("production", True, 40)
    assert (request["rules"], request["form_version"]) == (["Be brief."], 1)
    assert request["author_name"].startswith(f"{factories.BASE} · guidelines {request['guideline_version']} · ")
    assert owner.get("/api/projects/demo/jobs").json()[0]["id"] == job["id"]
    assert owner.post(f"/api/jobs/{job['id']}/cancel").json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"judge": "nobody"}, 404),
        ({"judge": "endpoint:wise"}, 404),
        ({"judge": "http://evil.example/v1"}, 404),
        ({"judge": ""}, 422),
        ({"judge": "x" * 201}, 422),
        ({"url": "http://evil.example"}, 422),
        ({"split": "test"}, 422),
        ({"redraft": "perhaps"}, 422),
        ({"temperature": 3}, 422),
        ({"max_tokens": 0}, 422),
        ({"seed": "x"}, 422),
    ],
)
def test_a_judgement_that_makes_no_sense_is_refused(api: Api, body: dict[str, object], status: int) -> None:
    assert api.owner().post(JUDGEMENTS, body).status_code == status


@pytest.mark.parametrize(
    ("role", "judges", "judge", "propose"),
    [(Role.annotator, 403, 403, 403), (Role.reviewer, 200, 403, 404), (Role.admin, 200, 202, 404)],
)
def test_admins_have_answers_judged_and_reviewers_have_rules_proposed(
    api: Api, role: Role, judges: int, judge: int, propose: int
) -> None:
    person = api.member("ann", role)
    assert person.get("/api/projects/demo/judges").status_code == judges
    assert person.post(JUDGEMENTS).status_code == judge
    assert person.post(PROPOSALS, {"critique_ids": [7]}).status_code == propose


def test_another_projects_checkpoint_is_no_judge(api: Api) -> None:
    with transaction(api.sessions) as session:
        other = factories.project(session, session.query(factories.User).first(), slug="other")
        session.add(
            Checkpoint(
                name="theirs", project_id=other.id, path="/x", sha256="1" * 64, state=CheckpointState.published
            )
        )  # fmt: skip
    assert api.owner().post(JUDGEMENTS, {"judge": "theirs"}).status_code == 404
    assert api.owner().post("/api/projects/other/judgements", {"judge": "theirs"}).status_code == 202


def test_chosen_answers_are_judged_as_a_change(api: Api) -> None:
    api.attempts("What is rain?", "What is snow?")
    owner = api.owner()
    for which in ({"ids": [1]}, {"listed": "rollouts", "filter": {"words": "snow"}}):
        made = owner.post("/api/projects/demo/changes", {"kind": "judge", "value": "production", **which})
        assert made.status_code == 201, made.text
        job = owner.get(f"/api/jobs/{made.json()['job_id']}").json()
        assert (job["kind"], job["request"]["judge"], job["request"]["split"]) == ("judge", "production", None)
    assert owner.post("/api/projects/demo/changes", {"kind": "judge", "value": "no", "ids": [1]}).status_code == 404
    reviewer = api.member("rita", Role.reviewer)
    refused = reviewer.post("/api/projects/demo/changes", {"kind": "judge", "value": "production", "ids": [1]})
    assert refused.status_code == 403


def judged(api: Api, ratings: list[float]) -> None:
    """Answers that Ann rates 0 or 1 in turns, and that a judge rates as given."""
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        ann = factories.member(session, project, "ann@example.org")
        for number, rating in enumerate(ratings):
            rollout = factories.attempt(session, project, f"What is thing {number}?")
            factories.submitted(session, project, rollout, ann, rating=float(number % 2))
            request = JudgeRequest(
                judge="production", checkpoint_id=None, author_name="m · guidelines 0 · 1", guideline_version=0,
                form_version=1, rules=[],
            )  # fmt: skip
            job = Job(project_id=project.id, kind="judge", request={})
            session.add(job)
            session.flush()
            judgements.write(
                session, rollout=rollout, request=request, text="Long.", rating=rating, job_id=job.id
            )  # fmt: skip


def test_a_judges_trust_is_shown_against_people_with_its_interval(api: Api) -> None:
    judged(api, [0.0, 1.0] * 5 + [1.0, 0.0])
    found = api.owner().get("/api/projects/demo/agreement").json()
    (pair,) = found["pairs"]
    assert [pair[side]["kind"] for side in ("first", "second")] == ["annotator", "judge"]
    assert pair["second"]["name"] == "m · guidelines 0 · 1"
    assert pair["answers"] == 12
    percent = pair["percent"]
    assert percent["value"] == pytest.approx(10 / 12)
    assert percent["low"] < percent["value"] < percent["high"] <= 1
    assert pair["kappa"]["value"] == pytest.approx(2 / 3)
    # Alpha is of people alone.
    assert found["alpha_nominal"]["value"] is None


def test_a_judgement_is_labelled_as_a_models_and_takes_no_place_from_people(api: Api) -> None:
    api.attempts("What is rain?")
    with transaction(api.sessions) as session:
        rollout = session.scalars(select(Rollout)).one()
        critiques.add_by_code(
            session, rollout=rollout, kind=AuthorKind.judge, name="m · guidelines 0 · 1", text="Long.", rating=0.0
        )
    found = api.owner().get("/api/projects/demo/data/critiques").json()["items"]
    assert found[0]["author"] == {"kind": "judge", "name": "m · guidelines 0 · 1"}
    handed = api.member("ann").post("/api/projects/demo/assignments/next")
    assert handed.status_code == 200, handed.text
    assert handed.json()["rollout"]["id"] == found[0]["rollout_id"]


def test_a_recipe_leaves_judges_out_until_it_names_them(api: Api) -> None:
    judged(api, [0.0] * 4)
    owner = api.owner()

    def supply(**feedback: object) -> int:
        recipe = {"method": {"name": "rltf-sd"}, "feedback": feedback}
        answer = owner.post("/api/runs/check", {"project": "demo", "recipe": recipe})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["supply"]["critiques"])

    assert Feedback().authors == ("annotator", "verifier")
    assert supply() == 4
    assert supply(authors=["annotator", "judge"]) == 8
    assert supply(authors=["judge"]) == 4


def events(text: str) -> list[tuple[str, dict[str, str]]]:
    blocks = [block.split("\n", 1) for block in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def recurring(api: Api) -> list[int]:
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        ann = factories.member(session, project, "rec@example.org")
        return [
            factories.submitted(session, project, factories.attempt(session, project, f"{n}?"), ann, text=text).id
            for n, text in enumerate(["Too long: say it in one sentence.", "Say it in one sentence, too long."])
        ]  # fmt: skip


def test_a_model_proposes_a_rule_that_a_person_changes_and_saves(served: Api, engine: FakeEngine) -> None:
    engine.says = lambda _messages: '- "Answer in one sentence."\nThat helps.'
    ids, rita = recurring(served), served.member("rita", Role.reviewer)
    answer = rita.post(PROPOSALS, {"critique_ids": ids})
    assert answer.status_code == 200, answer.text
    said = events(answer.text)
    assert said[-1] == ("done", {"text": "Answer in one sentence.", "judge": factories.BASE})
    assert {name for name, _ in said[:-1]} == {"delta"}
    (_, payload), *_ = [sent for sent in engine.requests if sent[0] == "/v1/chat/completions"]
    assert "| Too long: say it in one sentence." in str(payload["messages"])
    assert rita.get("/api/projects/demo/rules").json() == []
    saved = rita.post(
        "/api/projects/demo/rules",
        {"text": "Answer in one short sentence.", "critique_ids": ids, "proposed_by": factories.BASE},
    ).json()
    assert (saved["author"], saved["proposed_by"], saved["critiques"]) == ("rita", factories.BASE, 2)
    with transaction(served.sessions) as session:
        actions = list(session.scalars(select(JournalEntry.action).order_by(JournalEntry.id)))
    assert actions[-2:] == ["rule.proposed", "rule.created"]


def test_the_operators_judge_proposes_and_is_named(judged_elsewhere: Api) -> None:
    ids, owner = recurring(judged_elsewhere), judged_elsewhere.owner()
    said = events(owner.post(PROPOSALS, {"critique_ids": ids}).text)
    assert said[-1] == ("done", {"text": "Answer in one sentence.", "judge": "endpoint:wise"})
    saved = owner.post("/api/projects/demo/rules", {"text": "Be brief.", "proposed_by": "endpoint:wise"}).json()
    assert saved["proposed_by"] == "endpoint:wise"


def test_a_rule_that_a_person_thought_of_was_proposed_by_nobody(api: Api) -> None:
    assert api.owner().post("/api/projects/demo/rules", {"text": "Be brief."}).json()["proposed_by"] is None
    invented = {"text": "Be kind.", "proposed_by": "nobody"}
    assert api.owner().post("/api/projects/demo/rules", invented).json()["proposed_by"] is None


def test_without_an_engine_a_proposal_says_so_and_nothing_is_saved(api: Api) -> None:
    ids, owner = recurring(api), api.owner()
    answer = owner.post(PROPOSALS, {"critique_ids": ids})
    assert answer.status_code == 503
    assert answer.json()["code"] == "engine_unavailable"
    assert "cannot be reached" in answer.json()["message"]
    assert owner.get("/api/projects/demo/rules").json() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"critique_ids": []}, 422),
        ({"critique_ids": ["x"]}, 422),
        ({"critique_ids": [1, 999]}, 404),
        ({"critique_ids": [1], "judge": "nobody"}, 404),
        ({"critique_ids": [1], "text": "x"}, 422),
        ({"critique_ids": [2**63]}, 422),
    ],
)
def test_a_proposal_that_makes_no_sense_is_refused(api: Api, body: dict[str, object], status: int) -> None:
    recurring(api)
    assert api.owner().post(PROPOSALS, body).status_code == status


def test_critiques_of_another_project_or_without_words_make_no_rule(served: Api) -> None:
    recurring(served)
    with transaction(served.sessions) as session:
        owner = session.query(factories.User).filter_by(email="owner@example.org").one()
        other = factories.project(session, owner, slug="other")
        theirs = factories.submitted(session, other, factories.attempt(session, other), owner).id
        demo = session.query(Project).filter_by(slug="demo").one()
        silent = factories.submitted(session, demo, factories.attempt(session, demo), owner)
        revision = session.get_one(critiques.CritiqueRevision, silent.current_revision_id)
        revision.text = " "
        silent_id = silent.id
    caller: Caller = served.owner()
    assert caller.post(PROPOSALS, {"critique_ids": [theirs]}).status_code == 404
    refused = caller.post(PROPOSALS, {"critique_ids": [silent_id]})
    assert (refused.status_code, refused.json()["details"]["field"]) == (400, "critique_ids")
    with transaction(served.sessions) as session:
        assert session.scalars(select(Critique)).all()


@pytest.mark.parametrize(
    "given",
    [
        {"judge_url": "http://host/v1"},
        {"judge_model": "wise"},
        {"judge_url": "ftp://host", "judge_model": "wise"},
        {"judge_url": NOBODY_LISTENS, "judge_model": ""},
        {"judge_url": NOBODY_LISTENS, "judge_model": "x" * 121},
    ],
)
def test_half_a_judge_or_an_unsafe_one_is_refused_in_the_settings(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(given)
