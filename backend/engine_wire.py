"""The engine's answers as they travel: the subset of vLLM's HTTP interface that Redraft reads."""

import json
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ValidationError


class TokenLogProb(BaseModel):
    """The raw log-prob of one token, and its text where the engine says it."""

    logprob: float
    decoded_token: str | None = None


class LogProbs(BaseModel):
    """One entry per generated token."""

    content: list[TokenLogProb] | None = None


class ChatText(BaseModel):
    """A message, or a piece of one."""

    content: str | None = None


class Choice(BaseModel):
    """One answer, or a piece of it in a stream (then ``delta`` is there and ``message`` is not)."""

    message: ChatText | None = None
    delta: ChatText | None = None
    token_ids: list[int] | None = None
    logprobs: LogProbs | None = None
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        """The text of the message or of the piece."""
        part = self.message or self.delta
        return (part.content or "") if part else ""

    @property
    def values(self) -> tuple[float, ...]:
        """The log-prob of each token."""
        entries = self.logprobs.content if self.logprobs else None
        return tuple(entry.logprob for entry in entries or ())


class Problem(BaseModel):
    """What went wrong, in words."""

    message: str


class ErrorAnswer(BaseModel):
    """OpenAI's shape of an error."""

    error: Problem


class ChatAnswer(BaseModel):
    """An answer to a chat request, or one event of its stream."""

    choices: list[Choice] = []
    prompt_token_ids: list[int] | None = None
    error: Problem | None = None


class ScoredChoice(BaseModel):
    """Per prompt token, its log-prob by token id; nothing is known of the first one."""

    prompt_logprobs: list[dict[str, TokenLogProb] | None]


class ScoreAnswer(BaseModel):
    """An answer to a completion that asked for the prompt's log-probs."""

    choices: list[ScoredChoice]


class TokenizeAnswer(BaseModel):
    """Token ids of a rendered chat."""

    tokens: list[int]


class Model(BaseModel):
    """A served name."""

    id: str


class ModelsAnswer(BaseModel):
    """All served names."""

    data: list[Model]


def error_message(body: bytes, status: int) -> str:
    """The engine's own words, or the status when it said nothing readable."""
    try:
        return ErrorAnswer.model_validate_json(body).error.message
    except ValidationError:
        return f"The engine answered {status}."


def sse_events(lines: Iterable[str]) -> Iterator[str]:
    """The data of each server-sent event up to ``[DONE]``.

    >>> list(sse_events(["data: {}", "", "data: [DONE]"]))
    ['{}']
    """
    for line in lines:
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        if line.startswith("data:"):
            yield data


def names_missing_model(status: int, body: bytes) -> bool:
    """Whether a 404 means an unknown model rather than an unknown path: only the former has an error in it."""
    if status != 404:
        return False
    try:
        return isinstance(json.loads(body), dict) and b'"error"' in body
    except ValueError:
        return False
