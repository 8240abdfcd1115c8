"""Puts the waiting answers of a project in its order, a batch a transaction, so that annotators hardly wait."""

from backend.database import Sessions, transaction
from backend.domain import claims, priorities
from backend.domain.claims import Claim
from backend.engine import EngineClient
from backend.models import Job, Project


def prioritise(sessions: Sessions, _engine: EngineClient, claimed: Claim) -> None:
    """The job that follows a change of the project's order."""
    with transaction(sessions) as session:
        project_id = claims.held(session, Job, claimed).project_id
        priorities.forget(session, project_id=project_id)
    number_all(sessions, project_id)


def number_all(sessions: Sessions, project_id: int) -> None:
    """Number everything that waits, as the project's order says now."""
    after: int | None = 0
    while after is not None:
        with transaction(sessions) as session:
            project = session.get_one(Project, project_id)
            after = priorities.write_batch(session, project=project, after=after)
