"""What one can look for among everything collected, as named fields, and the conditions that follow from them."""

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import func
from sqlalchemy.sql import ColumnElement

from backend.models import (
    AuthorKind,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Prompt,
    ReviewState,
    RolloutSource,
    Severity,
    Split,
)  # fmt: skip

Condition = ColumnElement[bool]
LARGEST = 2**63 - 1


class Filter(BaseModel):
    """What to look for; everything that is given must hold.

    ``words`` are looked for in prompt, answer and critiques together, as in a web search: "quoted phrases", or, -not.
    Ratings are in [0, 1]; ``spread_from`` is how far people's ratings of one rollout are apart, at least.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str | None = Field(None, max_length=200)
    split: Split | None = None
    prompt_tag: str | None = Field(None, min_length=1, max_length=50)
    metadata_key: str | None = Field(None, min_length=1, max_length=100)
    metadata_value: str | None = Field(None, max_length=200)
    checkpoint_id: int | None = Field(None, ge=1, le=LARGEST)
    source: RolloutSource | None = None
    spread_from: float | None = Field(None, ge=0, le=1)
    rating_from: float | None = Field(None, ge=0, le=1)
    rating_to: float | None = Field(None, ge=0, le=1)
    author_id: int | None = Field(None, ge=1, le=LARGEST)
    author_kind: AuthorKind | None = None
    state: CritiqueState | None = None
    review: ReviewState | None = None
    tag: str | None = Field(None, min_length=1, max_length=50)
    has_span: bool | None = None
    severity: Severity | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "Filter":
        if (self.metadata_key is None) != (self.metadata_value is None):
            raise ValueError("give both 'metadata_key' and 'metadata_value', or none")
        return self


def question(words: str) -> ColumnElement[object]:
    """What people type into a search box, as the database asks it."""
    return func.websearch_to_tsquery("simple", words)


def prompt_conditions(wanted: Filter) -> list[Condition]:
    """What must hold of the prompt, words apart."""
    conditions: list[Condition] = []
    if wanted.split is not None:
        conditions.append(Prompt.split == wanted.split)
    if wanted.prompt_tag is not None:
        conditions.append(Prompt.tags.contains([wanted.prompt_tag]))
    if wanted.metadata_key is not None and wanted.metadata_value is not None:
        conditions.append(_metadata(wanted.metadata_key, wanted.metadata_value))
    return conditions


def _metadata(key: str, value: str) -> Condition:
    """A text, or what reads like a number or a truth value and may be stored as one."""
    condition = Prompt.details.contains({key: value})
    if value in ("true", "false"):
        return condition | Prompt.details.contains({key: value == "true"})
    try:
        return condition | Prompt.details.contains({key: int(value)})
    except ValueError:
        return condition


def finds_few(wanted: Filter) -> bool:
    """Whether an index of words, tags or severities is there to begin from."""
    return bool(wanted.words or wanted.tag or wanted.severity)


def asks_search(wanted: Filter) -> bool:
    """Whether the conditions stand in ``rollout_search``."""
    return bool(wanted.words) or wanted.spread_from is not None


def asks_rollout(wanted: Filter) -> bool:
    """Whether something must hold of the rollout itself."""
    return wanted.checkpoint_id is not None or wanted.source is not None


def asks_revision(wanted: Filter) -> bool:
    """Whether something must hold of what a critique says."""
    asked = (wanted.rating_from, wanted.rating_to, wanted.tag, wanted.has_span, wanted.severity)
    return any(value is not None for value in asked)


def critique_conditions(wanted: Filter) -> list[Condition]:
    """What must hold of one and the same critique."""
    conditions: list[Condition] = []
    if wanted.author_id is not None:
        conditions.append(Critique.author_id == wanted.author_id)
    if wanted.author_kind is not None:
        conditions.append(Critique.author_kind == wanted.author_kind)
    if wanted.state is not None:
        conditions.append(Critique.state == wanted.state)
    if wanted.review is not None:
        conditions.append(Critique.review == wanted.review)
    if wanted.rating_from is not None:
        conditions.append(CritiqueRevision.rating >= wanted.rating_from)
    if wanted.rating_to is not None:
        conditions.append(CritiqueRevision.rating <= wanted.rating_to)
    if wanted.tag is not None:
        conditions.append(CritiqueRevision.tags.contains([wanted.tag]))
    if wanted.has_span is not None:
        conditions.append((CritiqueRevision.spans != []) == wanted.has_span)
    if wanted.severity is not None:
        conditions.append(CritiqueRevision.spans.contains([{"severity": wanted.severity}]))
    return conditions
