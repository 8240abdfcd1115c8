"""Spans: the places of an answer that a critique's notes point at."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from backend import anchors, contexts
from backend.anchors import Anchor
from backend.errors import MismatchError
from backend.models import CritiqueRevision, Severity

MAX_NOTE = 2_000
MAX_SPANS = 100


class Span(BaseModel):
    """A stretch of the answer's text, what is wrong there and how bad it is; a note may be empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    anchor: Anchor
    note: str = Field("", max_length=MAX_NOTE)
    severity: Severity


def refuse_misplaced(spans: Sequence[Span], answer: str) -> None:
    """Check that every span stands in the answer.

    Raises:
        MismatchError: one does not stand there as its anchor says.
    """
    for place, span in enumerate(spans):
        if not anchors.matches(span.anchor, answer):
            raise MismatchError(
                f"Span {place + 1} does not match the answer's text; mark it again.",
                field=f"draft.spans.{place}.anchor",
            )


def of(revision: CritiqueRevision) -> list[Span]:
    """The spans of a frozen critique."""
    return [Span.model_validate(span) for span in revision.spans]


def as_read(revision: CritiqueRevision) -> str:
    """The critique as a model reads it: its text, then its spans."""
    return read_with(revision.text, of(revision))


def read_with(text: str, spans: Sequence[Span]) -> str:
    """A critique's text and spans as a model reads them."""
    return contexts.with_spans(text, [(span.anchor.quote, span.note) for span in spans])
