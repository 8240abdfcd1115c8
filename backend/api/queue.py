"""Who gets what: the order of the queue, shares, skills, and prompts kept for people."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from backend.api.deps import AdminDep, SessionDep
from backend.api.session import UserShape
from backend.api.shapes import Body, Shape
from backend.domain import journal, who_gets_what
from backend.models import Project, QueueOrder, Routing

router = APIRouter(prefix="/api/projects", tags=["queue"])

Skill = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
Number = Annotated[int, Field(ge=1, lt=2**63)]


class WorkerShape(Shape):
    """A member who may critique; ``percent`` of all critiques fall to them while work goes by share."""

    user: UserShape
    share: int
    skills: list[str]
    percent: float
    kept: int


class QueueShape(Shape):
    """The settings of the queue."""

    order: QueueOrder
    routing: Routing
    skill_field: str
    open_critiques: bool
    workers: list[WorkerShape]


class WorkerBody(Body):
    """A member's share (any scale; 0 for none) and skills."""

    user_id: Number
    share: Annotated[int, Field(ge=0, le=1000)]
    skills: Annotated[list[Skill], Field(max_length=20)]


class QueuePatch(Body):
    """Settings of the queue; what is left out stays."""

    order: QueueOrder | None = None
    routing: Routing | None = None
    skill_field: Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)] | None = None
    open_critiques: bool | None = None
    workers: Annotated[list[WorkerBody], Field(default_factory=list, max_length=1000)]


class KeepBody(Body):
    """Prompts whose answers go to these people only; nobody named sets them free."""

    prompt_ids: Annotated[list[Number], Field(min_length=1, max_length=10_000)]
    user_ids: Annotated[list[Number], Field(max_length=100)]


class KeptShape(Shape):
    """How many prompts were kept or set free."""

    prompts: int


@router.get("/{project}/queue")
def get_queue(access: AdminDep, session: SessionDep) -> QueueShape:
    """Who gets what."""
    return _shape(session, access.project)


@router.patch("/{project}/queue")
def change_queue(body: QueuePatch, access: AdminDep, session: SessionDep) -> QueueShape:
    """Change who gets what, or what comes first."""
    project = access.project
    for worker in body.workers:
        who_gets_what.set_worker(session, access, **worker.model_dump())
    for field in ("routing", "skill_field", "open_critiques"):
        if (value := getattr(body, field)) is not None:
            setattr(project, field, value)
    session.flush()
    if project.routing == Routing.share:
        who_gets_what.refuse_idle(session, project)
    if body.order is not None:
        who_gets_what.set_order(session, access, body.order)
    journal.record(
        session, action="queue.changed", subject=project.slug, user_id=access.user_id, project_id=project.id,
        fields=sorted(body.model_fields_set),
    )  # fmt: skip
    return _shape(session, project)


@router.post("/{project}/queue/kept")
def keep_prompts(body: KeepBody, access: AdminDep, session: SessionDep) -> KeptShape:
    """Keep prompts for people, or set them free."""
    count = who_gets_what.keep(session, access, prompt_ids=body.prompt_ids, user_ids=body.user_ids)
    return KeptShape(prompts=count)


def _shape(session: Session, project: Project) -> QueueShape:
    found = who_gets_what.workers(session, project=project)
    return QueueShape(
        order=project.queue_order,
        routing=project.routing,
        skill_field=project.skill_field,
        open_critiques=project.open_critiques,
        workers=[WorkerShape.model_validate(worker) for worker in found],
    )
