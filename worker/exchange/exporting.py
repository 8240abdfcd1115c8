"""The export job: rows streamed into a file that is moved into place once it is whole.

A worker that dies leaves a part behind; the next attempt begins afresh and removes it.
"""

import gc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy.orm import Session

from backend.database import Sessions, transaction
from backend.domain import claims, exchange
from backend.domain.claims import Claim
from backend.domain.exchange import ExportFormat, ExportRequest, ExportShape
from backend.models import Job, Project
from worker.exchange import files, lineage_out, reading, source
from worker.exchange.dataset_folder import DatasetFolder
from worker.exchange.reporting import Progress, in_batches
from worker.exchange.shapes import SHAPES
from worker.exchange.writers import Writer, open_writer


def export(sessions: Sessions, exports_dir: Path, claimed: Claim) -> None:
    """Write the file of an export, and its rows, size and hash into the job."""
    with transaction(sessions) as session:
        job = claims.held(session, Job, claimed)
        request = ExportRequest.model_validate(job.request)
        project_id, slug = job.project_id, session.get_one(Project, job.project_id).slug
        final = exchange.path_of(exports_dir, job)
    part = files.part_of(final, claimed.attempt)
    gc.freeze()  # else the collector looks through the whole program again and again while rows come and go
    try:
        rows = _write(sessions, claimed, request, project_id, f"{slug} {request.shape}", part)
        files.persist(part)
        result = {"rows": rows, "bytes": part.stat().st_size, "sha256": exchange.sha256_of(part)}
        with transaction(sessions) as session:
            claims.held(session, Job, claimed).result = result  # locks the row: who lost the claim moves nothing
            files.move(part, final)
    finally:
        gc.unfreeze()
        part.unlink(missing_ok=True)


def _write(sessions: Sessions, claimed: Claim, request: ExportRequest, project_id: int, name: str, part: Path) -> int:
    progress = Progress(sessions, claimed)
    with sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})  # one moment for all queries
        if request.shape == ExportShape.lineage:
            return lineage_out.write(session, project_id=project_id, path=part, progress=progress)
        progress.total(source.count(session, project_id=project_id, request=request))
        shape = SHAPES[request.shape]
        writer: Writer = (
            DatasetFolder(part, shape, name)
            if request.format == ExportFormat.hf
            else open_writer(request.format, part, shape)
        )
        with closing(writer):
            return sum(_batches(session, project_id, request, writer, progress))


def _batches(
    session: Session, project_id: int, request: ExportRequest, writer: Writer, progress: Progress
) -> Iterator[int]:
    shape, done = SHAPES[request.shape], 0
    for items in in_batches(source.stream(session, project_id=project_id, request=request), reading.AT_ONCE):
        rows = [row for item in items for row in shape.rows(item)]
        writer.write(rows)
        done += len(items)
        progress.done(done)
        yield len(rows)
