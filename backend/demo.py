"""The main job from beginning to end, through the REST API as any client would: collect, train, evaluate, promote.

Every step looks at what is there already, so that a second demo is quick and an interrupted one goes on.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import guidelines, projects, users
from backend.models import ApiKey, Membership, Project, Role, User
from backend.security import hash_password, new_password

PROMPTS = Path(__file__).parent.parent / "examples" / "prompts.jsonl"
PROJECT = "demo"
ADMIN = "admin@demo.local"
ANNOTATOR = "annotator@demo.local"
VERIFIER = "concise"
DRIVER = "demo driver"
POLL_SECONDS = 1.0
EXAMPLES = 4
GUIDELINES = "Answers should be one short, true sentence. Say what is wrong and how to better it."

# The JSON of this project's own API; the shapes are in backend.api.
Json = dict[str, Any]


class DemoError(Exception):
    """A step of the demo failed; the message says which and why."""


@dataclass(frozen=True)
class Credentials:
    """What a person needs to log in; ``password`` is None when they have chosen their own."""

    email: str
    password: str | None


def prepare(session: Session) -> tuple[list[Credentials], str]:
    """The demo's project, its two people with one-time passwords, and a key for the driver."""
    admin, admin_login = _person(session, ADMIN, "Demo admin", creator=True)
    annotator, annotator_login = _person(session, ANNOTATOR, "Demo annotator", creator=False)
    project = session.scalar(select(Project).where(Project.slug == PROJECT))
    if project is None:
        project = projects.create(session, user=admin, slug=PROJECT, name="Demo: one short sentence")
        guidelines.save(session, project=project, text=GUIDELINES, user_id=admin.id)
        session.add(Membership(project_id=project.id, user_id=annotator.id, role=Role.annotator))
    former = select(ApiKey.id).where(
        ApiKey.project_id == project.id, ApiKey.name == DRIVER, ApiKey.revoked_at.is_(None)
    )
    for key_id in session.scalars(former).all():
        users.revoke_key(session, user_id=admin.id, project_id=project.id, key_id=key_id, own=Role.owner)
    _, secret = users.create_key(
        session, user_id=admin.id, project_id=project.id, name=DRIVER, role=Role.admin, own=Role.owner
    )
    return [admin_login, annotator_login], secret


def _person(session: Session, email: str, name: str, *, creator: bool) -> tuple[User, Credentials]:
    password = new_password()
    person = session.scalar(select(User).where(User.email == email))
    if person is None:
        person = users.create(
            session, email=email, name=name, password=password, one_time=True, may_create_projects=creator
        )
    elif person.must_change_password:
        person.password_hash = hash_password(password)
    else:
        return person, Credentials(email, None)
    return person, Credentials(email, password)


