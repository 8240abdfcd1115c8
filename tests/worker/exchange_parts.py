"""Exports and imports run in the test's own process, over a real database."""

import json
from pathlib import Path
from uuid import uuid4

from backend.database import Sessions, transaction
from backend.domain import bulk, claims, exchange
from backend.domain.claims import Claim
from backend.domain.exchange import ExportRequest, ImportRequest
from backend.models import Job, Project, WorkState
from tests import factories
from worker.exchange import exporting, importing


def project_id(sessions: Sessions, slug: str) -> int:
    with transaction(sessions) as session:
        return session.query(Project).filter_by(slug=slug).one().id


def new_project(sessions: Sessions, slug: str) -> int:
    with transaction(sessions) as session:
        owner = session.query(factories.User).first() or factories.user(session)
        return factories.project(session, owner, slug).id


def claimed(sessions: Sessions, project: int, request: ExportRequest | ImportRequest) -> Claim:
    with transaction(sessions) as session:
        job = bulk.record(session, project_id=project, user_id=None, request=request)
        found = claims.claim(session, Job, job.id)
        assert found is not None
        return found


def finished(sessions: Sessions, claim: Claim) -> Job:
    with transaction(sessions) as session:
        return claims.finish(session, Job, claim, state=WorkState.succeeded)


def export(sessions: Sessions, folder: Path, project: int, request: ExportRequest) -> Path:
    """The finished file of an export."""
    claim = claimed(sessions, project, request)
    exporting.export(sessions, folder, claim)
    return exchange.finished_file(folder, finished(sessions, claim))


def lineage(sessions: Sessions, folder: Path, project: int) -> bytes:
    return export(sessions, folder, project, ExportRequest(shape="lineage")).read_bytes()


def rows(sessions: Sessions, folder: Path, project: int, **request: object) -> list[dict[str, object]]:
    file = export(sessions, folder, project, ExportRequest.model_validate(request))
    return [json.loads(line) for line in file.read_bytes().split(b"\n") if line]


def stored(folder: Path, raw: bytes, **fields: object) -> ImportRequest:
    """A request to import what was uploaded."""
    folder.mkdir(exist_ok=True)
    name = uuid4().hex
    (folder / name).write_bytes(raw)
    return ImportRequest.model_validate({"file": name, "sha256": exchange.sha256_of(folder / name), **fields})


def import_file(sessions: Sessions, folder: Path, project: int, raw: bytes, **fields: object) -> dict[str, object]:
    """What came of an import."""
    claim = claimed(sessions, project, stored(folder, raw, **fields))
    importing.import_file(sessions, folder, claim)
    return finished(sessions, claim).result
