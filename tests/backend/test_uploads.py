"""Uploads hold no connection while their body is on the way, however slow it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine

from backend.app import create_app
from backend.database import create_sessions, transaction
from backend.engine import EngineClient
from backend.models import Membership, Role
from backend.settings import Settings
from tests import factories
from tests.backend.api import ORIGIN, Api, populate

ROUTES = ["prompts/import", "imports?content=prompts"]
CONNECTIONS = 2  # a login takes as many

Midway = Callable[[httpx2.AsyncClient], Awaitable[object]]


@pytest.fixture
def api(committed_url: str, tmp_path: Path) -> Api:
    """The application with very few connections."""
    sessions = create_sessions(create_engine(committed_url, pool_size=CONNECTIONS, max_overflow=0, pool_timeout=3))
    populate(sessions)
    settings = Settings(base_model=factories.BASE, engine_url="http://127.0.0.1:9", data_dir=tmp_path)
    return Api(create_app(settings, sessions, EngineClient("http://127.0.0.1:9", None)), sessions)


async def upload(http: httpx2.AsyncClient, route: str, midway: Midway) -> int:
    """Send half of a file, do something else, send the rest; how it is answered."""

    async def body() -> AsyncIterator[bytes]:
        yield b'{"prompt": "What is rain?"}\n'
        await midway(http)
        yield b'{"prompt": "What is snow?"}\n'

    return (await http.post(f"/api/projects/demo/{route}", content=body())).status_code


def run(api: Api, act: Midway) -> object:
    """As the owner, in one event loop with the application."""
    owner = api.owner()
    sent = {"headers": {"origin": ORIGIN, "X-CSRF": owner.csrf}, "cookies": dict(owner.client.cookies)}

    async def scenario() -> object:
        transport = httpx2.ASGITransport(api.app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, **sent) as http:
            return await act(http)

    return asyncio.run(scenario())


@pytest.mark.parametrize("route", ROUTES)
def test_others_are_answered_while_as_many_uploads_as_connections_are_on_their_way(api: Api, route: str) -> None:
    answers: list[int] = []

    async def one_more(http: httpx2.AsyncClient) -> None:
        if len(answers) < CONNECTIONS:
            answers.append(0)
            answers[answers.index(0)] = await upload(http, route, one_more)
        else:
            answers.append((await http.get("/api/projects/demo/prompts")).status_code)

    run(api, one_more)
    assert answers[-1] == 200
    assert all(200 <= status < 300 for status in answers)


@pytest.mark.parametrize("route", ROUTES)
def test_who_loses_the_right_during_the_upload_is_refused_and_nothing_is_kept(api: Api, route: str) -> None:
    async def demote(_: httpx2.AsyncClient) -> None:
        with transaction(api.sessions) as session:
            session.query(Membership).update({"role": Role.reviewer})

    assert run(api, lambda http: upload(http, route, demote)) == 403
    assert list(api.app.state.settings.uploads_dir.glob("*")) == []


@pytest.mark.parametrize("route", ROUTES)
def test_who_may_not_import_is_refused_before_the_body_is_read(api: Api, route: str) -> None:
    with transaction(api.sessions) as session:
        session.query(Membership).update({"role": Role.reviewer})

    async def fail(_: httpx2.AsyncClient) -> None:
        raise AssertionError("The body was read.")

    assert run(api, lambda http: upload(http, route, fail)) == 403
