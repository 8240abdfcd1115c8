"""What tests stand on: the product's own PostgreSQL and Redis, migrated once, and rolled back or copied per test."""

import itertools
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import argon2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from backend import security
from backend.app import create_app
from backend.database import Sessions, create_engine_from, create_sessions, migrate
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.redis import EmbeddedRedis
from backend.engine import EngineClient
from backend.settings import Settings
from tests import factories
from tests.backend.api import Api, populate
from tests.fakes import FakeEngine

NOBODY_LISTENS = "http://127.0.0.1:9"
MAY_SKIP = ("gpu", "vllm")

_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow tests, so that no process is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failure, unless it is marked as needing a GPU or vLLM."""
    report = yield
    if not any(item.get_closest_marker(name) for name in MAY_SKIP):
        refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a file that skips itself while it is read is a failure too."""
    report = yield
    refuse_skip(report)
    return report


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure where skips are not allowed."""
    strict = os.environ.get("CI") == "true" or os.environ.get("REDRAFT_NO_SKIPS") == "1"
    if strict and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure here: {report.longrepr}"


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Passwords hashed with the least work: tests make many people, and nobody attacks them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(security, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running PostgreSQL, as the product starts it."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    url = server.start()
    hasten(url)
    yield url
    server.stop()


def hasten(postgres_url: str) -> None:
    """Let the server of the tests not wait for the disk: nobody needs its data after a power cut."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running Redis, as the product starts it."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    yield server.start()
    server.stop()


def create_database(postgres_url: str, template: str = "template1") -> str:
    """A new database, copied from ``template``; returns its URL."""
    name = f"tests_{next(_numbers)}"
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()
    return postgres_url.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture(scope="session")
def template(postgres_url: str) -> str:
    """The name of a migrated database that nobody uses, to copy from."""
    url = create_database(postgres_url)
    migrate(url)
    return url.rsplit("/", 1)[1]


@pytest.fixture(scope="session")
def database_url(postgres_url: str, template: str) -> str:
    """A migrated database for tests that roll back."""
    return create_database(postgres_url, template)


@pytest.fixture
def empty_database_url(postgres_url: str) -> str:
    """A database without tables."""
    return create_database(postgres_url)


@pytest.fixture
def committed_url(postgres_url: str, template: str) -> str:
    """A migrated database of the test's own."""
    return create_database(postgres_url, template)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session whose every change is rolled back after the test."""
    engine = create_engine_from(database_url)
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as made:
            yield made
        outer.rollback()
    engine.dispose()


@pytest.fixture
def committed(committed_url: str) -> Iterator[Sessions]:
    """Sessions that really commit, on a database of the test's own."""
    engine = create_engine_from(committed_url)
    yield create_sessions(engine)
    engine.dispose()


@pytest.fixture
def api(committed: Sessions) -> Api:
    """The application over a database of its own, with an engine that is away."""
    populate(committed)
    settings = Settings(base_model=factories.BASE, engine_url=NOBODY_LISTENS)
    return Api(create_app(settings, committed, EngineClient(NOBODY_LISTENS, None)), committed)


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    """An engine without a model that serves the tests' base model."""
    with FakeEngine(base=factories.BASE) as fake:
        yield fake


@pytest.fixture
def served(committed: Sessions, engine: FakeEngine) -> Api:
    """The application over a database of its own, with an engine that answers."""
    populate(committed)
    settings = Settings(base_model=factories.BASE, engine_url=engine.url)
    return Api(create_app(settings, committed, EngineClient(engine.url, None)), committed)


@pytest.fixture(scope="session")
def model_cache() -> Path:
    """Where the real base model is kept between test sessions."""
    default = Path(__file__).parent.parent / "data" / "models"
    return Path(os.environ.get("REDRAFT_MODEL_CACHE", default))
