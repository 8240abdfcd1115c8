"""The import job. Prompts go in batch by batch, each with its progress; a lineage goes in whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

from backend.database import Sessions, transaction
from backend.domain import claims, exchange, journal, prompts
from backend.domain.claims import Claim
from backend.domain.exchange import ImportContent, ImportRequest
from backend.domain.prompts import LineError
from backend.errors import DomainError, InvalidError
from backend.models import Job
from worker.exchange import lineage_check, lineage_in, prompt_lines
from worker.exchange.reporting import Progress, in_batches

AT_ONCE = 2000
MOST_REPORTED = 100
LONGEST_REASON = 1000


def import_file(sessions: Sessions, uploads_dir: Path, claimed: Claim) -> None:
    """Import the stored file of a job; what came of it, also bad lines, stands in the job's result."""
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        request = ImportRequest.model_validate(job.request)
        project_id, result = job.project_id, job.result
    path = uploads_dir / request.file
    if "records" in result:
        return  # an earlier attempt committed all and died before it could say so
    if not path.is_file():
        raise InvalidError("The uploaded file is gone; upload it again.")
    work = {ImportContent.prompts: _import_prompts, ImportContent.lineage: _import_lineage}[request.content]
    try:
        work(sessions, claimed, request, project_id, path)
    except DomainError as error:
        if "errors" in error.details:
            _tell(sessions, claimed, {"errors": error.details["errors"]})
        raise
    path.unlink(missing_ok=True)


def _tell(sessions: Sessions, claimed: Claim, found: dict[str, object]) -> None:
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        job.result = {**job.result, **found}


def _import_lineage(sessions: Sessions, claimed: Claim, request: ImportRequest, project_id: int, path: Path) -> None:
    with transaction(sessions) as session:
        known = exchange.imported_before(session, project_id=project_id, sha256=request.sha256)
    if known:
        _tell(sessions, claimed, {"records": 0, "duplicates": 1})
        return
    progress = Progress(sessions, claimed)
    progress.total(lineage_check.check(path))
    with transaction(sessions) as session:
        count = lineage_in.read(session, project_id=project_id, path=path, progress=progress)
        job = claims.held(session, Job, claimed)
        job.result = {"records": count}
        journal.record(
            session, action="lineage.imported", subject=request.sha256, user_id=job.created_by, project_id=project_id
        )


def _import_prompts(sessions: Sessions, claimed: Claim, request: ImportRequest, project_id: int, path: Path) -> None:
    progress = Progress(sessions, claimed)
    total, refused, errors = _check_prompts(prompt_lines.read(path, request.format))
    if errors and not request.keep_good:
        raise InvalidError(
            f"{refused} of {total} lines are not prompts (line {errors[0].line}: {errors[0].reason}); nothing was "
            "imported. Mend them, or import again and keep the good ones.",
            errors=[vars(error) for error in errors],
        )
    progress.total(total)
    _tell(sessions, claimed, {"errors": [vars(error) for error in errors], "refused": refused})
    done = 0
    for batch in in_batches(prompt_lines.read(path, request.format), AT_ONCE):
        _store(sessions, claimed, project_id, batch)
        done += len(batch)
        progress.done(done)
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        job.result = {**job.result, "records": job.result.get("imported", 0)}


def _store(sessions: Sessions, claimed: Claim, project_id: int, batch: list[tuple[int, str]]) -> None:
    """Import a batch and count it in one transaction, so that no attempt counts it twice."""
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        last = batch[-1][0]
        if last <= _number(job, "through_line"):
            return
        found = prompts.import_lines(session, project_id=project_id, lines=[line for _, line in batch], keep_good=True)
        job.result = {
            **job.result, "through_line": last, "imported": _number(job, "imported") + found.imported,
            "duplicates": _number(job, "duplicates") + found.duplicates,
        }  # fmt: skip


def _number(job: Job, name: str) -> int:
    found = job.result.get(name, 0)
    return found if isinstance(found, int) else 0


def _check_prompts(lines: Iterator[tuple[int, str]]) -> tuple[int, int, list[LineError]]:
    """How many lines there are, how many are bad, and the first of those: memory does not grow with the file."""
    total, refused = 0, 0
    first: list[LineError] = []
    for batch in in_batches(lines, AT_ONCE):
        _, bad = prompts.parse([line for _, line in batch])
        found = [LineError(line=batch[error.line - 1][0], reason=error.reason[:LONGEST_REASON]) for error in bad]
        first += found[: MOST_REPORTED - len(first)]
        refused += len(found)
        total += len(batch)
    return total, refused, first
