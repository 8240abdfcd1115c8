"""Live redrafts and the OpenAI-compatible gateway, over an engine that answers."""

import json

from openai import OpenAI
from sqlalchemy import select

from backend.database import transaction
from backend.domain import checkpoints
from backend.models import Checkpoint, CheckpointState, Project, Rollout, User
from tests import factories
from tests.backend.api import Api, Caller
from tests.fakes import FakeEngine

DRAFT = {"draft": {"text": "Too long.", "rating": 0.25, "tags": [], "edit": None}, "version": 0}


def events(text: str) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n", 1)
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def lease(api: Api, caller: Caller) -> str:
    api.attempts("What is rain?")
    critique = caller.post("/api/projects/demo/assignments/next").json()["critique"]
    return f"/api/critiques/{critique['id']}"


def adapter(api: Api, name: str = "demo-run1-step8", project: str = "demo") -> int:
    with transaction(api.sessions) as session:
        found = session.query(Project).filter_by(slug=project).one()
        made = Checkpoint(
            name=name, project_id=found.id, path=f"/adapters/{name}", sha256="1" * 64, state=CheckpointState.published,
            parent_id=factories.base(session).id,
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made.id


def promote(api: Api, checkpoint_id: int) -> None:
    with transaction(api.sessions) as session:
        owner = session.query(User).filter_by(email="owner@example.org").one()
        project = session.query(Project).filter_by(slug="demo").one()
        checkpoints.move_alias(
            session, factories.access(project, owner), name="production",
            checkpoint=session.get_one(Checkpoint, checkpoint_id), reason="",
        )  # fmt: skip


def test_a_redraft_streams_and_is_kept_with_token_ids_log_probs_and_lineage(served: Api) -> None:
    owner = served.owner()
    path = lease(served, owner)
    streamed = events(owner.post(f"{path}/redraft", DRAFT).text)
    assert [streamed[0][0], streamed[-1][0]] == ["start", "done"]
    text = "".join(str(data["text"]) for name, data in streamed if name == "delta")
    assert "Too long." in text
    with transaction(served.sessions) as session:
        kept = session.scalars(select(Rollout).where(Rollout.turn == 1)).one()
    assert kept.text == text
    assert len(kept.token_ids) == len(kept.logprobs) > 0
    assert (kept.parent_id, kept.critique_revision_id) == (
        kept.id - 1, streamed[0][1]["revision_id"],
    )  # fmt: skip


def test_the_redraft_comes_from_the_checkpoint_that_wrote_the_attempt(served: Api, engine: FakeEngine) -> None:
    owner = served.owner()
    path = lease(served, owner)
    checkpoint_id = adapter(served)
    with transaction(served.sessions) as session:
        session.scalars(select(Rollout)).one().checkpoint_id = checkpoint_id
    streamed = events(owner.post(f"{path}/redraft", DRAFT).text)
    assert engine.adapters == {"demo-run1-step8": "/adapters/demo-run1-step8"}
    assert str(streamed[1][1]["text"]).startswith("demo-run1-step8")


def test_a_better_redraft_becomes_the_reward_of_the_snapshot(served: Api) -> None:
    owner = served.owner()
    path = lease(served, owner)
    start = events(owner.post(f"{path}/redraft", DRAFT).text)[0][1]
    owner.put(f"{path}/redrafts/{start['rollout_id']}", {"verdict": "better"})
    body = {**DRAFT, "version": start["version"]}
    assert owner.post(f"{path}/submit", body, Idempotency_Key="key-number-1").status_code == 200
    recipe = {"method": {"name": "rltf-sd"}, "guards": {"enabled": False}}
    found = owner.post("/api/runs/check", {"project": "demo", "recipe": recipe}).json()
    assert (found["supply"]["critiques"], found["supply"]["recorded_redrafts"]) == (1, 1)


def openai_client(api: Api, http: Caller) -> OpenAI:
    key = api.owner().post("/api/projects/demo/keys", {"name": "app", "role": "viewer"}).json()["key"]
    return OpenAI(api_key=key, base_url="http://testserver/v1", http_client=http.client, max_retries=0)


def test_any_openai_client_gets_the_base_model_then_what_is_promoted_then_the_old_one_back(served: Api) -> None:
    client = openai_client(served, served.nobody())
    ask = [{"role": "user", "content": "hello"}]

    def answer() -> str:
        reply = client.chat.completions.create(model="production", messages=ask)  # type: ignore[arg-type]
        return reply.choices[0].message.content or ""

    assert answer() == "answer to: hello"
    promote(served, adapter(served))
    assert answer() == "demo-run1-step8 answer to: hello"
    with transaction(served.sessions) as session:
        base_id = factories.base(session).id
    promote(served, base_id)
    assert answer() == "answer to: hello"


def test_the_gateway_streams(served: Api) -> None:
    client = openai_client(served, served.nobody())
    ask = [{"role": "user", "content": "hello"}]
    chunks = client.chat.completions.create(model="production", messages=ask, stream=True)  # type: ignore[call-overload]
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert "".join(pieces) == "answer to: hello"
    assert len(pieces) > 1


def test_another_projects_model_does_not_exist(served: Api) -> None:
    with transaction(served.sessions) as session:
        factories.project(session, factories.user(session, "o2@example.org"), "second")
    adapter(served, "second-run1-step1", "second")
    owner = served.owner()
    body = {"model": "second-run1-step1", "messages": [{"role": "user", "content": "x"}]}
    refused = owner.post("/v1/chat/completions", body, X_Redraft_Project="demo")
    assert refused.status_code == 404
    assert "second-run1-step1" in refused.json()["message"]


def test_the_engine_failing_is_503_with_the_reason(served: Api, engine: FakeEngine) -> None:
    engine.broken = True
    body = {"model": "production", "messages": [{"role": "user", "content": "x"}]}
    for payload in (body, {**body, "stream": True}):
        refused = served.owner().post("/v1/chat/completions", payload, X_Redraft_Project="demo")
        assert refused.status_code == 503
        assert refused.json()["code"] == "engine_unavailable"


def test_the_models_are_aliases_and_published_checkpoints(served: Api) -> None:
    adapter(served)
    owner = served.owner()
    found = owner.call("GET", "/v1/models", X_Redraft_Project="demo").json()
    assert [model["id"] for model in found["data"]] == ["production", "demo-run1-step8", factories.BASE]
