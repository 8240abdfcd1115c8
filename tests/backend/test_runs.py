"""Launching and watching runs over HTTP."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.database import transaction
from backend.domain import claims, critiques, rules, runs
from backend.models import Project, Prompt, Rollout, Run, RunMetric, Snapshot, Split, User, Verdict
from backend.recipes import Guards, Recipe, Rules
from tests import factories
from tests.backend.api import Api

RECIPE = {"method": {"name": "rltf-sd"}}


def collect(api: Api, *, probes: int = 4) -> None:
    """One judged critique, and prompts for the guards."""
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        owner = session.query(User).filter_by(email="owner@example.org").one()
        critique = factories.submitted(session, project, factories.attempt(session, project), owner)
        redraft = factories.redraft(session, critique)
        critiques.compare(session, critique=critique, redraft_id=redraft.id, verdict=Verdict.better, rating=None)
        for number in range(probes):
            factories.prompt(session, project, f"What is probe {number}?", Split.probe)


def test_a_run_freezes_the_feedback_and_is_queued(api: Api) -> None:
    collect(api)
    made = api.owner().post("/api/runs", {"project": "demo", "recipe": RECIPE})
    assert made.status_code == 201, made.text
    run = made.json()
    assert (run["state"], run["method"], run["snapshot"]["critiques"]) == ("queued", "rltf-sd", 1)
    assert run["forecast"]["steps"] == run["total"]


def test_a_run_without_a_usable_critique_is_refused_with_the_reason_and_leaves_nothing(api: Api) -> None:
    refused = api.owner().post("/api/runs", {"project": "demo", "recipe": RECIPE})
    assert refused.status_code == 400
    assert any("critique" in reason for reason in refused.json()["details"]["missing"])
    with transaction(api.sessions) as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 0
        assert session.scalar(select(func.count()).select_from(Snapshot)) == 0


def test_a_check_says_what_is_missing_and_launches_nothing(api: Api) -> None:
    found = api.owner().post("/api/runs/check", {"project": "demo", "recipe": RECIPE}).json()
    assert found["ok"] is False
    assert found["missing"]
    assert found["forecast"]["seconds"] > 0


def test_a_forecast_counts_the_answers_that_the_method_learns(api: Api) -> None:
    collect(api)
    with transaction(api.sessions) as session:
        attempt, redraft = (session.scalars(select(Rollout).where(Rollout.turn == turn)).one() for turn in (0, 1))
        attempt.token_ids, redraft.token_ids = [1] * 50, [1] * 10
        attempt.logprobs, redraft.logprobs = [-1.0] * 50, [-1.0] * 10
    for method, length in (("rltf-sd", 10), ("sdpo", 50)):
        found = api.owner().post("/api/runs/check", {"project": "demo", "recipe": {"method": {"name": method}}})
        assert found.json()["supply"]["mean_response_tokens"] == length


def test_an_invalid_recipe_is_malformed_and_names_the_field_and_the_cure(api: Api) -> None:
    owner = api.owner()
    unknown = owner.post("/api/runs", {"project": "demo", "recipe": {**RECIPE, "speed": 11}})
    assert unknown.status_code == 422
    assert unknown.json()["details"]["fields"][0]["field"] == "recipe.speed"
    impossible = {**RECIPE, "feedback": {"control": "foreign", "redrafts": "recorded"}}
    refused = owner.post("/api/runs", {"project": "demo", "recipe": impossible})
    assert refused.status_code == 422
    assert "set feedback.redrafts" in refused.json()["message"]


def test_a_queued_run_is_cancelled_at_once_and_can_be_resumed(api: Api) -> None:
    collect(api)
    owner = api.owner()
    run = owner.post("/api/runs", {"project": "demo", "recipe": RECIPE}).json()
    assert owner.post(f"/api/runs/{run['id']}/cancel").json()["state"] == "cancelled"
    assert owner.post(f"/api/runs/{run['id']}/cancel").status_code == 409
    assert owner.post(f"/api/runs/{run['id']}/resume").json()["state"] == "queued"


def test_metrics_after_the_resumed_step_are_replaced(api: Api) -> None:
    collect(api)
    run_id = api.owner().post("/api/runs", {"project": "demo", "recipe": RECIPE}).json()["id"]
    with transaction(api.sessions) as session:
        claimed = claims.claim(session, Run, run_id)
        assert claimed is not None
        session.add_all(RunMetric(run_id=run_id, step=step, name="loss/total", value=1.0) for step in (1, 2, 3))
        session.flush()
        runs.forget_after(session, claimed=claimed, step=2)
    series = api.owner().get(f"/api/runs/{run_id}/metrics").json()["series"]
    assert series == {"loss/total": [[1, 1.0], [2, 1.0]]}


def test_an_unknown_run_is_404_and_another_projects_run_too(api: Api) -> None:
    collect(api)
    run_id = api.owner().post("/api/runs", {"project": "demo", "recipe": RECIPE}).json()["id"]
    with transaction(api.sessions) as session:
        stranger = factories.user(session, "stranger@example.org")
        factories.project(session, stranger, "other")
    other = api.login("stranger@example.org")
    assert other.get(f"/api/runs/{run_id}").status_code == 404
    assert other.get("/api/runs/999999").status_code == 404


def test_eval_prompts_do_not_reach_a_snapshot(api: Api) -> None:
    collect(api)
    with transaction(api.sessions) as session:
        session.query(Prompt).filter_by(split=Split.train).one().split = Split.eval
    refused = api.owner().post("/api/runs", {"project": "demo", "recipe": RECIPE})
    assert refused.status_code == 400


def test_a_run_freezes_the_rules_that_hold_when_it_is_launched(session: Session) -> None:
    owner = factories.user(session)
    project = factories.project(session, owner)
    access = factories.access(project, owner)
    factories.submitted(session, project, factories.attempt(session, project), owner)
    recipe = Recipe(method=Rules(), guards=Guards(enabled=False))
    (lacking,) = runs.check(session, project_id=project.id, recipe=recipe).missing
    assert "no rules" in lacking
    rule = rules.create(session, project_id=project.id, user_id=owner.id, text="Answer in one short sentence.")
    run = runs.create(session, access, name=None, recipe=recipe, base=factories.base(session))
    rules.retire(session, rule=rule, user_id=owner.id)
    assert session.get_one(Snapshot, run.snapshot_id).rules == ["Answer in one short sentence."]


def test_a_queued_run_is_cancelled_at_once(api: Api) -> None:
    collect(api)
    run = api.owner().post("/api/runs", {"project": "demo", "recipe": RECIPE}).json()
    cancelled = api.owner().post(f"/api/runs/{run['id']}/cancel")
    assert cancelled.status_code == 200, cancelled.text
    assert (cancelled.json()["state"], cancelled.json()["cancel_requested"]) == ("cancelled", True)
    assert cancelled.json()["finished_at"] is not None
