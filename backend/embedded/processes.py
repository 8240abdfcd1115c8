"""Starting processes that do not outlive us, as root too."""

import ctypes
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
UNSHARE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


class EmbeddedError(Exception):
    """An embedded part cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class Identity:
    """How to run a program that refuses to be root: behind a user namespace, or as another user."""

    prefix: list[str] = field(default_factory=list)
    user: int | None = None


def unprivileged() -> Identity:
    """Ourselves, unless we are root: then a user namespace (nothing is chowned), else the user ``nobody``."""
    if os.geteuid() != 0:
        return Identity()
    if subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode == 0:  # noqa: S603
        return Identity(prefix=UNSHARE)
    return Identity(user=pwd.getpwnam("nobody").pw_uid)


def dying_with_parent(signal_number: int) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends this signal when our process ends, however it ends (Linux)."""
    libc = ctypes.CDLL(None)

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal_number)

    return arrange if sys.platform == "linux" else lambda: None


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    on_parent_death: int = signal.SIGKILL,
    identity: Identity | None = None,
    stdin: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own (Ctrl-C does not reach it), its output appended to ``log``."""
    identity = identity or Identity()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603
            [*identity.prefix, *command],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            start_new_session=True,
            preexec_fn=dying_with_parent(on_parent_death),  # noqa: PLW1509 - runs one system call
            user=identity.user,
        )
    if stdin is not None and child.stdin is not None:
        child.stdin.write(stdin.encode())
        child.stdin.close()
    return child


def end(child: subprocess.Popen[bytes], *, signal_number: int, seconds: float) -> None:
    """Ask a process to end, and insist after ``seconds``."""
    if child.poll() is not None:
        return
    child.send_signal(signal_number)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def kept_secret(path: Path) -> str:
    """A random secret that is made once and kept in a file that only we can read."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text()
