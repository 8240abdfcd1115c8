"""Starts the parts of an installation in order, restarts what dies, and ends all in the opposite order."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import httpx2
from pydantic import SecretStr

from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.processes import EmbeddedError, end, free_port, kept_secret, spawn
from backend.embedded.redis import EmbeddedRedis
from backend.settings import Settings

READY_SECONDS = 180.0
STOP_SECONDS = 25.0
RESTART_PAUSES = (1.0, 2.0, 5.0, 15.0)
TRAIN_NICENESS = 10

Say = Callable[[str], None]


@dataclass
class Part:
    """One process of the installation."""

    name: str
    command: list[str]
    env: dict[str, str]
    child: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    restart_at: float = 0.0


@dataclass
class Installation:
    """An installation that is running under this supervisor."""

    settings: Settings
    say: Say
    url: str = ""
    parts: list[Part] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def start_stores(self) -> Settings:
        """Lock the data folder and start the embedded stores; returns the settings with their URLs."""
        data = self.settings.data_dir.resolve()
        data.mkdir(parents=True, exist_ok=True)
        self._stack.enter_context(locked(data))
        found: dict[str, object] = {}
        if self.settings.database_url is None:
            postgres = EmbeddedPostgres(data / "postgres")
            self._stack.callback(postgres.stop)
            found["database_url"] = SecretStr(postgres.start())
        if self.settings.redis_url is None:
            redis = EmbeddedRedis(data / "redis")
            self._stack.callback(redis.stop)
            found["redis_url"] = SecretStr(redis.start())
        if self.settings.engine_url is None:
            found["engine_url"] = f"http://127.0.0.1:{free_port()}"
            found["engine_key"] = SecretStr(kept_secret(data / "engine.key"))
        self._local_engine = self.settings.engine_url is None
        self.settings = self.settings.model_copy(update=found)
        self._stack.enter_context(described(self.settings))
        return self.settings

    def start_parts(self, model_folder: Path) -> None:
        """Start engine, web server and workers, and wait until all answer."""
        self.settings.checkpoints_dir.mkdir(parents=True, exist_ok=True)
        engine_threads, train_threads = divided(self.settings.cpu_threads or os.cpu_count() or 2)
        shared = environment(self.settings)
        if self._local_engine:
            self._add("engine", _engine_command(self.settings, model_folder, engine_threads), shared, engine_threads)
        web = [
            sys.executable, "-m", "uvicorn", "backend.app:create_app", "--factory", "--host", self.settings.host,
            "--port", str(self.settings.port), "--log-level", "warning", "--timeout-graceful-shutdown", "5",
        ]  # fmt: skip
        self._add("web", web, shared, 1)
        self._add("worker-io", _worker_command("io", threads=4), {**shared, "REDRAFT_WORKER_QUEUE": "io"}, 1)
        train = ["nice", "-n", str(TRAIN_NICENESS), *_worker_command("train", threads=1)]
        self._add("worker-train", train, {**shared, "REDRAFT_WORKER_QUEUE": "train"}, train_threads)
        self._stack.callback(self._end_parts)
        for part in self.parts:
            self._spawn(part)
        threading.Thread(target=self._watch, name="supervisor", daemon=True).start()
        self.url = f"http://{self.settings.host}:{self.settings.port}"
        self._wait_until_healthy()

    def stop(self) -> None:
        """End everything, workers first, stores last."""
        self._stopping.set()
        self._stack.close()

    def _add(self, name: str, command: list[str], env: dict[str, str], threads: int) -> None:
        self.parts.append(Part(name, command, {**env, **thread_limits(threads)}))

    def _spawn(self, part: Part) -> None:
        log = self.settings.data_dir.resolve() / "logs" / f"{part.name}.log"
        part.child = spawn(part.command, log=log, env=part.env, on_parent_death=signal.SIGKILL)

    def _watch(self) -> None:
        while not self._stopping.wait(0.5):
            for part in self.parts:
                if part.child is None or part.child.poll() is None:
                    continue
                if part.restart_at == 0.0:
                    pause = RESTART_PAUSES[min(part.restarts, len(RESTART_PAUSES) - 1)]
                    part.restart_at = time.monotonic() + pause
                    code = part.child.returncode
                    self.say(f"{part.name} ended with code {code}; starting it again (logs/{part.name}.log says why)")
                elif time.monotonic() >= part.restart_at:
                    part.restarts += 1
                    part.restart_at = 0.0
                    self._spawn(part)

    def _end_parts(self) -> None:
        self._stopping.set()
        for part in reversed(self.parts):
            if part.child is not None and part.child.poll() is None:
                part.child.send_signal(signal.SIGTERM)
        for part in reversed(self.parts):
            if part.child is not None:
                end(part.child, signal_number=signal.SIGTERM, seconds=STOP_SECONDS)

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            health = _health(self.url)
            if health.get("status") == "ok":
                return
            if time.monotonic() > deadline or any(part.restarts >= len(RESTART_PAUSES) for part in self.parts):
                raise EmbeddedError(f"Not everything came up: {json.dumps(health)}. See {self.settings.data_dir}/logs.")
            time.sleep(0.3)


class locked:  # noqa: N801 - a context manager, used like a function
    """Holds the lock of a data folder, so that two supervisors never share one."""

    def __init__(self, data: Path) -> None:
        self._path = data / "lock"
        self._file: IO[str] | None = None

    def __enter__(self) -> None:
        """Take the lock or say who has it."""
        self._file = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise EmbeddedError(
                f"Another `redraft up` runs on {self._path.parent}. Stop it, or set REDRAFT_DATA_DIR to another folder."
            ) from error

    def __exit__(self, *_: object) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()


class described:  # noqa: N801 - a context manager, used like a function
    """Leaves the running installation's URLs in a private file, for commands such as ``redraft import``."""

    def __init__(self, settings: Settings) -> None:
        self._path = description_file(settings)
        self._env = environment(settings)

    def __enter__(self) -> None:
        """Write the file."""
        self._path.unlink(missing_ok=True)
        with os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(self._env, file)

    def __exit__(self, *_: object) -> None:
        """Remove it."""
        self._path.unlink(missing_ok=True)


