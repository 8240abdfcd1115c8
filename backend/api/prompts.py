"""Prompts, first attempts and bulk jobs."""

from typing import IO, Annotated, Self

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from backend.api.deps import ActorDep, AdminDep, ReviewerDep, SessionDep, SettingsDep, ViewerDep
from backend.api.shapes import After, Body, Limit, PromptShape, RolloutShape, Shape, WorkShape, pace
from backend.api.uploads import MIB, Upload, UploadDep
from backend.domain import bulk, checkpoints, projects, prompts, rollouts
from backend.domain.bulk import SampleRequest, VerifyRequest
from backend.errors import InvalidError
from backend.models import Job, JobKind, Role, Split
from backend.verifiers import VERIFIERS

router = APIRouter(prefix="/api", tags=["prompts"])
uploads = APIRouter(prefix="/api", tags=["prompts"])

MAX_IMPORT_BYTES = 64 * 2**20


class PromptPage(Shape):
    """Prompts and where to go on."""

    items: list[PromptShape]
    next: int | None


class RolloutPage(Shape):
    """Rollouts and where to go on."""

    items: list[RolloutShape]
    next: int | None


class LineErrorShape(Shape):
    """A line that is not a prompt."""

    line: int
    reason: str


class ImportShape(Shape):
    """What an import did."""

    imported: int
    duplicates: int
    errors: list[LineErrorShape]


class SampleBody(Body):
    """First attempts to sample, from an alias or a checkpoint."""

    split: Split = Split.train
    per_prompt: Annotated[int, Field(ge=1, le=64)] = 1
    alias: str | None = None
    checkpoint_id: int | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=1, le=4096)] = 96
    seed: int = 0


class VerifyBody(Body):
    """A verifier to run over a split; with ``redraft`` it also rates a second attempt under each critique."""

    verifier: str
    split: Split = Split.train
    redraft: bool = True
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    max_tokens: Annotated[int, Field(ge=1, le=4096)] = 96
    seed: int = 0


class JobShape(WorkShape):
    """A bulk job."""

    kind: JobKind
    request: dict[str, object]
    result: dict[str, object]
    cancel_requested: bool

    @classmethod
    def of(cls, job: Job) -> Self:
        """From the row."""
        rate, left = pace(job)
        return cls(
            id=job.id, kind=job.kind, request=job.request, result=job.result, state=job.state, done=job.done,
            total=job.total, rate_per_s=rate, seconds_left=left, error=job.error, created_at=job.created_at,
            started_at=job.started_at, finished_at=job.finished_at, cancel_requested=job.cancel_requested,
        )  # fmt: skip


class VerifierShape(Shape):
    """Code that rates an answer and says why."""

    name: str
    description: str


@router.get("/projects/{project}/prompts")
def list_prompts(
    access: ViewerDep, session: SessionDep, split: Split | None = None, after: After = 0, limit: Limit = 100
) -> PromptPage:
    """Prompts in import order."""
    found = prompts.page(session, project_id=access.project.id, split=split, after=after, limit=limit)
    items = [PromptShape.of(prompt, attempts=a, critiques=c) for prompt, a, c in found]
    return PromptPage(items=items, next=items[-1].id if len(items) == limit else None)


@router.get("/prompts/{prompt_id}")
def get_prompt(prompt_id: int, actor: ActorDep, session: SessionDep) -> PromptShape:
    """One prompt with all its messages."""
    prompt = prompts.get(session, prompt_id)
    projects.authorise(session, actor, at_least=Role.viewer, project_id=prompt.project_id)
    attempts, critiques = prompts.collected(session, prompt_id=prompt.id)
    return PromptShape.of(prompt, attempts=attempts, critiques=critiques)


