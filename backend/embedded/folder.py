"""The data folder of an installation: one supervisor at a time, which says where its parts listen."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from backend.embedded.processes import EmbeddedError, write_private
from backend.settings import Settings

LOCK_SECONDS = 0.5  # a command that looks whether somebody runs holds the lock for an instant


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Hold the lock of a data folder, so that two supervisors never share one.

    Raises:
        EmbeddedError: another one holds it.
    """
    with (data / "lock").open("a+") as file:
        if not _lock(file, fcntl.LOCK_EX, seconds=LOCK_SECONDS):
            file.seek(0)
            raise EmbeddedError(
                f"Another `redraft up` (process {file.read().strip() or 'unknown'}) runs on {data}. "
                "Stop it, or set REDRAFT_DATA_DIR to another folder."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _lock(file: IO[str], kind: int, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


@contextmanager
def described(settings: Settings) -> Iterator[None]:
    """Leave the running installation's URLs in a private file, for commands such as ``redraft import``."""
    path = _description(settings)
    write_private(path, json.dumps(environment(settings)))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running(settings: Settings) -> Settings | None:
    """The settings of the installation that runs on this data folder, with the URLs of its parts; None if none runs."""
    try:
        with (settings.data_dir.resolve() / "lock").open() as file:
            if _lock(file, fcntl.LOCK_SH, seconds=0):
                return None
        found = json.loads(_description(settings).read_text())
    except FileNotFoundError:  # none was ever here, or it is starting or stopping
        return None
    return Settings.model_validate({name.removeprefix("REDRAFT_").lower(): value for name, value in found.items()})


def _description(settings: Settings) -> Path:
    return settings.data_dir.resolve() / "running.json"


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for child processes."""
    values = {
        "DATA_DIR": str(settings.data_dir.resolve()),
        "DATABASE_URL": settings.database_url.get_secret_value() if settings.database_url else "",
        "REDIS_URL": settings.redis_url.get_secret_value() if settings.redis_url else "",
        "ENGINE_URL": settings.engine_url or "",
        "ENGINE_KEY": settings.engine_key.get_secret_value() if settings.engine_key else "",
        "JUDGE_URL": settings.judge_url or "",
        "JUDGE_MODEL": settings.judge_model or "",
        "JUDGE_KEY": settings.judge_key.get_secret_value() if settings.judge_key else "",
        "HOST": settings.host,
        "PORT": str(settings.port),
        "PUBLIC_URL": settings.public_url or "",
        "BASE_MODEL": settings.base_model,
        "SESSION_DAYS": str(settings.session_days),
        "LEASE_MINUTES": str(settings.lease_minutes),
        "RUN_STALE_SECONDS": str(settings.run_stale_seconds),
        "EXPORT_DAYS": str(settings.export_days),
    }
    return {f"REDRAFT_{name}": value for name, value in values.items() if value}
