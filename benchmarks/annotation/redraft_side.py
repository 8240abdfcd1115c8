"""Redraft's side: server processes over the database, and an annotator who takes, saves and submits."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.embedded.processes import free_port
from benchmarks.annotation.crowd import Line, Stopwatch

ROOT = Path(__file__).parents[2]
NOBODY_LISTENS = "http://127.0.0.1:9"


@contextmanager
def served(database_url: str, workers: int) -> Iterator[str]:
    """The web server as the product starts it, with so many processes, while the block runs."""
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", "backend.app:create_app", "--factory", "--port", str(port), "--workers",
        str(workers), "--log-level", "warning", "--timeout-keep-alive", "75",
    ]  # fmt: skip
    env = {"REDRAFT_DATABASE_URL": database_url, "REDRAFT_ENGINE_URL": NOBODY_LISTENS, "OMP_NUM_THREADS": "1"}
    with serving(command, env, f"http://127.0.0.1:{port}", "/api/projects") as url:
        yield url


@contextmanager
def serving(command: list[str], env: dict[str, str], url: str, path: str, cwd: Path = ROOT) -> Iterator[str]:
    """A server process, from its first answer to the end of the block."""
    child = subprocess.Popen(command, cwd=cwd, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    try:
        wait_for(url, path, child)
        yield url
    finally:
        child.terminate()
        child.wait(30)


def wait_for(url: str, path: str, child: subprocess.Popen[bytes], seconds: float = 120) -> None:
    """Wait until the server answers anything at all. Raises ``RuntimeError`` when it ends or does not come up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            Line(url, "").call("GET", path)
        except OSError as error:
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server at {url} did not start.") from error
            time.sleep(0.2)
        else:
            return


class Annotator:
    """Takes the next answer, saves a draft if they ``save``, and submits."""

    def __init__(self, url: str, key: str, slug: str, *, saves: bool) -> None:
        self._saves = saves
        self._line = Line(url, f"Bearer {key}")
        self._next = f"/api/projects/{slug}/assignments/next"

    def cycle(self, watch: Stopwatch, pause: Callable[[], None]) -> bool:
        """One answer from hand-out to submission; False when nothing is left."""
        status, found = watch.time("next", lambda: self._line.call("POST", self._next))
        if status == 204:
            return False
        critique: dict[str, object] = found["critique"]  # type: ignore[assignment]
        path = f"/api/critiques/{critique['id']}"
        draft = {
            "text": "Too long. One short sentence.",
            "rating": 0.25,
            "tags": ["too long"],
            "edit": None,
            "spans": [],
        }
        pause()
        version = critique["draft_version"]
        if self._saves:
            body = {"draft": draft, "version": version}
            _, saved = watch.time("save", lambda: self._line.call("PUT", f"{path}/draft", body))
            version = saved["version"]
            pause()
        submission = {"draft": draft, "version": version}
        key = f"submit-{critique['id']}"
        status, _ = watch.time(
            "submit", lambda: self._line.call("POST", f"{path}/submit", submission, Idempotency_Key=key)
        )
        if status != 200:
            raise RuntimeError(f"The submission of critique {critique['id']} was refused with {status}.")
        pause()
        return True
