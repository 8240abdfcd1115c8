"""A model proposes a rule from critiques: streamed to whoever asked, who changes it and saves it, or does not."""

from collections.abc import Generator
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints

from backend import judge_contexts
from backend.api.deps import EngineDep, JudgeEndpointDep, ReviewerDep, SessionsDep, SettingsDep
from backend.api.judgements import picked
from backend.api.redrafts import event
from backend.api.shapes import Body
from backend.api.streaming import respond
from backend.database import transaction
from backend.domain import rule_proposals
from backend.domain.filters import LARGEST
from backend.domain.judges import Judge
from backend.domain.rule_sources import NEWEST_CRITIQUES
from backend.domain.rules import MAX_TEXT
from backend.engine import EngineClient, Message, Sampling
from backend.errors import DomainError

router = APIRouter(prefix="/api", tags=["rules"])

Number = Annotated[int, Field(ge=1, le=LARGEST)]
GREEDY = Sampling(temperature=0.0, max_tokens=96)


class ProposalBody(Body):
    """The critiques that a rule shall make needless, and the judge that shall propose it; None for the first."""

    critique_ids: Annotated[list[Number], Field(min_length=1, max_length=NEWEST_CRITIQUES)]
    judge: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None


@router.post("/projects/{project}/rules/proposals", response_class=StreamingResponse)
def propose_rule(
    body: ProposalBody, access: ReviewerDep, sessions: SessionsDep, settings: SettingsDep, engine: EngineDep,
    endpoint: JudgeEndpointDep,
) -> StreamingResponse:  # fmt: skip
    """Stream one sentence of house style (server-sent events); it is written down nowhere but in the journal."""
    with transaction(sessions) as session:
        judge = picked(session, access, settings, body.judge)
        messages = rule_proposals.messages(session, access, judge=judge, critique_ids=body.critique_ids)
    client = engine if endpoint is None or judge.checkpoint is not None else endpoint
    return respond(_stream(client, judge, messages))


def _stream(client: EngineClient, judge: Judge, messages: list[Message]) -> Generator[str, None, None]:
    """Events ``delta`` ..., then ``done`` with the sentence as it may stand, or ``error``.

    Raises:
        EngineUnavailableError: before the first event, when the model does not answer at all.
    """
    said = ""
    try:
        if judge.checkpoint is not None:
            client.ensure_adapter(judge.checkpoint.name, judge.checkpoint.path)
        for delta in client.chat_stream(judge.model, messages, GREEDY):
            if delta.text:
                said += delta.text
                yield event("delta", {"text": delta.text})
    except DomainError as error:
        if not said:
            raise
        yield event("error", {"code": error.code, "message": error.message})
    else:
        text = judge_contexts.proposed_sentence(said, most=MAX_TEXT)
        yield event("done", {"text": text, "judge": judge.signature})
