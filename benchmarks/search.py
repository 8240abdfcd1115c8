"""How long the lists of what was collected, and its counts, take on 100,000 rollouts: ``python -m benchmarks.search``.

Every query is run as the API runs it, for the first page and for one in the middle; the slowest of its statements by
EXPLAIN ANALYZE counts, since that is what the database can be blamed for. Ends with 1 if one takes longer than 50 ms.
"""

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session

from backend.database import migrate
from backend.domain import progress, search
from backend.domain.filters import Filter
from backend.embedded.postgres import EmbeddedPostgres
from backend.models import Project

ROLLOUTS = 100_000
LIMIT_MS = 50.0
ROUNDS = 3
FILL = """
INSERT INTO users (email, name, password_hash, must_change_password, may_create_projects, failed_logins)
SELECT n || '@example.org', 'person ' || n, '', false, false, 0 FROM generate_series(1, 20) n;
INSERT INTO projects (slug, name, guidelines, overlap, rating_levels, tags) VALUES ('big', 'Big', '', 2, 5, '[]');
INSERT INTO checkpoints (name, step, path, sha256, state)
SELECT 'c' || n, 0, '', '', 'published' FROM generate_series(1, 5) n;
INSERT INTO prompts (project_id, messages, metadata, split, content_hash, tags)
SELECT 1, jsonb_build_array(jsonb_build_object('role', 'user', 'content',
       'What is the word' || n % 997 || ' of thing' || n || ' in common speech?')),
       jsonb_build_object('topic', 'topic' || n % 50, 'level', n % 7, 'critiqued', n % 2 = 0,
                          'age', CASE WHEN n < 12500 THEN 'old' ELSE 'new' END, 'empty', n % 10 = 3),
       CASE WHEN n % 20 = 0 THEN 'eval' WHEN n % 20 = 1 THEN 'probe' ELSE 'train' END, n::text,
       CASE WHEN n % 500 = 0 THEN '["rare"]'::jsonb WHEN n % 3 = 0 THEN '["often"]'::jsonb ELSE '[]'::jsonb END
FROM generate_series(1, 25000) n;
INSERT INTO rollouts (project_id, prompt_id, checkpoint_id, turn, text, token_ids, logprobs, sampling, state, source)
SELECT 1, 1 + n * 7919 % 25000, 1 + (CASE WHEN n % 1000 = 0 THEN 4 ELSE n % 4 END), 0,
       'The answer ' || n || ' says word' || n % 1009 || ' and that it is so, at some length. '
       || repeat('Filler text that every answer has. ', 8), '[1, 2, 3]', '[-1, -1, -1]', '{}', 'complete',
       CASE WHEN n % 10 = 0 THEN 'evaluation' ELSE 'attempt' END
FROM generate_series(1, 100000) n;
INSERT INTO critiques (project_id, rollout_id, author_kind, author_id, author_name, state, draft, draft_version)
SELECT 1, r, 'annotator', 1 + (r / 7 + p) % 20, 'person', CASE WHEN r % 201 = 0 THEN 'discarded' ELSE 'submitted' END,
       '{}', 0 FROM generate_series(1, 100000, 2) r, generate_series(1, 2) p;
INSERT INTO critique_revisions (critique_id, number, text, rating, tags, edit, spans)
SELECT id, 1, 'Too long, says note' || id % 503 || '.', ((rollout_id / 3 + rollout_id * author_id / 11) % 5) / 4.0,
       CASE WHEN id % 2000 = 0 THEN '["rare"]'::jsonb WHEN id % 3 = 0 THEN '["often"]'::jsonb ELSE '[]'::jsonb END,
       NULL,
       CASE WHEN id % 3000 = 0 THEN '[{"severity": "critical"}]'::jsonb
            WHEN id % 4 = 0 THEN '[{"severity": "minor"}]'::jsonb ELSE '[]'::jsonb END
FROM critiques;
UPDATE critiques c SET current_revision_id = v.id FROM critique_revisions v WHERE v.critique_id = c.id;
"""
FILTERS: dict[str, dict[str, object]] = {
    "nothing": {},
    "a word of every rollout": {"words": "answer"},
    "a rare word": {"words": "word77"},
    "a word of a critique": {"words": "note42"},
    "a phrase": {"words": '"common speech" thing77'},
    "a word that is nowhere": {"words": "nowhere"},
    "split train": {"split": "train"},
    "split eval": {"split": "eval"},
    "rare prompt tag": {"prompt_tag": "rare"},
    "common prompt tag": {"prompt_tag": "often"},
    "metadata": {"metadata_key": "topic", "metadata_value": "topic7"},
    "metadata of many, none critiqued": {"metadata_key": "critiqued", "metadata_value": "false"},
    "metadata of 2,500, none critiqued": {"metadata_key": "empty", "metadata_value": "true"},
    "metadata of many": {"metadata_key": "age", "metadata_value": "old"},
    "split, metadata and rating": {
        "split": "train",
        "metadata_key": "critiqued",
        "metadata_value": "false",
        "rating_to": 0.5,
    },
    "metadata that is nowhere": {"metadata_key": "topic", "metadata_value": "nowhere"},
    "common checkpoint": {"checkpoint_id": 2},
    "rare checkpoint": {"checkpoint_id": 5},
    "disagreement": {"spread_from": 0.5},
    "no such disagreement": {"spread_from": 0.99},
    "low ratings": {"rating_to": 0.25},
    "middle ratings": {"rating_from": 0.5, "rating_to": 0.6},
    "author": {"author_id": 3},
    "verifiers (there are none)": {"author_kind": "verifier"},
    "discarded": {"state": "discarded"},
    "accepted (there are none)": {"review": "accepted"},
    "not reviewed": {"review": "unreviewed"},
    "rare tag": {"tag": "rare"},
    "common tag": {"tag": "often"},
    "no such tag": {"tag": "nowhere"},
    "with a span": {"has_span": True},
    "critical span": {"severity": "critical"},
    "minor span": {"severity": "minor"},
    "word, split, rating and tag": {"words": "word77", "split": "train", "rating_to": 0.5, "tag": "often"},
    "split, author and rating": {"split": "train", "author_id": 3, "rating_from": 0.75},
}
LISTS = {"rollouts": search.rollouts, "critiques": search.critiques, "prompts": search.prompts}


