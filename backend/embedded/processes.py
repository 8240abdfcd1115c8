"""Starting processes that do not outlive us, as root too."""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
UNSHARE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
LOG_BYTES = 10_000_000


class EmbeddedError(Exception):
    """An embedded part cannot run here; the message says why and what to do."""


@dataclass(frozen=True)
class Identity:
    """How to run a program that refuses to be root: behind a user namespace, or as another user and group."""

    prefix: list[str] = field(default_factory=list)
    user: int | None = None
    group: int | None = None
    groups: list[int] | None = None


def unprivileged() -> Identity:
    """Ourselves, unless we are root: then a user namespace (nothing is chowned), else the user ``nobody``.

    Raises:
        EmbeddedError: we are root and there is neither.
    """
    if os.geteuid() != 0:
        return Identity()
    unshare = shutil.which(UNSHARE[0])
    if unshare and subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode == 0:  # noqa: S603
        return Identity(prefix=UNSHARE)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, and this machine has neither user namespaces nor a user `nobody`. "
            "Run as another user, or set REDRAFT_DATABASE_URL."
        ) from error
    return Identity(user=nobody.pw_uid, group=nobody.pw_gid, groups=[])


def dying_with_parent(signal_number: int) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends this signal when the *thread* that starts the child ends (Linux).

    So start children only from a thread that lives as long as they do.
    """
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:  # it ended before the arrangement stood
            os._exit(1)

    return arrange if sys.platform == "linux" else lambda: None


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    on_parent_death: int = signal.SIGKILL,
    identity: Identity | None = None,
    stdin: str | None = None,
    keep_open: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own (Ctrl-C does not reach it), its output appended to ``log``.

    ``keep_open`` are file descriptors that the child inherits.
    """
    identity = identity or Identity()
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_name(log.name + ".old"))
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603
            [*identity.prefix, *command],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            start_new_session=True,
            preexec_fn=dying_with_parent(on_parent_death),  # noqa: PLW1509 - system calls only
            user=identity.user,
            group=identity.group,
            extra_groups=identity.groups,
            pass_fds=keep_open,
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
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write a file that only we can read; it appears complete or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on the address now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
