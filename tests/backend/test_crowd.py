"""Several server processes over one database, people and servers killed at any moment: the overlap stays exact."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from backend.database import Sessions, transaction
from backend.domain import users
from backend.embedded.processes import free_port
from backend.models import AuthorKind, Critique, CritiqueRevision, CritiqueState, Project, Role, Rollout
from tests import factories

ROOT = Path(__file__).parents[2]
ANSWERS, OVERLAP, PEOPLE, SERVERS = 40, 2, 5, 2
LEASE_MINUTES = "0.02"
END_SECONDS = 60
KILLS = 8

# A person without any of the product's code: works until nothing is left for it, notes what the server acknowledged,
# and has a clock of its own.
PERSON = """
import http.client, json, random, sys, time
key, ports, skew, log = sys.argv[1], json.loads(sys.argv[2]), float(sys.argv[3]), open(sys.argv[4], "a")
real = time.time
time.time = lambda: real() + skew

def call(method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", random.choice(ports), timeout=10)
    sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json",
            "Date": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time())), **headers}
    connection.request(method, path, json.dumps(body) if body is not None else None, sent)
    answer = connection.getresponse()
    raw = answer.read()
    connection.close()
    return answer.status, json.loads(raw) if raw else {}

while True:
    try:
        status, found = call("POST", "/api/projects/demo/assignments/next")
        if status != 200:
            time.sleep(0.05)
            continue
        critique = found["critique"]
        path, text = f"/api/critiques/{critique['id']}", f"words {random.random()}"
        status, saved = call("PUT", f"{path}/draft", {"draft": {"text": text}, "version": critique["draft_version"]})
        if status != 200:
            continue
        print(json.dumps({"critique": critique["id"], "version": saved["version"], "text": text}), file=log, flush=True)
        time.sleep(random.uniform(0, 0.4))
        body = {"draft": {"text": text}, "version": saved["version"]}
        status, _ = call("POST", f"{path}/submit", body, **{"Idempotency-Key": f"key {critique['id']} {text}"})
        if status == 200:
            print(json.dumps({"critique": critique["id"], "submitted": text}), file=log, flush=True)
    except (OSError, http.client.HTTPException, ValueError):
        time.sleep(0.05)
"""


@dataclass
class Crowd:
    """Server processes and people, each of which can be killed and started again."""

    database_url: str
    keys: list[str]
    folder: Path
    ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(SERVERS)])
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        kind, number = name.split()
        env = {
            **os.environ, "REDRAFT_DATABASE_URL": self.database_url, "REDRAFT_ENGINE_URL": "http://127.0.0.1:9",
            "REDRAFT_LEASE_MINUTES": LEASE_MINUTES,
        }  # fmt: skip
        server = ["-m", "uvicorn", "backend.app:create_app", "--factory", "--log-level", "critical", "--port"]
        skew = str(random.uniform(-86_400, 86_400))
        command = {
            "server": [*server, str(self.ports[int(number) % SERVERS])],
            "person": [
                "-c", PERSON, self.keys[int(number) % PEOPLE], json.dumps(self.ports), skew,
                str(self.folder / f"{number}.log"),
            ],
        }[kind]  # fmt: skip
        self.children[name] = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env)

    def kill(self, name: str) -> None:
        self.children[name].send_signal(signal.SIGKILL)
        self.children[name].wait(10)

    def logged(self) -> list[dict[str, object]]:
        """What the server acknowledged; a last line that was cut off by a kill is not one."""
        lines = [line for log in self.folder.glob("*.log") for line in log.read_text().splitlines(keepends=True)]
        return [json.loads(line) for line in lines if line.endswith("\n")]


@contextmanager
def crowd(database_url: str, keys: list[str], folder: Path) -> Iterator[Crowd]:
    made = Crowd(database_url, keys, folder)
    try:
        for name in [*(f"server {n}" for n in range(SERVERS)), *(f"person {n}" for n in range(PEOPLE))]:
            made.start(name)
        yield made
    finally:
        for name in made.children:
            made.kill(name)


def submitted(sessions: Sessions) -> dict[int, int]:
    counted = func.count(Critique.id).filter(
        Critique.state == CritiqueState.submitted, Critique.author_kind == AuthorKind.annotator
    )
    with transaction(sessions) as session:
        query = select(Rollout.id, counted).outerjoin(Critique, Critique.rollout_id == Rollout.id).group_by(Rollout.id)
        return dict(session.execute(query).all())


def make_project(sessions: Sessions) -> list[str]:
    keys = []
    with transaction(sessions) as session:
        project = factories.project(session, factories.user(session), overlap=OVERLAP)
        for number in range(PEOPLE):
            person = factories.member(session, project, f"p{number}@example.org")
            _, secret = users.create_key(
                session, user_id=person.id, project_id=project.id, name="crowd", role=Role.annotator,
                own=Role.annotator,
            )  # fmt: skip
            keys.append(secret)
        for number in range(ANSWERS):
            factories.attempt(session, project, f"What is thing number {number}?")
    return keys


def test_killed_servers_and_people_leave_exactly_the_overlap_and_every_text(
    committed: Sessions, committed_url: str, tmp_path: Path
) -> None:
    keys = make_project(committed)
    chance = random.Random(11)
    with crowd(committed_url, keys, tmp_path) as running:
        deadline = time.monotonic() + END_SECONDS
        while not submitted_some(committed) and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(KILLS):
            victim = chance.choice([name for name in running.children if not name.endswith("server 0")])
            running.kill(victim)
            running.start(victim)
            time.sleep(0.15)
        running.kill("server 0")
        running.start("server 0")
        assert set(submitted(committed).values()) != {OVERLAP}, "the kills came too late"
        while set(submitted(committed).values()) != {OVERLAP} and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.5)  # nobody may add one more
        logged = running.logged()
    assert set(submitted(committed).values()) == {OVERLAP}
    with transaction(committed) as session:
        assert session.scalars(select(Rollout.wanted).distinct()).all() == [False]
        assert session.scalars(select(Project.overlap)).one() == OVERLAP
        for line in logged:
            critique = session.get_one(Critique, line["critique"])
            if "submitted" in line:
                revision = session.get_one(CritiqueRevision, critique.current_revision_id)
                assert (critique.state, revision.text) == (CritiqueState.submitted, line["submitted"])
            else:
                newer = critique.draft_version > int(str(line["version"]))
                assert newer or critique.draft["text"] == line["text"]


def submitted_some(sessions: Sessions) -> bool:
    return sum(submitted(sessions).values()) > 0
