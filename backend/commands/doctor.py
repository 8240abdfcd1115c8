"""``redraft doctor``: what this machine offers, what answers, and what to do about the rest."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx2
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.database import create_engine_from, newest_revision
from backend.embedded import folder
from backend.embedded.processes import EmbeddedError, is_free, unprivileged
from backend.settings import Settings

MIN_DISK_GB = 4
MIN_MEMORY_GB = 4
TIMEOUT_SECONDS = 5
MODEL_LIBRARIES = ("torch", "transformers", "peft", "accelerate", "safetensors", "gguf")
WEB_APP = Path(__file__).parents[2] / "frontend" / "dist" / "index.html"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``cure`` is empty when it is well."""

    name: str
    detail: str
    cure: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, as seen from ``settings``; a part that runs is asked, one that does not is only announced."""
    found = folder.running(settings)
    yield from _machine(settings)
    yield _base_model(settings)
    yield _database(found or settings)
    yield _redis(found or settings)
    yield _engine(found or settings)
    yield _web(found, settings)


def _machine(settings: Settings) -> Iterator[Finding]:
    old = sys.version_info < (3, 11)
    yield Finding("Python", sys.version.split()[0], "Install Python 3.11 or newer." if old else "")
    missing = [name for name in MODEL_LIBRARIES if find_spec(name) is None]
    yield Finding(
        "Packages",
        f"without {', '.join(missing)}" if missing else "all there",
        "`make install`, or pip install 'redraft[worker]'; a backend alone can do without." if missing else "",
    )
    yield Finding(
        "Web app", "built" if WEB_APP.is_file() else "not built", "" if WEB_APP.is_file() else "`make install`"
    )
    data = settings.data_dir.resolve()
    nearest = next(parent for parent in (data, *data.parents) if parent.exists())
    free = shutil.disk_usage(nearest).free / 2**30
    yield Finding("Disk", f"{free:.0f} GB free at {nearest}", f"Free {MIN_DISK_GB} GB." if free < MIN_DISK_GB else "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    few = memory < MIN_MEMORY_GB
    yield Finding("Memory", f"{memory:.0f} GB", f"Training needs {MIN_MEMORY_GB} GB or more." if few else "")


def _base_model(settings: Settings) -> Finding:
    if (settings.models_dir / settings.base_model / "config.json").is_file():
        return Finding("Base model", f"{settings.base_model}, prepared")
    if settings.base_model == Settings.model_fields["base_model"].default:
        return Finding("Base model", f"{settings.base_model}, made at the first start")
    return Finding("Base model", f"{settings.base_model}, missing", "`redraft models add` registers one.")


def _database(settings: Settings) -> Finding:
    if settings.database_url is None:
        return _embedded_database()
    engine = create_engine_from(settings.database_url.get_secret_value())
    try:
        with engine.connect() as connection:
            if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
                return Finding("Database", "answers, empty", "`redraft setup` prepares it.")
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        return Finding("Database", str(error).splitlines()[0], "Start it, or correct REDRAFT_DATABASE_URL.")
    finally:
        engine.dispose()
    if revision != newest_revision():
        return Finding("Database", f"answers, schema {revision}", "`redraft migrate` brings the newest schema.")
    return Finding("Database", "answers, with the newest schema")


def _embedded_database() -> Finding:
    try:
        unprivileged()
    except EmbeddedError as error:
        return Finding("Database", "embedded PostgreSQL cannot run here", str(error))
    return Finding("Database", "embedded PostgreSQL, started by `redraft up`")


def _redis(settings: Settings) -> Finding:
    if settings.redis_url is None:
        return Finding("Redis", "embedded Valkey, started by `redraft up`")
    url = settings.redis_url.get_secret_value()
    try:
        with Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS) as client:
            client.ping()
    except RedisError as error:
        return Finding("Redis", str(error), "Start it, or correct REDRAFT_REDIS_URL.")
    return Finding("Redis", "answers")


def _engine(settings: Settings) -> Finding:
    if settings.engine_url is None:
        return Finding("Engine", "the bundled local engine, started by `redraft up`")
    key = settings.engine_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    try:
        answer = httpx2.get(
            f"{settings.engine_url}/v1/models", headers=headers, timeout=TIMEOUT_SECONDS
        ).raise_for_status()
    except httpx2.HTTPError as error:
        return Finding("Engine", f"{settings.engine_url}: {error}", "Start it, or correct REDRAFT_ENGINE_URL and _KEY.")
    served = [model["id"] for model in answer.json()["data"]]
    if settings.base_model not in served:
        cure = f"Start it with --served-model-name {settings.base_model}, or set REDRAFT_BASE_MODEL."
        return Finding("Engine", f"serves {', '.join(served)}", cure)
    return Finding("Engine", f"answers, serves {settings.base_model}")


def _web(found: Settings | None, settings: Settings) -> Finding:
    if found is not None:
        return Finding("Running", f"yes, at http://{found.host}:{found.port}")
    if not is_free(settings.host, settings.port):
        return Finding("Running", f"no, and port {settings.port} is taken", "Set REDRAFT_PORT to another port.")
    return Finding("Running", "no; `redraft up` starts it")