@uploads.post(
    "/projects/{project}/prompts/import",
    openapi_extra={"requestBody": {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
async def import_prompts(upload: UploadDep, keep_good: bool = False) -> ImportShape:
    """Import JSON lines: ``prompt`` or ``messages``, optional ``reference``, ``metadata``, ``split``."""
    async with upload.spooled(MAX_IMPORT_BYTES, MIB) as file:
        return await run_in_threadpool(_import_lines, upload, file, keep_good)


def _import_lines(upload: Upload, file: IO[bytes], keep_good: bool) -> ImportShape:
    try:
        lines = file.read().decode().splitlines()
    except UnicodeDecodeError as error:
        raise InvalidError(f"The file is not UTF-8 text (byte {error.start}).") from error
    with upload.access() as (session, access):
        found = prompts.import_lines(session, project_id=access.project.id, lines=lines, keep_good=keep_good)
    return ImportShape.model_validate(found)


@router.get("/projects/{project}/rollouts")
def list_rollouts(
    access: ReviewerDep, session: SessionDep, prompt_id: int | None = None, checkpoint_id: int | None = None,
    turn: int | None = None, after: After = 0, limit: Limit = 100,
) -> RolloutPage:  # fmt: skip
    """Rollouts, oldest first; not for annotators, who compare blind and must not know a known item by its twin."""
    found = rollouts.page(
        session, project_id=access.project.id, prompt_id=prompt_id, checkpoint_id=checkpoint_id, turn=turn,
        after=after, limit=limit,
    )  # fmt: skip
    items = [RolloutShape.of(rollout, checkpoint) for rollout, checkpoint in found]
    return RolloutPage(items=items, next=items[-1].id if len(items) == limit else None)


@router.post("/projects/{project}/rollouts/sample", status_code=202)
def sample_rollouts(body: SampleBody, access: AdminDep, session: SessionDep, settings: SettingsDep) -> JobShape:
    """Sample first attempts for every prompt of a split that lacks them; done by worker io."""
    checkpoint = checkpoints.pick(
        session, project_id=access.project.id, alias=body.alias, checkpoint_id=body.checkpoint_id,
        base_model=settings.base_model,
    )  # fmt: skip
    fields = body.model_dump(exclude={"alias", "checkpoint_id"})
    job = bulk.create(session, access, request=SampleRequest(checkpoint_id=checkpoint.id, **fields))
    return JobShape.of(job)


@router.post("/projects/{project}/verifications", status_code=202)
def verify_rollouts(body: VerifyBody, access: AdminDep, session: SessionDep) -> JobShape:
    """Let a verifier critique the first attempts of a split; done by worker io."""
    if body.verifier not in VERIFIERS:
        raise InvalidError(
            f"There is no verifier '{body.verifier}'; there is: {', '.join(VERIFIERS)}.", field="verifier"
        )
    return JobShape.of(bulk.create(session, access, request=VerifyRequest(**body.model_dump())))


@router.get("/verifiers")
def list_verifiers(_actor: ActorDep) -> list[VerifierShape]:
    """The verifiers there are."""
    return [VerifierShape.model_validate(verifier) for verifier in VERIFIERS.values()]


@router.get("/projects/{project}/jobs")
def list_jobs(access: ViewerDep, session: SessionDep, limit: Limit = 20) -> list[JobShape]:
    """Bulk jobs, newest first."""
    return [JobShape.of(job) for job in bulk.of_project(session, project_id=access.project.id, limit=limit)]


@router.get("/jobs/{job_id}")
def get_job(job_id: int, actor: ActorDep, session: SessionDep) -> JobShape:
    """One bulk job."""
    job = bulk.get(session, job_id)
    projects.authorise(session, actor, at_least=Role.viewer, project_id=job.project_id)
    return JobShape.of(job)


@router.post("/jobs/{job_id}/cancel")
def cancel_job(job_id: int, actor: ActorDep, session: SessionDep) -> JobShape:
    """Stop a job; what it has made so far stays."""
    job = bulk.get(session, job_id)
    access = projects.authorise(session, actor, at_least=Role.admin, project_id=job.project_id)
    return JobShape.of(bulk.cancel(session, access, job_id=job_id))
