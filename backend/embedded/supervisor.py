"""Starts the parts of an installation in order, restarts what dies, and ends all in the opposite order."""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from pydantic import SecretStr

from backend.embedded.folder import described, locked
from backend.embedded.parts import Part, parts_of
from backend.embedded.postgres import EmbeddedPostgres
from backend.embedded.processes import EmbeddedError, end, free_port, is_free, kept_secret, spawn
from backend.embedded.redis import EmbeddedRedis
from backend.settings import Settings

READY_SECONDS = 180.0
STOP_SECONDS = 25.0
RESTART_PAUSES = (1.0, 2.0, 5.0, 15.0)
HEALTHY_SECONDS = 300.0  # a part that ran this long starts again at once, whatever it did before
LOG_LINES = 4

Say = Callable[[str], None]


@dataclass
class Installation:
    """An installation that is running under this supervisor."""

    settings: Settings
    say: Say
    url: str = ""
    parts: list[Part] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _spawning: threading.Lock = field(default_factory=threading.Lock)

    def start_stores(self) -> Settings:
        """Lock the data folder and start the embedded stores; returns the settings with their URLs.

        Raises:
            EmbeddedError: the folder or the port is in use, or a store does not come up.
        """
        data = self.settings.data_dir.resolve()
        data.mkdir(parents=True, exist_ok=True)
        self._stack.enter_context(locked(data))
        if not is_free(self.settings.host, self.settings.port):
            raise EmbeddedError(
                f"Port {self.settings.port} of {self.settings.host} is in use; set REDRAFT_PORT to another one."
            )
        found: dict[str, object] = {"port": self.settings.port or free_port()}
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
        """Start engine, web server and workers, and wait until all answer.

        Raises:
            EmbeddedError: one does not come up; the message holds the end of its log.
        """
        self.settings.checkpoints_dir.mkdir(parents=True, exist_ok=True)
        self.keep_running(parts_of(self.settings, local_engine=model_folder if self._local_engine else None))
        self.url = f"http://{self.settings.host}:{self.settings.port}"
        self._wait_until_healthy()

    def keep_running(self, parts: list[Part]) -> None:
        """Start these processes, and start again what dies, until ``stop``."""
        self.parts = parts
        self.say(f"Starting {', '.join(part.name for part in parts)} ...")
        self._stack.callback(self._end_parts)
        threading.Thread(target=self._look_after, name="supervisor", daemon=True).start()

    def stop(self) -> None:
        """End everything, workers first, stores last."""
        self._stopping.set()
        self._stack.close()

    def _look_after(self) -> None:
        """Start the parts and start again what dies.

        One thread does both and lives until all have ended: the kernel ends a part with the thread that started it.
        """
        for part in self.parts:
            self._spawn(part)
        while not self._stopping.wait(0.5):
            for part in self.parts:
                self._revive(part)
        self._ended.wait()

    def _revive(self, part: Part) -> None:
        if part.child is None or part.child.poll() is None:
            return
        if part.restart_at is None:
            if time.monotonic() - part.started_at > HEALTHY_SECONDS:
                part.restarts = 0
            pause = RESTART_PAUSES[min(part.restarts, len(RESTART_PAUSES) - 1)]
            part.restart_at = time.monotonic() + pause
            self.say(f"{part.name} {_ending(part.child.returncode)}; starting it again in {pause:.0f} s.")
            self.say(self._last_words(part))
        elif time.monotonic() >= part.restart_at:
            part.restarts += 1
            part.restart_at = None
            self._spawn(part)

    def _spawn(self, part: Part) -> None:
        with self._spawning:
            if not self._stopping.is_set():
                part.started_at = time.monotonic()
                part.child = spawn(part.command, log=self._log(part), env=part.env, on_parent_death=signal.SIGKILL)

    def _log(self, part: Part) -> Path:
        return self.settings.data_dir.resolve() / "logs" / f"{part.name}.log"

    def _last_words(self, part: Part) -> str:
        log = self._log(part)
        written = log.read_text(errors="replace").splitlines() if log.exists() else []
        lines = [line for line in written if line.strip()][-LOG_LINES:]
        return "\n".join(f"  {part.name} | {line}" for line in [*lines, f"(all of it: {log})"])

    def _end_parts(self) -> None:
        with self._spawning:
            self._stopping.set()
        children = [part.child for part in reversed(self.parts) if part.child is not None]
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in children:
            end(child, signal_number=signal.SIGTERM, seconds=max(0.1, deadline - time.monotonic()))
        self._ended.set()

    def _wait_until_healthy(self) -> None:
        started = time.monotonic()
        missing = {part.name for part in self.parts}
        while True:
            waiting = _missing(self.url)
            for name in sorted(missing - waiting):
                self.say(f"  {name} is ready ({time.monotonic() - started:.0f} s)")
            missing &= waiting
            if not waiting:
                return
            failing = [part for part in self.parts if part.restarts >= len(RESTART_PAUSES)]
            if failing or time.monotonic() - started > READY_SECONDS:
                words = [self._last_words(part) for part in failing or self.parts if failing or part.name in waiting]
                raise EmbeddedError("\n".join([f"Not ready: {', '.join(sorted(waiting))}.", *words]))
            time.sleep(0.3)


def _ending(code: int) -> str:
    return f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"


def _missing(url: str) -> set[str]:
    """The parts that do not answer yet, by what the web server says."""
    try:
        health = httpx2.get(f"{url}/api/health", timeout=5).json()
    except httpx2.HTTPError:
        return {"web", "engine", "worker-io", "worker-train"}
    waiting = {name for name in ("database", "redis", "engine") if not health[name]}
    return waiting | {f"worker-{queue}" for queue in ("io", "train") if queue not in health["workers"]}
