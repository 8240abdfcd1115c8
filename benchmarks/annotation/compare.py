"""Twenty annotators at once on a hundred thousand answers, beside Label Studio on the same PostgreSQL server.

``python -m benchmarks.annotation.compare`` fills a database, lets the crowd work with and without pauses, imports
prompts, weighs the web app, and says whether the goals are met. ``--sides redraft`` leaves Label Studio out.
"""

import argparse
import gzip
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import select

from backend.database import create_engine_from, create_sessions, transaction
from backend.domain import prompts
from backend.embedded.postgres import EmbeddedPostgres
from backend.models import Project
from benchmarks.annotation import (
    crowd,
    filling,
    label_studio_environment,
    label_studio_side,
    painting,
    redraft_side,
    table,
)
from benchmarks.annotation.filling import Size
from benchmarks.annotation.table import Crowd

DIST = Path(__file__).parents[2] / "frontend" / "dist"
WARM_SECONDS = 3.0


@contextmanager
def postgres() -> Iterator[str]:
    """The product's own PostgreSQL in a folder for this run; its URL."""
    with TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder))
        try:
            yield server.start()
        finally:
            server.stop()


def database(server_url: str, name: str) -> str:
    """A new database on the server; its URL."""
    with psycopg.connect(server_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{server_url.rsplit('/', 1)[0]}/{name}"


def measure_redraft(url: str, size: Size, given: argparse.Namespace) -> list[Crowd]:
    """The crowd without pauses, then with pauses; then imports and violations, printed at once."""
    filled = filling.fill(url, size)
    with redraft_side.served(url, given.workers) as web:
        # Without pauses nothing is saved in between, as on the other side; with pauses a draft is, as in the web app.
        busy, calm = (
            [redraft_side.Annotator(web, key, filled.slug, saves=saves) for key in filled.keys]
            for saves in (False, True)
        )
        crowd.run("warming", calm, seconds=WARM_SECONDS, think=0)
        found = [
            crowd.run("redraft", people, seconds=given.seconds, think=think)
            for people, think in ((busy, 0.0), (calm, given.think))
        ]
        print(*table.paint_verdict(painting.paint(web, filled.slug)), sep="\n")
    engine = create_engine_from(url)
    sessions = create_sessions(engine)
    print(f"redraft, overlap violations: {filling.violations(sessions, size.overlap)}")
    lines = filling.import_lines(given.imports)
    with transaction(sessions) as session:
        project = session.scalars(select(Project)).one()
        start = time.perf_counter()
        result = prompts.import_lines(session, project_id=project.id, lines=lines, keep_good=False)
    seconds = time.perf_counter() - start
    print(table.judged("import", result.imported / seconds, "prompts/s", at_least=table.IMPORT_GOAL))
    engine.dispose()
    return found


def measure_label_studio(url: str, size: Size, given: argparse.Namespace) -> Crowd:
    """The same crowd on as many tasks, none of them done yet, without pauses."""
    python = label_studio_environment.prepare()
    with TemporaryDirectory() as folder:
        env = label_studio_side.environment(url, Path(folder))
        made = label_studio_side.fill(python, env, tasks=size.answers, overlap=size.overlap, people=size.annotators)
        with label_studio_side.served(python, env, given.workers) as web:
            people = [label_studio_side.Annotator(web, token, made.project) for token in made.tokens]
            crowd.run("warming", people, seconds=WARM_SECONDS, think=0)
            found = crowd.run("label-studio", people, seconds=given.seconds, think=0)
    print(f"label-studio, overlap violations: {label_studio_side.violations(url, size.overlap)}")
    return found


def weigh() -> list[str]:
    """Gzip sizes of what the browser loads first, and of all that the annotate page needs."""
    page = (DIST / "index.html").read_text()
    shell = {DIST / name for name in re.findall(r"/(assets/[^\"]+\.(?:js|css))", page)}
    annotate = shell | _reached(next((DIST / "assets").glob("annotate-*.js")))
    return [
        table.judged("page shell", _kilobytes(shell), "kB gzip", at_most=table.SHELL_GOAL_KB),
        table.judged("annotate page", _kilobytes(annotate), "kB gzip", at_most=table.ANNOTATE_GOAL_KB),
    ]


def _reached(start: Path) -> set[Path]:
    """A script with all that it imports at once, and the styles of its name."""
    found, waiting = set(), [start]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [file.parent / name for name in re.findall(r"from\s*\"\./([^\"]+\.js)\"", file.read_text())]
    return found | set(start.parent.glob(f"{start.stem.rsplit('-', 1)[0]}-*.css"))


def _kilobytes(files: set[Path]) -> float:
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) / 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--done", type=float, default=0.9, help="the part that is critiqued before the crowd comes")
    parser.add_argument("--overlap", type=int, default=2)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2, help="server processes of each side")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--think", type=float, default=1.0, help="mean pause of the crowd whose waiting is judged")
    parser.add_argument("--imports", type=int, default=50_000)
    parser.add_argument("--sides", choices=["redraft", "label-studio"], nargs="+", default=["redraft", "label-studio"])
    given = parser.parse_args()
    size = Size(answers=given.answers, done=given.done, overlap=given.overlap, annotators=given.people)
    crowds: list[Crowd] = []
    with postgres() as server:
        if "redraft" in given.sides:
            crowds += measure_redraft(database(server, "bench"), size, given)
        if "label-studio" in given.sides:
            crowds.append(measure_label_studio(database(server, "label_studio"), size, given))
    print(f"\n{table.crowds_table(crowds)}\n")
    if "redraft" in given.sides:
        busy, calm = crowds[:2]
        print(*table.latency_verdict(calm), sep="\n")
        if len(crowds) == 3:
            print(table.ratio_verdict(busy, crowds[2]))
    print(*weigh(), sep="\n")


if __name__ == "__main__":
    main()