class Demo:
    """The steps, over HTTP with the driver's key."""

    def __init__(self, url: str, key: str, console: Console) -> None:
        self._http = httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60)
        self._console = console

    def run(self) -> None:
        """Do what is not done yet, then print the table."""
        self._collect()
        run = self._train("demo", {})
        control = self._train("demo, no critique", {"control": "no_critique", "redrafts": "start"})
        trained = int(run["best_checkpoint"]["id"])
        before, after = self._evaluate(self._base(), "base model"), self._evaluate(trained, "trained checkpoint")
        plain = self._evaluate(int(control["best_checkpoint"]["id"]), "no-critique control")
        self._promote(trained)
        self._report(before, after, plain)
        self._explain(run, control)

    def _get(self, path: str) -> Any:  # noqa: ANN401 - JSON of our own API
        return self._checked(self._http.get(path))

    def _send(self, method: str, path: str, body: Json) -> Any:  # noqa: ANN401 - JSON of our own API
        return self._checked(self._http.request(method, path, json=body))

    def _checked(self, response: httpx2.Response) -> Any:  # noqa: ANN401 - JSON of our own API
        if response.is_error:
            raise DemoError(f"{response.request.method} {response.request.url.path}: {response.json()['message']}")
        return response.json()

    def _base(self) -> int:
        found = self._get(f"/api/projects/{PROJECT}/checkpoints")["items"]
        return next(int(checkpoint["id"]) for checkpoint in found if checkpoint["kind"] == "base")

    def _collect(self) -> None:
        found = self._checked(
            self._http.post(
                f"/api/projects/{PROJECT}/prompts/import",
                content=PROMPTS.read_bytes(),
                headers={"Content-Type": "application/x-ndjson"},
            )
        )
        self._console.print(f"Prompts: {found['imported']} imported, {found['duplicates']} there already")
        sample = {"split": "train", "checkpoint_id": self._base(), "temperature": 0.7, "max_tokens": 96}
        job = self._send("POST", f"/api/projects/{PROJECT}/rollouts/sample", sample)
        self._wait("First attempts by the base model", f"/api/jobs/{job['id']}")
        verify = {"verifier": VERIFIER, "split": "train", "redraft": True}
        job = self._send("POST", f"/api/projects/{PROJECT}/verifications", verify)
        self._wait("Critiques by the verifier, and redrafts", f"/api/jobs/{job['id']}")

    def _train(self, name: str, feedback: Json) -> Json:
        runs = self._get(f"/api/runs?project={PROJECT}")["items"]
        run = next((r for r in runs if r["name"] == name and r["state"] in ("queued", "running", "succeeded")), None)
        if run is None:
            recipe = next(p for p in self._get("/api/recipes/presets") if p["name"] == "rltf-sd")["recipe"]
            recipe = {**recipe, "feedback": {**recipe["feedback"], **feedback}}
            body = {"project": PROJECT, "name": name, "recipe": recipe, "base": {"checkpoint_id": self._base()}}
            run = self._send("POST", "/api/runs", body)
        run = self._wait(f"Training run '{name}'", f"/api/runs/{run['id']}")
        if run["best_checkpoint"] is None:
            raise DemoError(f"Run '{name}' ended without a checkpoint: {run['stop_reason'] or run['error']}")
        checkpoint = run["best_checkpoint"]["id"]
        self._wait_until(
            "Publishing to the engine",
            f"/api/projects/{PROJECT}/checkpoints/{checkpoint}",
            lambda found: found["state"] != "written",
        )
        return run

    def _evaluate(self, checkpoint: int, what: str) -> Json:
        known = self._get(f"/api/projects/{PROJECT}/evaluations")
        found = next(
            (
                e
                for e in known
                if e["checkpoint"]["id"] == checkpoint and e["state"] in ("queued", "running", "succeeded")
            ),
            None,
        )
        if found is None:
            found = self._send("POST", f"/api/projects/{PROJECT}/evaluations", {"checkpoint_id": checkpoint})
        return self._wait(f"Evaluation of the {what}", f"/api/evaluations/{found['id']}")

    def _promote(self, checkpoint: int) -> None:
        served = {a["name"]: a["checkpoint"]["id"] for a in self._get(f"/api/projects/{PROJECT}/aliases")}
        if served.get("production") == checkpoint:
            return
        path = f"/api/projects/{PROJECT}/aliases/production"
        self._send("PUT", path, {"checkpoint_id": checkpoint, "reason": ""})
        self._console.print("Promoted: the alias 'production' serves the trained checkpoint")

    def _wait(self, what: str, path: str) -> Json:
        ended = ("succeeded", "failed", "cancelled")
        work = self._wait_until(what, path, lambda found: found["state"] in ended)
        if work["state"] != "succeeded":
            raise DemoError(f"{what}: {work['state']}. {work['error'] or ''}")
        return work

    def _wait_until(self, what: str, path: str, over: Callable[[Json], bool]) -> Json:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=self._console) as bar:
            task = bar.add_task(f"{what:<42}", total=None)
            while True:
                found: Json = self._get(path)
                bar.update(task, completed=found.get("done", 0), total=found.get("total") or None)
                if over(found):
                    return found
                time.sleep(POLL_SECONDS)

    def _report(self, before: Json, after: Json, plain: Json) -> None:
        compared = self._get(f"/api/evaluations/{before['id']}/compare/{after['id']}")
        control = self._get(f"/api/evaluations/{before['id']}/compare/{plain['id']}")
        table = Table(title="Held-out prompts, mean with 95 % interval", title_justify="left")
        for column in ("checkpoint", *(s["name"] for s in before["scores"]), "words", "n"):
            table.add_column(column, justify="left" if column == "checkpoint" else "right")
        for name, evaluation, rows, side in (
            ("base model", before, compared["rows"], "a"),
            ("trained on critiques", after, compared["rows"], "b"),
            ("control: second try, no critique", plain, control["rows"], "b"),
        ):
            words = sum(len(row[side]["text"].split()) for row in rows) / len(rows)
            scores = [f"{s['mean']:.2f} [{s['low']:.2f}, {s['high']:.2f}]" for s in evaluation["scores"]]
            table.add_row(name, *scores, f"{words:.0f}", str(len(rows)))
        self._console.print(table)
        for row in compared["rows"][:EXAMPLES]:
            self._console.print(f"\n[bold]{_plain(row['prompt_text'])}[/bold]")
            self._console.print(f"  before: {_plain(row['a']['text'])}")
            self._console.print(f"  after:  {_plain(row['b']['text'])}")

    def _explain(self, run: Json, control: Json) -> None:
        """What the critiques did, and why the control is not flat."""
        with_critique, without = (right_share(r["usage"]) for r in (run, control))
        self._console.print(
            f"\nOf the redrafts learned from, {with_critique:.0%} were right with the critique in view and "
            f"{without:.0%} of the plain second tries.\nThe control can gain too: the rating in the loss picks those "
            "that are right by chance.\nMethods without a rating ('trd', 'sdpo') have only the words to learn from."
        )


def right_share(usage: Json) -> float:
    """The share of redrafts with the highest reward, of all that a run learned from; 0 without any.

    >>> right_share({"recorded_redrafts": 3, "sampled_redrafts": 1, "right_redrafts": 1})
    0.25
    """
    redrafts = usage.get("recorded_redrafts", 0) + usage.get("sampled_redrafts", 0)
    return usage.get("right_redrafts", 0) / redrafts if redrafts else 0.0


def _plain(text: str) -> str:
    """One line of model text, with nothing that the console would read as markup."""
    line = " ".join(text.split()).replace("[", r"\[")
    return line if len(line) <= 220 else line[:217] + "..."
