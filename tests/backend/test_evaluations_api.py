"""Evaluations over HTTP: scores are for everybody, answers by checkpoint only for who is not asked for blind pairs."""

import pytest

from backend.database import transaction
from backend.domain import evaluations
from backend.models import EvaluationAnswer, Project, Role, Rollout, RolloutSource, Split, WorkState
from tests import factories
from tests.backend.api import Api


@pytest.fixture
def two(api: Api) -> tuple[int, int]:
    """Two finished evaluations of one answer each."""
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        owner = factories.access(project, factories.member(session, project, "admin@example.org", Role.admin))
        prompt = factories.prompt(session, project, "What is hail?", Split.eval)
        base = factories.base(session)
        ids = []
        for text in ("Ice.", "Frozen rain."):
            made = evaluations.create(session, owner, checkpoint=base)
            made.state = WorkState.succeeded
            rollout = Rollout(
                project_id=project.id, prompt_id=prompt.id, checkpoint_id=base.id, text=text, token_ids=[1],
                logprobs=[-0.1], sampling={}, finish_reason="stop", source=RolloutSource.evaluation,
            )  # fmt: skip
            session.add(rollout)
            session.flush()
            scores = dict.fromkeys(evaluations.current_suite(session, project).scorers, 1.0)
            session.add(
                EvaluationAnswer(evaluation_id=made.id, prompt_id=prompt.id, rollout_id=rollout.id, scores=scores)
            )
            ids.append(made.id)
    return ids[0], ids[1]


@pytest.mark.parametrize("role", [Role.annotator, Role.viewer])
def test_who_may_be_asked_for_blind_pairs_reads_scores_and_no_answers(
    api: Api, two: tuple[int, int], role: Role
) -> None:
    person = api.member("ann", role)
    assert person.get(f"/api/evaluations/{two[0]}/compare/{two[1]}").status_code == 403
    listed = person.get("/api/projects/demo/evaluations")
    alone = person.get(f"/api/evaluations/{two[0]}")
    assert listed.json()[1] == alone.json()
    assert alone.json()["scores"][0]["mean"] == 1.0
    assert "Ice." not in listed.text + alone.text


def test_reviewers_compare_the_answers_of_two_evaluations_and_strangers_find_nothing(
    api: Api, two: tuple[int, int]
) -> None:
    path = f"/api/evaluations/{two[0]}/compare/{two[1]}"
    [row] = api.member("rita", Role.reviewer).get(path).json()["rows"]
    assert (row["a"]["text"], row["b"]["text"]) == ("Ice.", "Frozen rain.")
    with transaction(api.sessions) as session:
        factories.project(session, factories.user(session, "zoe@example.org"), "other")
    assert api.login("zoe@example.org").get(path).status_code == 404
