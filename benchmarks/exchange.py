"""How long exports of 100,000 critiques take, and how much memory: ``make bench-exchange``.

Every shape is written as JSON lines and one in each other format, each by a process of its own, as worker io does it.
Ends with 1 if JSON lines of a shape take 10 seconds or more.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from backend.database import create_engine_from, create_sessions, migrate, transaction
from backend.domain import bulk, claims
from backend.domain.exchange import ExportFormat, ExportRequest, ExportShape
from backend.embedded.postgres import EmbeddedPostgres
from backend.models import Job
from benchmarks.training.table import aligned
from worker.exchange import exporting

CRITIQUES = 100_000
GOAL_SECONDS = 10.0
EXPORTS = [(shape, ExportFormat.jsonl) for shape in ExportShape] + [
    (ExportShape.critique, file_format) for file_format in ExportFormat if file_format != ExportFormat.jsonl
]
# Foreign keys hold by the way the rows are made, and nothing is searched.
FILL = """
SET session_replication_role = replica;
INSERT INTO users (email, name, password_hash, must_change_password, may_create_projects, failed_logins)
SELECT n || '@example.org', 'person ' || n, '', false, false, 0 FROM generate_series(1, 20) n;
INSERT INTO projects (slug, name, guidelines, overlap, rating_levels, tags) VALUES ('big', 'Big', '', 1, 5, '[]');
INSERT INTO form_versions (project_id, number, content) VALUES (1, 1, '{}');
INSERT INTO checkpoints (name, step, path, sha256, state) VALUES ('c', 0, '', repeat('0', 64), 'published');
INSERT INTO prompts (project_id, messages, metadata, split, content_hash)
SELECT 1, jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'What is thing ' || n || ' in plain words?')),
       jsonb_build_object('topic', 'topic' || n % 50), 'train', n::text
FROM generate_series(1, 25000) n;
INSERT INTO rollouts (project_id, prompt_id, checkpoint_id, turn, text, token_ids, logprobs, sampling, state, source)
SELECT 1, 1 + n % 25000, 1, 0, 'Answer ' || n || repeat(' says what it is, at some length.', 12),
       (SELECT jsonb_agg(n * t % 49000) FROM generate_series(1, 100) t),
       (SELECT jsonb_agg(-1.0 / (n % 97 + t)::double precision) FROM generate_series(1, 100) t),
       '{"temperature": 1.0}', 'complete', 'attempt'
FROM generate_series(1, 100000) n;
INSERT INTO critiques (project_id, rollout_id, prompt_id, author_kind, author_id, author_name, state, draft,
                       draft_version, current_revision_id, submitted_at)
SELECT 1, n, 1 + n % 25000, 'annotator', 1 + n % 20, 'person', 'submitted', '{}', 0, n, now()
FROM generate_series(1, 100000) n;
INSERT INTO critique_revisions (critique_id, number, text, rating, tags, edit, spans, form_version)
SELECT n, 1, 'Too long, says note ' || n || repeat(', and it says so twice', 6) || '.', n % 5 / 4.0, '["long"]',
       CASE WHEN n % 2 = 0 THEN 'Answer ' || n || ', but short.' END,
       jsonb_build_array(jsonb_build_object('note', 'What is this?', 'severity', 'minor', 'anchor', jsonb_build_object(
           'start', 0, 'end', 6, 'start_utf16', 0, 'end_utf16', 6, 'quote', 'Answer', 'before', '',
           'after', ' ' || n || ' says', 'text_sha256', repeat('0', 64)))), 1
FROM generate_series(1, 100000) n;
INSERT INTO rollouts (project_id, prompt_id, checkpoint_id, parent_id, critique_revision_id, turn, text, token_ids,
                      logprobs, sampling, state, source)
SELECT 1, prompt_id, 1, id, id, 1, 'Better: ' || text, token_ids, logprobs, sampling, 'complete', 'redraft'
FROM rollouts WHERE id % 2 = 0;
INSERT INTO comparisons (critique_id, redraft_id, verdict, rating)
SELECT parent_id, id, CASE WHEN id % 3 = 0 THEN 'worse' ELSE 'better' END, 0.75 FROM rollouts WHERE turn = 1;
"""


def fill(engine: Engine) -> None:
    """100,000 critiques, each of an answer of its own; half with an edit and a judged redraft."""
    with engine.begin() as connection:
        for statement in FILL.strip().split(";\n"):
            connection.exec_driver_sql(statement.replace("%", "%%"), ())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def measure(url: str, shape: str, file_format: str) -> dict[str, float]:
    """One export in this process: its rows, seconds, bytes, and the process's peak of memory in bytes."""
    engine = create_engine_from(url)
    sessions = create_sessions(engine)
    with transaction(sessions) as session:
        request = ExportRequest(shape=ExportShape(shape), format=ExportFormat(file_format))
        job = bulk.record(session, project_id=1, user_id=None, request=request)
        claimed = claims.claim(session, Job, job.id)
    if claimed is None:
        raise RuntimeError("somebody else works on the export")
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        exporting.export(sessions, Path(folder), claimed)
        seconds = time.perf_counter() - started
    with transaction(sessions) as session:
        result = session.get_one(Job, claimed.row_id).result
    engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"rows": result["rows"], "seconds": seconds, "bytes": result["bytes"], "peak": peak}  # type: ignore[dict-item]


def measured(url: str, shape: ExportShape, file_format: ExportFormat) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.exchange", "--one", url, shape, file_format]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def main() -> int:
    """Fill a database, measure every export, print the table."""
    table, slow = [["shape", "format", "rows", "seconds", "rows/s", "MB", "peak MB"]], 0
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder))
        url = server.start()
        try:
            migrate(url)
            engine = create_engine(url)
            fill(engine)
            engine.dispose()
            for shape, file_format in EXPORTS:
                found = measured(url, shape, file_format)
                is_slow = file_format == ExportFormat.jsonl and found["seconds"] >= GOAL_SECONDS
                slow += is_slow and shape != ExportShape.lineage
                table.append(
                    [
                        shape, file_format, f"{found['rows']:,}", f"{found['seconds']:.1f}",
                        f"{found['rows'] / found['seconds']:,.0f}", f"{found['bytes'] / 1e6:.0f}",
                        f"{found['peak'] / 1e6:.0f}",
                    ]
                )  # fmt: skip
        finally:
            server.stop()
    print(aligned(table))
    return int(slow > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(*sys.argv[2:])))
    else:
        sys.exit(main())
