"""Label Studio's side: its own database and server processes, and an annotator who takes a task and submits."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from backend.embedded.processes import free_port
from benchmarks.annotation.crowd import Line, Stopwatch
from benchmarks.annotation.redraft_side import serving

THREADS = 10


@dataclass(frozen=True)
class Made:
    """What the annotators need."""

    project: int
    tokens: list[str]


def environment(database_url: str, data: Path) -> dict[str, str]:
    """Its settings: this database, nothing sent home, logs of warnings only."""
    url = urlsplit(database_url)
    return {
        "DJANGO_DB": "default", "POSTGRE_USER": url.username or "", "POSTGRE_PASSWORD": url.password or "",
        "POSTGRE_HOST": url.hostname or "", "POSTGRE_PORT": str(url.port), "POSTGRE_NAME": url.path.lstrip("/"),
        "LABEL_STUDIO_BASE_DATA_DIR": str(data), "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": "",
        "COLLECT_ANALYTICS": "false", "LATEST_VERSION_CHECK": "false", "LOG_LEVEL": "ERROR", "DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "core.settings.label_studio",
    }  # fmt: skip


def fill(python: Path, env: dict[str, str], *, tasks: int, overlap: int, people: int) -> Made:
    """A migrated database with a project, its tasks and its people."""
    script = Path(__file__).with_name("label_studio_setup.py")
    done = subprocess.run(
        [str(python), str(script), str(tasks), str(overlap), str(people)], env={**os.environ, **env}, check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return Made(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def served(python: Path, env: dict[str, str], workers: int) -> Iterator[str]:
    """So many server processes with ten threads each, while the block runs."""
    port = free_port()
    home = next(python.parents[1].glob("lib/python*/site-packages/label_studio"))
    command = [
        str(python), "-m", "gunicorn", "core.wsgi:application", "--bind", f"127.0.0.1:{port}", "--workers",
        str(workers), "--threads", str(THREADS), "--timeout", "300", "--log-level", "error", "--keep-alive", "75",
    ]  # fmt: skip
    with serving(command, env, f"http://127.0.0.1:{port}", "/health", cwd=home) as url:
        yield url


class Annotator:
    """Takes the next task and submits an annotation of it; nothing is saved in between."""

    def __init__(self, url: str, token: str, project: int) -> None:
        self._line = Line(url, f"Token {token}")
        self._next = f"/api/projects/{project}/next/"

    def cycle(self, watch: Stopwatch, pause: Callable[[], None]) -> bool:
        """One task from hand-out to submission; False when nothing is left."""
        status, task = watch.time("next", lambda: self._line.call("GET", self._next))
        if status == 404:
            return False
        if status != 200:
            raise RuntimeError(f"Label Studio refused the next task with {status}.")
        pause()
        result = [
            {"from_name": "critique", "to_name": "answer", "type": "textarea", "value": {"text": ["Too long."]}},
            {"from_name": "rating", "to_name": "answer", "type": "rating", "value": {"rating": 2}},
        ]
        path = f"/api/tasks/{task['id']}/annotations/"
        status, _ = watch.time("submit", lambda: self._line.call("POST", path, {"result": result, "lead_time": 1.0}))
        if status != 201:
            raise RuntimeError(f"Label Studio refused an annotation with {status}.")
        pause()
        return True


def violations(database_url: str, overlap: int) -> int:
    """Tasks with more annotations than wanted."""
    counted = "SELECT count(*) FROM (SELECT 1 FROM task_completion GROUP BY task_id HAVING count(*) > %s) x"
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        row = connection.execute(counted, (overlap,)).fetchone()
    return int(row[0]) if row else 0
