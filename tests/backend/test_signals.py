"""The map of what a critique would teach."""

import pytest

from backend.database import transaction
from backend.engine import EngineClient, ScoredToken
from backend.models import Critique, Project, User
from tests import factories
from tests.backend.api import Api
from tests.fakes import FakeEngine


@pytest.fixture
def critique_id(served: Api) -> int:
    with transaction(served.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        owner = session.query(User).filter_by(email="owner@example.org").one()
        return factories.submitted(session, project, factories.attempt(session, project), owner).id


def ask(api: Api, critique_id: int, text: str) -> dict[str, object]:
    answer = api.owner().post(f"/api/critiques/{critique_id}/signal", {"draft": {"text": text}})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_every_token_of_the_attempt_has_its_gain_and_nothing_is_stored(
    served: Api, engine: FakeEngine, critique_id: int
) -> None:
    found = ask(served, critique_id, "Too long. One sentence.")
    with transaction(served.sessions) as session:
        critique = session.get_one(Critique, critique_id)
        attempt = session.get_one(factories.Rollout, critique.rollout_id)
        assert critique.draft["text"] == "Too long."
    assert isinstance(found["tokens"], list)
    assert len(found["tokens"]) == len(attempt.token_ids)
    gains = [token["gain"] for token in found["tokens"]]
    assert found["total_gain"] == pytest.approx(sum(gains))
    assert all(t["gain"] == pytest.approx(t["logprob_under_critique"] - t["logprob"]) for t in found["tokens"])
    scored = [payload for path, payload in engine.requests if path == "/v1/completions"]
    (without, under) = (request["prompt"] for request in scored)
    assert without[-len(attempt.token_ids) :] == under[-len(attempt.token_ids) :] == attempt.token_ids


def test_without_a_word_there_is_nothing_to_map(served: Api, critique_id: int) -> None:
    refused = served.owner().post(f"/api/critiques/{critique_id}/signal", {"draft": {"text": "  "}})
    assert refused.status_code == 400
    assert "Write what is wrong first" in refused.json()["message"]


def test_an_engine_that_is_away_is_said(api: Api) -> None:
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        owner = session.query(User).filter_by(email="owner@example.org").one()
        found = factories.submitted(session, project, factories.attempt(session, project), owner).id
    assert api.owner().post(f"/api/critiques/{found}/signal", {"draft": {"text": "Too long."}}).status_code == 503


def test_the_client_says_each_tokens_text(engine: FakeEngine) -> None:
    client = EngineClient(engine.url, None)
    assert client.scored_tokens(factories.BASE, [1, 2], [3, 4]) == [ScoredToken("t3", -1.0), ScoredToken("t4", -1.0)]
    client.close()
