"""Streaming a redraft from the engine to the browser, and keeping it however the stream ends."""

import json
from collections.abc import Generator
from dataclasses import dataclass, field

from backend.api.shapes import RolloutShape
from backend.database import Sessions, transaction
from backend.domain import rollouts
from backend.domain.rollouts import RedraftPlan
from backend.engine import Delta, EngineClient, Generated
from backend.errors import DomainError
from backend.models import RolloutState


@dataclass
class _Transcript:
    """What has been streamed so far."""

    text: str = ""
    token_ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish_reason: str | None = None

    def add(self, delta: Delta) -> None:
        self.text += delta.text
        self.token_ids += delta.token_ids
        self.logprobs += delta.logprobs
        self.finish_reason = delta.finish_reason or self.finish_reason

    def whole(self) -> Generated:
        return Generated(
            text=self.text,
            token_ids=tuple(self.token_ids),
            logprobs=tuple(self.logprobs),
            finish_reason=self.finish_reason or "abort",
            prompt_token_ids=(),
        )


def event(name: str, data: dict[str, object]) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def stream(sessions: Sessions, engine: EngineClient, plan: RedraftPlan) -> Generator[str, None, None]:
    """Events ``start``, ``delta`` ..., then ``done`` or ``error``. What was streamed is kept in every case.

    Raises:
        EngineUnavailableError: before the first event, when the engine does not answer at all.
    """
    kept = _Transcript()
    state = RolloutState.cancelled  # what it stays if the reader leaves
    started = False
    try:
        engine.ensure_adapter(plan.checkpoint.name, plan.checkpoint.path)
        for delta in engine.chat_stream(plan.checkpoint.name, plan.messages, plan.sampling):
            if not started:
                started = True
                yield event("start", _start(plan))
            kept.add(delta)
            if delta.text:
                yield event("delta", {"text": delta.text})
        state = RolloutState.complete
    except DomainError as error:
        state = RolloutState.failed
        if not started:
            raise
        yield event("error", {"code": error.code, "message": error.message})
    finally:
        with transaction(sessions) as session:
            rollout = rollouts.end_redraft(session, rollout_id=plan.rollout_id, generated=kept.whole(), state=state)
            shape = RolloutShape.of(rollout, plan.checkpoint)
    if state == RolloutState.complete:
        yield event("done", {"rollout": shape.model_dump(mode="json")})


def _start(plan: RedraftPlan) -> dict[str, object]:
    return {"rollout_id": plan.rollout_id, "revision_id": plan.revision_id, "version": plan.draft_version}