def description_file(settings: Settings) -> Path:
    """Where a running installation describes itself."""
    return settings.data_dir.resolve() / "running.json"


def environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, for child processes."""
    values = {
        "DATA_DIR": str(settings.data_dir.resolve()),
        "DATABASE_URL": settings.database_url.get_secret_value() if settings.database_url else "",
        "REDIS_URL": settings.redis_url.get_secret_value() if settings.redis_url else "",
        "ENGINE_URL": settings.engine_url or "",
        "ENGINE_KEY": settings.engine_key.get_secret_value() if settings.engine_key else "",
        "HOST": settings.host,
        "PORT": str(settings.port),
        "PUBLIC_URL": settings.public_url or "",
        "BASE_MODEL": settings.base_model,
        "SESSION_DAYS": str(settings.session_days),
        "LEASE_MINUTES": str(settings.lease_minutes),
        "RUN_STALE_SECONDS": str(settings.run_stale_seconds),
    }
    return {f"REDRAFT_{name}": value for name, value in values.items() if value}


def divided(cores: int) -> tuple[int, int]:
    """Threads of the engine and of training: together no more than the cores, each at least one.

    >>> divided(2), divided(8)
    ((1, 1), (3, 5))
    """
    engine = max(1, (cores - 1) // 2)
    return engine, max(1, cores - engine)


def thread_limits(threads: int) -> dict[str, str]:
    """Environment that keeps numeric libraries to their share, waiting instead of spinning."""
    return {
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
    }


def _engine_command(settings: Settings, model_folder: Path, threads: int) -> list[str]:
    port = (settings.engine_url or "").rsplit(":", 1)[-1]
    return [
        sys.executable, "-m", "worker.engine.server", "--model", str(model_folder), "--served-model-name",
        settings.base_model, "--host", "127.0.0.1", "--port", port, "--threads", str(threads),
        "--adapter-root", str(settings.checkpoints_dir),
    ]  # fmt: skip


def _worker_command(queue: str, *, threads: int) -> list[str]:
    return [
        sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-Q", queue, "-P", "threads", "-c", str(threads),
        "-n", f"{queue}@%h", "--loglevel", "WARNING", "--without-mingle", "--without-gossip",
    ]  # fmt: skip


def _health(url: str) -> dict[str, object]:
    try:
        found: dict[str, object] = httpx2.get(f"{url}/api/health", timeout=5).json()
    except httpx2.HTTPError as error:
        return {"web": str(error)}
    return found
