"""Fills a database with a project of many answers, most of them critiqued already, by COPY; and gives out keys."""

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psycopg import Connection, Cursor
from psycopg import connect as psycopg_connect
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.database import Sessions, create_engine_from, create_sessions, migrate, transaction
from backend.domain import projects, users
from backend.models import Checkpoint, CheckpointState, Membership, Project, Role, User

BASE = "base"
SLUG = "bench"
TOKENS = 96
PASSWORD = "a long enough password"  # noqa: S105  the database lives for one benchmark
WORDS = ("rain", "forms", "when", "water", "vapour", "rises", "cools", "and", "gathers", "into", "heavy", "drops")


@dataclass(frozen=True)
class Size:
    """How much is there before the annotators come: ``done`` is the part of the answers that nobody waits for."""

    answers: int
    done: float
    overlap: int
    annotators: int


@dataclass(frozen=True)
class Filled:
    """What the annotators need: the project's slug and a key each."""

    slug: str
    keys: list[str]


def fill(url: str, size: Size) -> Filled:
    """A migrated database with prompts, answers, and submitted critiques for the first ``done`` of them."""
    migrate(url)
    engine = create_engine_from(url)
    with transaction(create_sessions(engine)) as session:
        project, base, people = _people(session, size)
        keys = [_key(session, project, person) for person in people]
        ids = (project.id, base.id, [person.id for person in people])
    with psycopg_connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        _copy_all(connection, size, *ids)
        connection.execute("VACUUM ANALYZE")
    engine.dispose()
    return Filled(slug=SLUG, keys=keys)


def _people(session: Session, size: Size) -> tuple[Project, Checkpoint, list[User]]:
    owner = users.create(
        session, email="owner@example.org", name="Owner", password=PASSWORD, one_time=False, may_create_projects=True
    )
    project = projects.create(session, user=owner, slug=SLUG, name="Bench")
    project.overlap = size.overlap
    base = Checkpoint(name=BASE, path="/models/base", sha256="0" * 64, state=CheckpointState.published)
    # One hash for all: making it is slow on purpose, and nobody logs in.
    people = [
        User(email=f"ann{n}@example.org", name=f"Annotator {n}", password_hash=owner.password_hash)
        for n in range(size.annotators)
    ]
    session.add_all([base, *people])
    session.flush()
    session.add_all(Membership(project_id=project.id, user_id=person.id, role=Role.annotator) for person in people)
    return project, base, people


def _key(session: Session, project: Project, person: User) -> str:
    _, secret = users.create_key(
        session, user_id=person.id, project_id=project.id, name="bench", role=Role.annotator, own=Role.annotator
    )
    return secret


def _copy_all(connection: Connection, size: Size, project: int, base: int, people: Sequence[int]) -> None:
    chance = random.Random(7)
    answers = range(1, size.answers + 1)
    finished = int(size.answers * size.done)
    with connection.cursor() as cursor:
        _copy(cursor, "prompts", "id, project_id, messages, metadata, split, content_hash", (
            (n, project, json.dumps(_messages(n)), "{}", "train", hashlib.sha256(str(n).encode()).hexdigest())
            for n in answers
        ))  # fmt: skip
        ids, logprobs = json.dumps(list(range(1000, 1000 + TOKENS))), [round(-chance.random(), 4) for _ in range(4096)]
        _copy(cursor, "rollouts", (
            "id, project_id, prompt_id, checkpoint_id, turn, text, token_ids, logprobs, sampling, finish_reason, "
            "state, source, wanted"
        ), (
            (n, project, n, base, 0, _text(chance), ids, json.dumps(logprobs[n % 4000 : n % 4000 + TOKENS]), "{}",
             "stop", "complete", "attempt", n > finished)
            for n in answers
        ))  # fmt: skip
        _copy_critiques(cursor, size.overlap, finished, project, people)
        for table in ("prompts", "rollouts", "critiques", "critique_revisions"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608


def _copy_critiques(cursor: Cursor, overlap: int, finished: int, project: int, people: Sequence[int]) -> None:
    pairs = [(n, place) for n in range(1, finished + 1) for place in range(overlap)]
    draft = json.dumps({"text": "Too long. One short sentence.", "rating": 0.25, "tags": [], "edit": None, "spans": []})
    _copy(cursor, "critiques", (
        "id, project_id, rollout_id, author_kind, author_id, author_name, state, draft, draft_version, submission_key, "
        "submitted_at"
    ), (
        (number, project, n, "annotator", people[(n + place) % len(people)], "Annotator", "submitted", draft, 1,
         f"filled-{number}", "2026-01-01T00:00:00Z")
        for number, (n, place) in enumerate(pairs, 1)
    ))  # fmt: skip
    _copy(cursor, "critique_revisions", "id, critique_id, number, text, rating, tags", (
        (number, number, 1, "Too long. One short sentence.", 0.25, "[]") for number in range(1, len(pairs) + 1)
    ))  # fmt: skip
    cursor.execute("UPDATE critiques SET current_revision_id = id")


def _copy(cursor: Cursor, table: str, columns: str, rows: Iterable[tuple[object, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:  # type: ignore[arg-type]
        for row in rows:
            copy.write_row(row)


def _messages(number: int) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"Question {number}: what causes rain in the mountains of country {number}?"}]


def _text(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=TOKENS - 20))


def import_lines(count: int) -> list[str]:
    """JSON lines of prompts that the database does not hold yet."""
    return [json.dumps({"prompt": f"Fresh question {n}: why is the sky blue over town {n}?"}) for n in range(count)]


def violations(sessions: Sessions, overlap: int) -> dict[str, int]:
    """Answers with more submitted critiques than wanted, and answers whose mark in the queue is not true."""
    counted = """
        SELECT count(*) FILTER (WHERE n > :overlap) AS too_many,
               count(*) FILTER (WHERE wanted != (n < :overlap)) AS wrongly_marked
        FROM (SELECT r.wanted, count(c.id) FILTER (WHERE c.state = 'submitted' AND c.author_kind = 'annotator') AS n
              FROM rollouts r LEFT JOIN critiques c ON c.rollout_id = r.id WHERE r.source = 'attempt' GROUP BY r.id) x
    """
    with transaction(sessions) as session:
        row = session.execute(text(counted), {"overlap": overlap}).one()
    return {"too many": row.too_many, "wrongly marked": row.wrongly_marked}