class Watch:
    """Collects the statements that a session sends."""

    def __init__(self, engine: Engine) -> None:
        self.sent: list[tuple[str, object]] = []
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _c: Connection, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        if not statement.startswith("EXPLAIN"):
            self.sent.append((statement, values))


def fill(engine: Engine) -> None:
    """Prompts, rollouts, two critiques of every second rollout, all at once."""
    with engine.begin() as connection:
        for statement in FILL.strip().split(";\n"):
            connection.exec_driver_sql(statement.replace("%", "%%"), ())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def times_ms(session: Session, watch: Watch) -> list[float]:
    """How long each of the statements sent takes, at its best of a few rounds."""
    connection = session.connection()
    times = []
    for statement, values in watch.sent:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", values).scalars().all()
            for _ in range(ROUNDS)
        ]  # fmt: skip
        if "--plans" in sys.argv:
            print("\n".join(plans[-1]), file=sys.stderr)
        times.append(min(float(plan[-1].split(":")[1].split()[0]) + planning(plan) for plan in plans))
    return times


def planning(plan: list[str]) -> float:
    """How long the plan took to make, in ms."""
    return next(float(line.split(":")[1].split()[0]) for line in plan if line.startswith("Planning Time"))


def main() -> int:
    """Fill a database, run every filter of every list, print the table."""
    slow = 0
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder))
        url = server.start()
        try:
            migrate(url)
            engine = create_engine(url)
            started = time.monotonic()
            fill(engine)
            print(f"filled {ROLLOUTS:,} rollouts in {time.monotonic() - started:.0f} s")
            watch = Watch(engine)
            print(f"{'list':<11}{'filter':<36}{'first page':>12}{'middle':>10}  rows")
            with Session(engine) as session:
                for listed, find in LISTS.items():
                    for name, wanted in FILTERS.items():
                        slow += measured(session, watch, listed, name, find, Filter.model_validate(wanted))
                slow += measured_progress(session, watch)
            engine.dispose()
        finally:
            server.stop()
    return int(slow > 0)


def measured(session: Session, watch: Watch, listed: str, name: str, find: object, wanted: Filter) -> bool:
    """Prints a line of the table; whether it is too slow."""
    if listed == "prompts" and wanted.model_dump(exclude_none=True).keys() - {
        "words", "split", "prompt_tag", "metadata_key", "metadata_value",
    }:  # fmt: skip
        return False
    times, rows = [], 0
    for before in (None, ROLLOUTS // 2 if listed != "prompts" else 12_500):
        watch.sent.clear()
        found = find(session, project_id=1, wanted=wanted, before=before, limit=100)  # type: ignore[operator]
        times.append(max(times_ms(session, watch)))
        rows = rows or len(found)
    mark = "  SLOW" if max(times) > LIMIT_MS else ""
    print(f"{listed:<11}{name:<36}{times[0]:>9.1f} ms{times[1]:>7.1f} ms{rows:>6}{mark}", flush=True)
    return bool(mark)


def measured_progress(session: Session, watch: Watch) -> bool:
    """Prints how long all statements of a project's progress take together; whether that is too slow."""
    project = session.get_one(Project, 1)
    watch.sent.clear()
    progress.of(session, project=project, user_id=1)
    took = times_ms(session, watch)
    mark = "  SLOW" if sum(took) > LIMIT_MS else ""
    print(f"progress: {sum(took):.1f} ms in {len(took)} statements{mark}", flush=True)
    return bool(mark)


if __name__ == "__main__":
    sys.exit(main())
