"""The OpenAI-compatible edge: ``model`` is an alias of the project or the name of a published checkpoint.

The alias is resolved once, here; the engine sees only immutable checkpoint names.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from backend.api.deps import ActorDep, EngineDep, SessionDep, SettingsDep
from backend.api.shapes import Shape
from backend.api.streaming import respond
from backend.domain import checkpoints, projects
from backend.domain.projects import Access
from backend.domain.users import Actor
from backend.errors import InvalidError
from backend.models import Checkpoint, CheckpointState, Role

router = APIRouter(prefix="/v1", tags=["gateway"])

ProjectHeader = Annotated[str | None, Header(alias="X-Redraft-Project")]
Payload = dict[str, object]


class ModelShape(Shape):
    """A served name, as OpenAI lists models."""

    id: str
    object: str = "model"
    owned_by: str = "redraft"
    created: int = 0


class ModelList(Shape):
    """All served names."""

    object: str = "list"
    data: list[ModelShape]


def _access(session: Session, actor: Actor, slug: str | None) -> Access:
    if actor.key is not None:
        return projects.authorise(session, actor, at_least=Role.viewer, project_id=actor.key.project_id)
    if slug is None:
        raise InvalidError("Send an API key, or name the project in the header X-Redraft-Project.")
    return projects.authorise(session, actor, at_least=Role.viewer, slug=slug)


def _resolve(session: Session, access: Access, payload: Payload, base_model: str) -> Checkpoint:
    model = payload.get("model")
    if not isinstance(model, str):
        raise InvalidError("'model' names an alias or a checkpoint.", field="model")
    return checkpoints.resolve(session, project_id=access.project.id, model=model, base_model=base_model)


@router.get("/models")
def list_models(actor: ActorDep, session: SessionDep, project: ProjectHeader = None) -> ModelList:
    """Aliases first, then published checkpoints."""
    access = _access(session, actor, project)
    names = [alias.name for alias, _, _, _ in checkpoints.aliases(session, project_id=access.project.id)]
    if checkpoints.PRODUCTION not in names:
        names.insert(0, checkpoints.PRODUCTION)
    names += [
        checkpoint.name
        for checkpoint in checkpoints.of_project(session, project_id=access.project.id)
        if checkpoint.state == CheckpointState.published
    ]
    return ModelList(data=[ModelShape(id=name) for name in names])


@router.post("/chat/completions")
def chat_completions(
    payload: Payload, actor: ActorDep, session: SessionDep, engine: EngineDep, settings: SettingsDep,
    project: ProjectHeader = None,
) -> Response:  # fmt: skip
    """OpenAI's chat completions, streaming or not."""
    checkpoint = _resolve(session, _access(session, actor, project), payload, settings.base_model)
    return _forward(engine, "/v1/chat/completions", checkpoint, payload)


@router.post("/completions")
def completions(
    payload: Payload, actor: ActorDep, session: SessionDep, engine: EngineDep, settings: SettingsDep,
    project: ProjectHeader = None,
) -> Response:  # fmt: skip
    """OpenAI's text completions, streaming or not."""
    checkpoint = _resolve(session, _access(session, actor, project), payload, settings.base_model)
    return _forward(engine, "/v1/completions", checkpoint, payload)


def _forward(engine: EngineDep, path: str, checkpoint: Checkpoint, payload: Payload) -> Response:
    engine.ensure_adapter(checkpoint.name, checkpoint.path)
    resolved = {**payload, "model": checkpoint.name}
    if payload.get("stream"):
        return respond(engine.forward_stream(path, resolved))
    status, answer = engine.forward(path, resolved)
    return JSONResponse(answer, status_code=status)
