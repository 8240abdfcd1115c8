"""Finding rollouts, critiques and prompts among very many: one filter, three lists, newest first.

A filter has named fields and nothing else; what a client sends is never a path into the tables. All conditions on
critiques hold of one and the same critique.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from backend.models import (
    AuthorKind,
    Checkpoint,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Prompt,
    Rollout,
    RolloutSearch,
    RolloutSource,
    Severity,
    Split,
)  # fmt: skip

Condition = ColumnElement[bool]
LARGEST = 2**63 - 1
FEW = 2000


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
    tag: str | None = Field(None, min_length=1, max_length=50)
    has_span: bool | None = None
    severity: Severity | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "Filter":
        if (self.metadata_key is None) != (self.metadata_value is None):
            raise ValueError("give both 'metadata_key' and 'metadata_value', or none")
        return self


@dataclass(frozen=True)
class RolloutRow:
    """A line of the list of rollouts; ``critiques`` counts the submitted ones."""

    rollout: Rollout
    prompt: Prompt
    checkpoint: str
    spread: float | None
    critiques: int


@dataclass(frozen=True)
class CritiqueRow:
    """A line of the list of critiques."""

    critique: Critique
    revision: CritiqueRevision | None
    prompt: Prompt
    answer: str


@dataclass(frozen=True)
class PromptRow:
    """A line of the list of prompts, with its number of first attempts."""

    prompt: Prompt
    attempts: int


def rollouts(session: Session, *, project_id: int, wanted: Filter, before: int | None, limit: int) -> list[RolloutRow]:
    """Rollouts that match, newest first, from before an id on."""
    said = _critique_conditions(wanted)
    if said:
        # From the critiques, in the order of their rollouts: the first page is found without reading them all.
        query = _of_critiques(session, select(Critique.rollout_id).distinct(), wanted, said, project_id)
        ids = _page(session, query, Critique.rollout_id, before, limit)
    else:
        query = select(RolloutSearch.rollout_id).where(RolloutSearch.project_id == project_id)
        query = _about(session, query, wanted, project_id, RolloutSearch.rollout_id)
        ids = _page(session, query, RolloutSearch.rollout_id, before, limit)
    submitted = (Critique.rollout_id == Rollout.id) & (Critique.state == CritiqueState.submitted)
    count = select(func.count()).select_from(Critique).where(submitted).scalar_subquery()
    found = (
        select(Rollout, Prompt, Checkpoint.name, RolloutSearch.spread, count)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .join(Checkpoint, Checkpoint.id == Rollout.checkpoint_id)
        .join(RolloutSearch, RolloutSearch.rollout_id == Rollout.id)
        .where(Rollout.id.in_(ids))
        .order_by(Rollout.id.desc())
    )
    return [RolloutRow(*row) for row in session.execute(found)]


def critiques(
    session: Session, *, project_id: int, wanted: Filter, before: int | None, limit: int
) -> list[CritiqueRow]:
    """Critiques that match, newest first, from before an id on."""
    query = _of_critiques(session, select(Critique.id), wanted, _critique_conditions(wanted), project_id)
    ids = _page(session, query, Critique.id, before, limit)
    found = (
        select(Critique, CritiqueRevision, Prompt, Rollout.text)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .outerjoin(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(Critique.id.in_(ids))
        .order_by(Critique.id.desc())
    )
    return [CritiqueRow(*row) for row in session.execute(found)]


def prompts(session: Session, *, project_id: int, wanted: Filter, before: int | None, limit: int) -> list[PromptRow]:
    """Prompts that match, newest first, from before an id on; only words, split, tag and metadata count here."""
    query = select(Prompt.id).where(Prompt.project_id == project_id, *_prompt_conditions(wanted))
    if wanted.words:
        query = query.where(func.prompt_words(Prompt.messages).op("@@")(_question(wanted.words)))
    ids = _page(session, query, Prompt.id, before, limit)
    attempts = select(func.count()).where(Rollout.prompt_id == Prompt.id, Rollout.source == RolloutSource.attempt)
    found = select(Prompt, attempts.scalar_subquery()).where(Prompt.id.in_(ids)).order_by(Prompt.id.desc())
    return [PromptRow(*row) for row in session.execute(found)]


def _page(
    session: Session, query: Select[int], key: InstrumentedAttribute[int], before: int | None, limit: int
) -> Sequence[int]:
    """The ids of one page. Rows are read by id afterwards, so that sorting never carries their texts."""
    if before is not None:
        query = query.where(key < before)
    return session.scalars(query.order_by(key.desc()).limit(limit)).all()


def _of_critiques(
    session: Session, query: Select[int], wanted: Filter, said: list[Condition], project_id: int
) -> Select[int]:
    """Joins to the critiques what the conditions need, and no more; deleted ones are found only by asking for them."""
    query = query.where(Critique.project_id == project_id, *said)
    if wanted.state is None:
        query = query.where(Critique.state != CritiqueState.deleted)
    if _asks_revision(wanted):
        query = query.join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
    if wanted.words or wanted.spread_from is not None:
        query = query.join(RolloutSearch, RolloutSearch.rollout_id == Critique.rollout_id)
    return _about(session, query, wanted, project_id, Critique.rollout_id)


def _of_prompts(session: Session, query: Select[int], about: list[Condition], project_id: int) -> Select[int]:
    """Few prompts are looked up first and begun from; of many, some are met soon whatever one begins from."""
    few = session.scalars(select(Prompt.id).where(Prompt.project_id == project_id, *about).limit(FEW + 1)).all()
    if len(few) <= FEW:
        return query.where(Rollout.prompt_id.in_(few))
    return query.join(Prompt, Prompt.id == Rollout.prompt_id).where(*about)


def _about(
    session: Session, query: Select[int], wanted: Filter, project_id: int, rollout_id: InstrumentedAttribute[int]
) -> Select[int]:
    if wanted.words:
        query = query.where(RolloutSearch.document.op("@@")(_question(wanted.words)))
    if wanted.spread_from is not None:
        query = query.where(RolloutSearch.spread >= wanted.spread_from)
    about = _prompt_conditions(wanted)
    if about or wanted.checkpoint_id is not None or wanted.source is not None:
        query = query.join(Rollout, Rollout.id == rollout_id)
    if about:
        query = _of_prompts(session, query, about, project_id)
    if wanted.checkpoint_id is not None:
        query = query.where(Rollout.checkpoint_id == wanted.checkpoint_id)
    if wanted.source is not None:
        query = query.where(Rollout.source == wanted.source)
    return query


def _question(words: str) -> ColumnElement[object]:
    return func.websearch_to_tsquery("simple", words)


def _prompt_conditions(wanted: Filter) -> list[Condition]:
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


def _asks_revision(wanted: Filter) -> bool:
    asked = (wanted.rating_from, wanted.rating_to, wanted.tag, wanted.has_span, wanted.severity)
    return any(value is not None for value in asked)


def _critique_conditions(wanted: Filter) -> list[Condition]:
    conditions: list[Condition] = []
    if wanted.author_id is not None:
        conditions.append(Critique.author_id == wanted.author_id)
    if wanted.author_kind is not None:
        conditions.append(Critique.author_kind == wanted.author_kind)
    if wanted.state is not None:
        conditions.append(Critique.state == wanted.state)
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
