"""Training runs: recipes, checks, launching, watching, stopping."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from backend.api.deps import ActorDep, SessionDep, SettingsDep
from backend.api.shapes import Body, CheckpointRef, Limit, Shape, WorkShape, pace, prompt_text
from backend.domain import checkpoints, projects, runs
from backend.domain.projects import Access
from backend.models import Checkpoint, Role, Run, Snapshot, User
from backend.recipes import PRESETS, Recipe

router = APIRouter(prefix="/api", tags=["runs"])


class BaseBody(Body):
    """Where a run starts: an alias or a checkpoint; without either, what ``production`` serves."""

    alias: str | None = None
    checkpoint_id: int | None = None


class CheckBody(Body):
    """A launch to look at."""

    project: str
    recipe: Recipe
    base: BaseBody = BaseBody()


class RunBody(CheckBody):
    """A run to launch."""

    name: Annotated[str | None, StringConstraints(max_length=200, strip_whitespace=True)] = None


class SupplyShape(Shape):
    """The feedback that the recipe can use."""

    train_prompts: int
    probe_prompts: int
    critiques: int
    rated_critiques: int
    recorded_redrafts: int
    edits: int
    mean_response_tokens: float
    answers: int
    accepted: int
    referenced: int
    references: int
    rules: int
    usable: int
    utility: float | None


class ForecastShape(Shape):
    """What the run is expected to take."""

    steps: int
    seconds: float
    peak_memory_bytes: int
    tokens: int


class CheckShape(Shape):
    """What a launch would find."""

    ok: bool
    missing: list[str]
    warnings: list[str]
    supply: SupplyShape
    forecast: ForecastShape


class PresetShape(Shape):
    """A method with its vetted recipe."""

    name: str
    title: str
    summary: str
    needs: list[str]
    recipe: Recipe


class SnapshotShape(Shape):
    """The frozen feedback of a run."""

    id: int
    sha256: str
    critiques: int


class RunShape(WorkShape):
    """A run; ``done`` and ``total`` count steps."""

    project: str
    name: str
    method: str
    recipe: dict[str, object]
    base: CheckpointRef
    snapshot: SnapshotShape
    stop_reason: str | None
    best_score: float | None
    best_checkpoint: CheckpointRef | None
    forecast: dict[str, object]
    actual: dict[str, object]
    usage: dict[str, object]
    cancel_requested: bool
    created_by: str | None

    @classmethod
    def of(cls, session: Session, run: Run, project: str) -> Self:
        """From the row and what it names."""
        rate, left = pace(run)
        snapshot = session.get_one(Snapshot, run.snapshot_id)
        best = session.get(Checkpoint, run.best_checkpoint_id) if run.best_checkpoint_id else None
        author = session.get(User, run.created_by) if run.created_by else None
        recipe = Recipe.model_validate(run.recipe)
        return cls(
            id=run.id, project=project, name=run.name, method=recipe.method.name, recipe=run.recipe, state=run.state,
            base=CheckpointRef.model_validate(session.get_one(Checkpoint, run.base_id)),
            snapshot=SnapshotShape(id=snapshot.id, sha256=snapshot.sha256, critiques=snapshot.size),
            done=run.done, total=run.total, rate_per_s=rate, seconds_left=left, error=run.error,
            stop_reason=run.stop_reason, best_score=run.best_score,
            best_checkpoint=CheckpointRef.model_validate(best) if best else None,
            forecast=run.forecast, actual=run.actual, usage=run.usage, cancel_requested=run.cancel_requested,
            created_by=author.name if author else None, created_at=run.created_at, started_at=run.started_at,
            finished_at=run.finished_at,
        )  # fmt: skip


class RunPage(Shape):
    """Runs, newest first, and where to go on (``before``)."""

    items: list[RunShape]
    next: int | None


class MetricsShape(Shape):
    """Curves: ``area/name`` to pairs of step and value."""

    series: dict[str, list[tuple[int, float]]]


class EventShape(Shape):
    """Something that happened in a run."""

    id: int
    step: int
    kind: str
    message: str
    created_at: datetime


class SampleShape(Shape):
    """The answer to a probe prompt at a step."""

    step: int
    prompt_id: int
    prompt_text: str
    text: str
    scores: dict[str, object]


@router.get("/recipes/schema")
def get_recipe_schema(_actor: ActorDep) -> dict[str, object]:
    """The JSON schema that the New-run form is built from."""
    return Recipe.model_json_schema()


@router.get("/recipes/presets")
def list_presets(_actor: ActorDep) -> list[PresetShape]:
    """Every method with its vetted defaults."""
    return [PresetShape.model_validate(preset) for preset in PRESETS]


@router.post("/runs/check")
def check_run(body: CheckBody, actor: ActorDep, session: SessionDep, settings: SettingsDep) -> CheckShape:
    """What is missing, what to know and what it would cost; launches nothing."""
    access = projects.authorise(session, actor, at_least=Role.viewer, slug=body.project)
    _base(session, access, body.base, settings)
    found = runs.check(session, project_id=access.project.id, recipe=body.recipe)
    return CheckShape(
        ok=not found.missing,
        missing=found.missing,
        warnings=found.warnings,
        supply=SupplyShape.model_validate(found.supply),
        forecast=ForecastShape.model_validate(found.forecast),
    )


@router.post("/runs", status_code=201)
def create_run(body: RunBody, actor: ActorDep, session: SessionDep, settings: SettingsDep) -> RunShape:
    """Freeze the feedback and queue a run."""
    access = projects.authorise(session, actor, at_least=Role.admin, slug=body.project)
    base = _base(session, access, body.base, settings)
    run = runs.create(session, access, name=body.name, recipe=body.recipe, base=base)
    return RunShape.of(session, run, access.project.slug)


def _base(session: Session, access: Access, base: BaseBody, settings: SettingsDep) -> Checkpoint:
    return checkpoints.pick(
        session, project_id=access.project.id, alias=base.alias, checkpoint_id=base.checkpoint_id,
        base_model=settings.base_model,
    )  # fmt: skip


@router.get("/runs")
def list_runs(
    project: Annotated[str, Query()], actor: ActorDep, session: SessionDep, before: int | None = None, limit: Limit = 50
) -> RunPage:
    """Runs of a project."""
    access = projects.authorise(session, actor, at_least=Role.viewer, slug=project)
    found = runs.page(session, project_id=access.project.id, before=before, limit=limit)
    items = [RunShape.of(session, run, project) for run in found]
    return RunPage(items=items, next=items[-1].id if len(items) == limit else None)


def _run(session: Session, actor: ActorDep, run_id: int, at_least: Role) -> tuple[Run, Access]:
    run = runs.get(session, run_id)
    return run, projects.authorise(session, actor, at_least=at_least, project_id=run.project_id)


@router.get("/runs/{run_id}")
def get_run(run_id: int, actor: ActorDep, session: SessionDep) -> RunShape:
    """One run."""
    run, access = _run(session, actor, run_id, Role.viewer)
    return RunShape.of(session, run, access.project.slug)


@router.post("/runs/{run_id}/cancel")
def cancel_run(run_id: int, actor: ActorDep, session: SessionDep) -> RunShape:
    """Stop a run at its next step; its last checkpoint stays."""
    _, access = _run(session, actor, run_id, Role.admin)
    return RunShape.of(session, runs.cancel(session, access, run_id=run_id), access.project.slug)


@router.post("/runs/{run_id}/resume")
def resume_run(run_id: int, actor: ActorDep, session: SessionDep) -> RunShape:
    """Go on with a failed or cancelled run from its last checkpoint."""
    _, access = _run(session, actor, run_id, Role.admin)
    return RunShape.of(session, runs.resume(session, access, run_id=run_id), access.project.slug)


@router.get("/runs/{run_id}/metrics")
def get_metrics(run_id: int, actor: ActorDep, session: SessionDep, since_step: int = 0) -> MetricsShape:
    """The curves of a run."""
    _run(session, actor, run_id, Role.viewer)
    return MetricsShape(series=runs.metrics(session, run_id=run_id, since_step=since_step))


@router.get("/runs/{run_id}/events")
def list_events(run_id: int, actor: ActorDep, session: SessionDep) -> list[EventShape]:
    """What happened in a run, in order."""
    _run(session, actor, run_id, Role.viewer)
    return [EventShape.model_validate(found) for found in runs.events(session, run_id=run_id)]


@router.get("/runs/{run_id}/samples")
def list_samples(run_id: int, actor: ActorDep, session: SessionDep) -> list[SampleShape]:
    """Answers to the same probe prompts over time."""
    _run(session, actor, run_id, Role.viewer)
    return [
        SampleShape(
            step=sample.step, prompt_id=prompt.id, prompt_text=prompt_text(prompt), text=sample.text,
            scores=sample.scores,
        )
        for sample, prompt in runs.samples(session, run_id=run_id)
    ]  # fmt: skip
