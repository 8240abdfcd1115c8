"""Shapes that several resources share."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from backend.errors import DomainError
from backend.models import Checkpoint, Prompt, Rollout, RolloutSource, RolloutState, Split, WorkState
from backend.models.base import Work


class Body(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class Shape(BaseModel):
    """A response, read from a row where the names agree."""

    model_config = ConfigDict(from_attributes=True)


class ErrorShape(BaseModel):
    """Every error."""

    code: str
    message: str
    details: dict[str, object]


def error_response(error: DomainError) -> JSONResponse:
    """The answer that a refusal becomes."""
    shape = {"code": error.code, "message": error.message, "details": error.details}
    return JSONResponse(shape, status_code=error.status)


Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[int, Query(ge=0)]


class CheckpointRef(Shape):
    """A checkpoint by id and served name."""

    id: int
    name: str


class ChatMessage(Shape):
    """One message of a prompt."""

    role: str
    content: str


class PromptShape(Shape):
    """A prompt."""

    id: int
    messages: list[ChatMessage]
    reference: str | None
    metadata: dict[str, object]
    split: Split
    tags: list[str]
    created_at: datetime
    attempts: int
    critiques: int

    @classmethod
    def of(cls, prompt: Prompt, *, attempts: int = 0, critiques: int = 0) -> Self:
        """From the row and its counts."""
        return cls(
            id=prompt.id,
            messages=[ChatMessage.model_validate(message) for message in prompt.messages],
            reference=prompt.reference,
            metadata=prompt.details,
            split=prompt.split,
            tags=prompt.tags,
            created_at=prompt.created_at,
            attempts=attempts,
            critiques=critiques,
        )


def prompt_text(prompt: Prompt) -> str:
    """The last user message: what the model answers."""
    return str(prompt.messages[-1]["content"])


class RolloutShape(Shape):
    """A rollout, without its token ids and log-probs."""

    id: int
    prompt_id: int
    checkpoint: CheckpointRef
    parent_id: int | None
    critique_revision_id: int | None
    turn: int
    text: str
    token_count: int
    finish_reason: str | None
    state: RolloutState
    source: RolloutSource
    created_at: datetime

    @classmethod
    def of(cls, rollout: Rollout, checkpoint: Checkpoint) -> Self:
        """From the row and the checkpoint that wrote it."""
        return cls(
            id=rollout.id,
            prompt_id=rollout.prompt_id,
            checkpoint=CheckpointRef.model_validate(checkpoint),
            parent_id=rollout.parent_id,
            critique_revision_id=rollout.critique_revision_id,
            turn=rollout.turn,
            text=rollout.text,
            token_count=len(rollout.token_ids),
            finish_reason=rollout.finish_reason,
            state=rollout.state,
            # That an answer is a known item must not be seen by whom it measures.
            source=RolloutSource.attempt if rollout.source == RolloutSource.known else rollout.source,
            created_at=rollout.created_at,
        )


class WorkShape(Shape):
    """Long work with its progress: ``done`` of ``total``, the rate, and the time left by that rate."""

    id: int
    state: WorkState
    done: int
    total: int
    rate_per_s: float | None = None
    seconds_left: float | None = None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def pace(work: Work) -> tuple[float | None, float | None]:
    """Items a second since the start, and seconds left, while the work runs."""
    if work.state != WorkState.running or work.started_at is None or work.heartbeat_at is None or not work.done:
        return None, None
    seconds = max((work.heartbeat_at - work.started_at).total_seconds(), 1e-3)
    rate = work.done / seconds
    return rate, max(0.0, (work.total - work.done) / rate)
