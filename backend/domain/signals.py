"""What a critique would teach, word by word: how much likelier each token of the attempt is once it has been read."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend import contexts
from backend.domain import critiques, spans
from backend.domain.critiques import Draft
from backend.engine import EngineClient
from backend.errors import InvalidError
from backend.models import Checkpoint, Critique


@dataclass(frozen=True)
class SignalPlan:
    """The attempt, the checkpoint that wrote it, and both contexts it is scored under."""

    checkpoint: Checkpoint
    without: list[contexts.Message]
    under_critique: list[contexts.Message]
    token_ids: list[int]


@dataclass(frozen=True)
class TokenSignal:
    """A token of the attempt with its log-prob without and with the critique in view (natural logarithm)."""

    text: str
    logprob: float
    logprob_under_critique: float

    @property
    def gain(self) -> float:
        """log q - log p: above 0 the critique wants more of it here, below 0 less."""
        return self.logprob_under_critique - self.logprob


def plan(session: Session, *, critique: Critique, draft: Draft) -> SignalPlan:
    """What to score for a critique as it is being written; nothing is stored.

    Raises:
        InvalidError: there is no word of a critique yet.
    """
    prompt, attempt, checkpoint = critiques.subject(session, critique)
    spans.refuse_misplaced(draft.spans, attempt.text)
    said = spans.read_with(draft.text, draft.spans)
    if not said.strip():
        raise InvalidError("Write what is wrong first; the map shows what your critique would teach.", field="text")
    return SignalPlan(
        checkpoint=checkpoint,
        without=contexts.student(prompt.messages),
        under_critique=contexts.redraft(prompt.messages, attempt.text, said),
        token_ids=list(attempt.token_ids),
    )


def measure(engine: EngineClient, wanted: SignalPlan) -> list[TokenSignal]:
    """Score the attempt's own token ids under both contexts.

    Raises:
        EngineUnavailableError: the engine does not answer.
    """
    model = wanted.checkpoint.name
    engine.ensure_adapter(model, wanted.checkpoint.path)
    without, under = (
        engine.scored_tokens(model, engine.tokenize_chat(model, messages), wanted.token_ids)
        for messages in (wanted.without, wanted.under_critique)
    )
    return [
        TokenSignal(before.text, before.logprob, after.logprob) for before, after in zip(without, under, strict=True)
    ]
