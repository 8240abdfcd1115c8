"""What the shapes are made of: critiques with prompt, attempt and judged redrafts, streamed from the database."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from backend.domain import feedback
from backend.domain.exchange import ExportRequest
from backend.models import (
    Comparison,
    Critique,
    CritiqueRevision,
    Prompt,
    ReviewState,
    Rollout,
    RolloutSource,
    RolloutState,
    Verdict,
)  # fmt: skip
from backend.models.base import Json
from worker.exchange import reading
from worker.exchange.reading import Fields, Query


@dataclass(frozen=True, slots=True)
class JudgedRedraft:
    """A redraft that was judged, with the critique it was written under. ``rating`` is in [0, 1]."""

    text: str
    verdict: Verdict | None
    rating: float | None
    critique: str
    spans: list[Json]


@dataclass(frozen=True, slots=True)
class Criticised:
    """One critique with what it is about; ``redrafts`` are oldest first."""

    prompt: list[dict[str, str]]
    split: str
    attempt: str
    author_kind: str
    author_name: str
    critique: str
    spans: list[Json]
    rating: float | None
    tags: list[str]
    edit: str | None
    redrafts: list[JudgedRedraft]


def count(session: Session, *, project_id: int, request: ExportRequest) -> int:
    """How many critiques the export reads."""
    query = (
        select(func.count())
        .select_from(Critique)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .where(*_asked_for(project_id, request))
    )
    return session.scalar(query) or 0


def stream(session: Session, *, project_id: int, request: ExportRequest) -> Iterator[Criticised]:
    """The critiques asked for, oldest first; memory does not grow with their number."""
    for fields in reading.stream(session, _query(project_id, request)):
        fields["redrafts"] = [_redraft(found) for found in fields["redrafts"] or ()]
        yield Criticised(**_with_float(fields))


def _query(project_id: int, request: ExportRequest) -> Query:
    return (
        select(
            Prompt.messages.label("prompt"), Prompt.split, Rollout.text.label("attempt"), Critique.author_kind,
            Critique.author_name, CritiqueRevision.text.label("critique"), CritiqueRevision.spans,
            CritiqueRevision.rating, CritiqueRevision.tags, CritiqueRevision.edit, _redrafts().label("redrafts"),
        )
        .join(Rollout, Rollout.prompt_id == Prompt.id)
        .join(Critique, Critique.rollout_id == Rollout.id)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(*_asked_for(project_id, request))
        .order_by(Critique.id)
    )  # fmt: skip


def _asked_for(project_id: int, request: ExportRequest) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Critique.project_id == project_id,
        Critique.run_id.is_(None),  # what a run had said of its own samples is the run's
        Critique.current_revision_id.is_not(None),
        Critique.state == request.state,
        Critique.review.in_(feedback.ACCEPTED)
        if request.reviewed == "accepted"
        else Critique.review != ReviewState.returned,
        Rollout.source != RolloutSource.known,
    ]
    if request.split is not None:
        conditions.append(Prompt.split == request.split)
    if request.author_kind is not None:
        conditions.append(Critique.author_kind == request.author_kind)
    if request.since is not None:
        conditions.append(func.coalesce(Critique.submitted_at, Critique.created_at) >= request.since)
    return conditions


def _redrafts() -> ScalarSelect[list[Json] | None]:
    redraft, under = aliased(Rollout), aliased(CritiqueRevision)
    found = func.json_build_object(
        "text", redraft.text, "verdict", Comparison.verdict, "rating", Comparison.rating,
        "critique", under.text, "spans", under.spans,
    )  # fmt: skip
    return (
        select(func.json_agg(aggregate_order_by(found, redraft.id)))
        .select_from(Comparison)
        .join(redraft, redraft.id == Comparison.redraft_id)
        .join(under, under.id == redraft.critique_revision_id)
        .where(
            Comparison.critique_id == Critique.id,
            redraft.state == RolloutState.complete,
            redraft.run_id.is_(None),
            Comparison.verdict.is_not(None) | Comparison.rating.is_not(None),
        )
        .correlate(Critique)
        .scalar_subquery()
    )


def _redraft(found: Fields) -> JudgedRedraft:
    if found["verdict"]:
        found["verdict"] = Verdict(found["verdict"])
    return JudgedRedraft(**_with_float(found))


def _with_float(found: Fields) -> Fields:
    """The same with the rating as a float: PostgreSQL writes a whole one without a point."""
    if found["rating"] is not None:
        found["rating"] = float(found["rating"])
    return found
