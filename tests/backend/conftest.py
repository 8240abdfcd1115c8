"""The application for tests of the HTTP edge."""

import pytest

from backend.app import create_app
from backend.database import Sessions
from backend.engine import EngineClient
from backend.settings import Settings
from tests import factories
from tests.backend.api import Api, populate


@pytest.fixture
def api(committed: Sessions) -> Api:
    """The application over a database of its own, with an engine that is away."""
    populate(committed)
    settings = Settings(base_model=factories.BASE, engine_url="http://127.0.0.1:9")
    return Api(create_app(settings, committed, EngineClient("http://127.0.0.1:9", None)), committed)
