"""Exports and imports from the command line: jobs like any other, done at once by a process of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select

from backend.commands.starting import connected, database_url
from backend.database import transaction
from backend.domain import bulk, exchange
from backend.domain.exchange import ExportRequest, ImportRequest
from backend.embedded.processes import EmbeddedError
from backend.models import Job, Project, WorkState
from backend.settings import Settings


def export_to(output: Path, *, project: str, fields: dict[str, object]) -> Job:
    """Export into ``output``; returns the finished job.

    Raises:
        EmbeddedError: the export failed.
    """
    settings = Settings()
    job = _work(settings, project, exchange.asked_for(ExportRequest, fields))
    if job.state != WorkState.succeeded:
        raise EmbeddedError(job.error or f"The export is {job.state}.")
    shutil.copyfile(exchange.finished_file(settings.exports_dir, job), output)
    return job


def import_from(file: Path, *, project: str, fields: dict[str, object]) -> Job:
    """Import ``file``; returns the job, finished or failed."""
    settings = Settings()
    stored = settings.uploads_dir / uuid4().hex
    stored.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(file, stored)
        fields = {**fields, "name": file.name[:200], "file": stored.name, "sha256": exchange.sha256_of(stored)}
        return _work(settings, project, exchange.asked_for(ImportRequest, fields))
    finally:
        stored.unlink(missing_ok=True)


def _work(settings: Settings, project: str, request: ExportRequest | ImportRequest) -> Job:
    """Record the job and have it done; the worker takes it over if this process dies."""
    url = database_url(settings)
    with connected(url) as sessions:
        with transaction(sessions) as session:
            project_id = session.scalar(select(Project.id).where(Project.slug == project))
            if project_id is None:
                raise EmbeddedError(f"There is no project '{project}'.")
            job = bulk.record(session, project_id=project_id, user_id=None, request=request)
        env = {**os.environ, "REDRAFT_DATABASE_URL": url, "REDRAFT_DATA_DIR": str(settings.data_dir)}
        subprocess.run([sys.executable, "-m", "worker.exchange", str(job.id)], env=env, check=False)  # noqa: S603
        with transaction(sessions) as session:
            return bulk.get(session, job.id)
