"""A worker process's connections, made once from the settings."""

from functools import lru_cache

from backend.database import Sessions, create_engine_from, create_sessions
from backend.engine import EngineClient
from backend.settings import Settings, get_settings
from worker.judging.judging import Endpoint


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


@lru_cache(maxsize=1)
def judge_endpoint() -> Endpoint | None:
    """The operator's judge, if the settings name one."""
    url, model = settings().judge_url, settings().judge_model
    if url is None or model is None:
        return None
    return Endpoint(EngineClient(url, settings().judge_key, called="judge", plain=True), model)
