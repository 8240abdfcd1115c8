"""A worker process's connections, made once from the settings."""

from functools import lru_cache

from backend.database import Sessions, create_engine_from, create_sessions
from backend.engine import EngineClient
from backend.settings import Settings, get_settings


def settings() -> Settings:
    """The process's settings."""
    return get_settings()


@lru_cache(maxsize=1)
def sessions() -> Sessions:
    """The session factory."""
    url = settings().database_url
    if url is None:
        raise RuntimeError("REDRAFT_DATABASE_URL is not set; `redraft up` sets it for the processes it starts.")
    return create_sessions(create_engine_from(url.get_secret_value()))


@lru_cache(maxsize=1)
def engine() -> EngineClient:
    """The client of the inference engine."""
    url = settings().engine_url
    if url is None:
        raise RuntimeError("REDRAFT_ENGINE_URL is not set; `redraft up` sets it for the processes it starts.")
    return EngineClient(url, settings().engine_key)
