"""Whether the parts of the installation answer."""

from typing import Literal

from fastapi import APIRouter, Response
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.api.deps import EngineDep, SessionsDep, SettingsDep
from backend.api.shapes import Shape
from backend.database import transaction
from backend.domain import workers

public = APIRouter(prefix="/api", tags=["health"])


class HealthShape(Shape):
    """``ok`` when database and broker answer and both kinds of worker are alive; the engine may be away."""

    status: Literal["ok", "degraded", "down"]
    database: bool
    redis: bool
    engine: bool
    workers: dict[str, int]


@public.get("/health")
def get_health(response: Response, sessions: SessionsDep, engine: EngineDep, settings: SettingsDep) -> HealthShape:
    """Health of every part; 503 when the database is down."""
    try:
        with transaction(sessions) as session:
            session.execute(text("SELECT 1"))
            alive = workers.alive(session)
        database = True
    except SQLAlchemyError:
        database, alive = False, {}
    redis = _redis_answers(settings.redis_url.get_secret_value()) if settings.redis_url else False
    served = engine.healthy()
    complete = database and redis and served and {"train", "io"} <= set(alive)
    if not database:
        response.status_code = 503
    status: Literal["ok", "degraded", "down"] = "ok" if complete else "degraded" if database else "down"
    return HealthShape(status=status, database=database, redis=redis, engine=served, workers=alive)


def _redis_answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    except RedisError:
        return False
