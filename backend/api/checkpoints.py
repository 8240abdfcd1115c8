"""Checkpoints, aliases, the promotion gate."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import StringConstraints

from backend.api.deps import AdminDep, SessionDep, SettingsDep, ViewerDep
from backend.api.shapes import Body, CheckpointRef, Shape
from backend.domain import checkpoints, evaluations
from backend.errors import NotFoundError
from backend.models import Checkpoint, CheckpointState

router = APIRouter(prefix="/api", tags=["checkpoints"])


class CheckpointShape(Shape):
    """A checkpoint; ``kind`` is base or adapter."""

    id: int
    name: str
    kind: str
    run_id: int | None
    parent_id: int | None
    step: int
    sha256: str
    state: CheckpointState
    probe_difference: float | None
    probe_parent_difference: float | None
    aliases: list[str]
    created_at: datetime

    @classmethod
    def of(cls, checkpoint: Checkpoint, aliases: list[str]) -> Self:
        """From the row and the aliases that point at it."""
        return cls(
            id=checkpoint.id, name=checkpoint.name, kind="base" if checkpoint.run_id is None else "adapter",
            run_id=checkpoint.run_id, parent_id=checkpoint.parent_id, step=checkpoint.step, sha256=checkpoint.sha256,
            state=checkpoint.state, probe_difference=checkpoint.probe_difference,
            probe_parent_difference=checkpoint.probe_parent_difference, aliases=aliases,
            created_at=checkpoint.created_at,
        )  # fmt: skip


class CheckpointList(Shape):
    """All checkpoints, newest first."""

    items: list[CheckpointShape]


class LineageShape(Shape):
    """What taught a checkpoint."""

    critiques: int
    authors: dict[str, int]
    snapshot_sha256: str | None
    run_id: int | None


class CheckpointDetail(CheckpointShape):
    """A checkpoint with its lineage."""

    lineage: LineageShape


class AliasShape(Shape):
    """A served name."""

    name: str
    checkpoint: CheckpointRef
    version: int
    moved_at: datetime
    moved_by: str | None


class AliasMoveShape(Shape):
    """One promotion or rollback."""

    version: int
    checkpoint: CheckpointRef
    moved_by: str | None
    moved_at: datetime
    reason: str


class AliasBody(Body):
    """Where to point an alias; a reason lets an admin pass a red gate."""

    checkpoint_id: int
    reason: Annotated[str, StringConstraints(max_length=1000)] = ""


class GateCheckShape(Shape):
    """One line of the checklist."""

    name: str
    passed: bool
    detail: str


class GateShape(Shape):
    """The promotion checklist against what the alias serves now."""

    green: bool
    served: CheckpointRef
    checks: list[GateCheckShape]


@router.get("/projects/{project}/checkpoints")
def list_checkpoints(access: ViewerDep, session: SessionDep) -> CheckpointList:
    """Base models and the project's adapters."""
    served: dict[int, list[str]] = {}
    for alias, checkpoint, _, _ in checkpoints.aliases(session, project_id=access.project.id):
        served.setdefault(checkpoint.id, []).append(alias.name)
    found = checkpoints.of_project(session, project_id=access.project.id)
    return CheckpointList(items=[CheckpointShape.of(c, served.get(c.id, [])) for c in found])


@router.get("/projects/{project}/checkpoints/{checkpoint_id}")
def get_checkpoint(checkpoint_id: int, access: ViewerDep, session: SessionDep) -> CheckpointDetail:
    """A checkpoint and where it comes from."""
    checkpoint = checkpoints.get(session, project_id=access.project.id, checkpoint_id=checkpoint_id)
    names = [
        alias.name
        for alias, target, _, _ in checkpoints.aliases(session, project_id=access.project.id)
        if target.id == checkpoint.id
    ]
    lineage = LineageShape.model_validate(checkpoints.lineage(session, checkpoint=checkpoint))
    return CheckpointDetail(**CheckpointShape.of(checkpoint, names).model_dump(), lineage=lineage)


@router.get("/projects/{project}/aliases")
def list_aliases(access: ViewerDep, session: SessionDep) -> list[AliasShape]:
    """Served names and what they mean now."""
    return [
        AliasShape(
            name=alias.name, checkpoint=CheckpointRef.model_validate(checkpoint), version=alias.version,
            moved_at=move.created_at, moved_by=name,
        )
        for alias, checkpoint, move, name in checkpoints.aliases(session, project_id=access.project.id)
    ]  # fmt: skip


@router.put("/projects/{project}/aliases/{name}")
def move_alias(name: str, body: AliasBody, access: AdminDep, session: SessionDep, settings: SettingsDep) -> AliasShape:
    """Promote a checkpoint (the gate must be green, or a reason given) or roll back to one that was served before."""
    checkpoint = checkpoints.get(session, project_id=access.project.id, checkpoint_id=body.checkpoint_id)
    evaluations.promote(
        session, access, alias=name, checkpoint=checkpoint, reason=body.reason, base_model=settings.base_model
    )
    return next(alias for alias in list_aliases(access, session) if alias.name == name)


@router.get("/projects/{project}/aliases/{name}/history")
def list_moves(name: str, access: ViewerDep, session: SessionDep) -> list[AliasMoveShape]:
    """Every move of an alias, newest first."""
    alias = checkpoints.find_alias(session, project_id=access.project.id, name=name)
    if alias is None:
        raise NotFoundError(f"There is no alias '{name}' in this project yet.")
    return [
        AliasMoveShape(
            version=move.version, checkpoint=CheckpointRef.model_validate(checkpoint), moved_by=who,
            moved_at=move.created_at, reason=move.reason,
        )
        for move, checkpoint, who in checkpoints.history(session, alias_id=alias.id)
    ]  # fmt: skip


@router.get("/projects/{project}/gate")
def get_gate(
    checkpoint_id: int, access: ViewerDep, session: SessionDep, settings: SettingsDep,
    alias: str = checkpoints.PRODUCTION,
) -> GateShape:  # fmt: skip
    """What must hold before a checkpoint is promoted to an alias."""
    checkpoint = checkpoints.get(session, project_id=access.project.id, checkpoint_id=checkpoint_id)
    served = evaluations.served_by(session, project_id=access.project.id, alias=alias, base_model=settings.base_model)
    checks = evaluations.gate(session, project=access.project, checkpoint=checkpoint, served=served)
    return GateShape(
        green=all(check.passed for check in checks),
        served=CheckpointRef.model_validate(served),
        checks=[GateCheckShape.model_validate(check) for check in checks],
    )
