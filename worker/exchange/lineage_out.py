"""Writes the lineage of a project: section by section, in the order of the rows, streamed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Select, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by, distinct_on
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement, SQLColumnExpression

from backend.models import (
    Checkpoint,
    Comparison,
    Critique,
    CritiqueRevision,
    Project,
    Prompt,
    Rollout,
    Rule,
    RuleCritique,
    RuleEdit,
    Snapshot,
    SnapshotItem,
    User,
)  # fmt: skip
from worker.exchange import numbering
from worker.exchange.lineage_records import VERSION, canonical
from worker.exchange.numbering import CRITIQUES, PROMPTS, ROLLOUTS
from worker.exchange.reporting import Progress, in_batches
from worker.exchange.source import AT_ONCE

Fields = dict[str, object]


def write(session: Session, *, project_id: int, path: Path, progress: Progress) -> int:
    """Write the file; returns its number of lines. ``session`` must see one moment of the database."""
    progress.total(numbering.number(session, project_id=project_id))
    lines = 0
    with path.open("wb") as file:
        for batch in in_batches(_records(session, project_id), AT_ONCE):
            file.writelines(canonical(record) for record in batch)
            lines += len(batch)
            progress.done(lines)
        file.write(canonical({"kind": "end", "lines": lines + 1}))
    progress.total(lines + 1)
    progress.done(lines + 1)
    return lines + 1


def _records(session: Session, project_id: int) -> Iterator[Fields]:
    yield {"kind": "redraft-lineage", "version": VERSION}
    project = session.get_one(Project, project_id)
    yield {
        "kind": "project", "guidelines": project.guidelines, "overlap": project.overlap,
        "rating_levels": project.rating_levels, "tags": project.tags,
    }  # fmt: skip
    yield from _checkpoints(session)
    yield from _stream(session, "prompt", _prompts())
    yield from map(_with_floats, _stream(session, "rollout", _rollouts()))
    yield from _stream(session, "critique", _critiques())
    yield from _stream(session, "rule", _rules(project_id))
    yield from _snapshots(session, project_id)


def _stream(session: Session, kind: str, query: Select[*tuple[Any, ...]]) -> Iterator[Fields]:
    for row in session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield {"kind": kind, **row._mapping}  # noqa: SLF001 - SQLAlchemy's public name for a row's columns


def moment(column: object) -> ColumnElement[str]:
    """A moment as text in UTC to the microsecond."""
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def _checkpoints(session: Session) -> Iterator[Fields]:
    """What wrote the rollouts, and its line of parents, by hash."""
    used = select(Rollout.checkpoint_id).join(ROLLOUTS, ROLLOUTS.c.id == Rollout.id).distinct()
    line = select(Checkpoint.id, Checkpoint.parent_id).where(Checkpoint.id.in_(used)).cte(recursive=True)
    line = line.union(select(Checkpoint.id, Checkpoint.parent_id).join(line, line.c.parent_id == Checkpoint.id))
    parent = aliased(Checkpoint)
    query = (
        select(Checkpoint.sha256, parent.sha256.label("parent"), Checkpoint.step)
        .ext(distinct_on(Checkpoint.sha256))
        .outerjoin(parent, parent.id == Checkpoint.parent_id)
        .where(Checkpoint.id.in_(select(line.c.id)))
        .order_by(Checkpoint.sha256, Checkpoint.id)
    )
    return _stream(session, "checkpoint", query)


def _prompts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Prompt.messages, Prompt.reference, Prompt.details.label("metadata"), Prompt.split,
            moment(Prompt.created_at).label("created_at"),
        )
        .join(PROMPTS, PROMPTS.c.id == Prompt.id)
        .order_by(PROMPTS.c.place)
    )  # fmt: skip


def _rollouts() -> Select[*tuple[Any, ...]]:
    parent = ROLLOUTS.alias()
    return (
        select(
            PROMPTS.c.place.label("prompt"), Checkpoint.sha256.label("checkpoint"), parent.c.place.label("parent"),
            _cited().label("revision"), Rollout.turn, Rollout.text, Rollout.token_ids,
            Rollout.logprobs, Rollout.sampling, Rollout.finish_reason, Rollout.state, Rollout.source,
            moment(Rollout.created_at).label("created_at"),
        )
        .join(ROLLOUTS, ROLLOUTS.c.id == Rollout.id)
        .join(PROMPTS, PROMPTS.c.id == Rollout.prompt_id)
        .join(Checkpoint, Checkpoint.id == Rollout.checkpoint_id)
        .outerjoin(parent, parent.c.id == Rollout.parent_id)
        .outerjoin(CritiqueRevision, CritiqueRevision.id == Rollout.critique_revision_id)
        .outerjoin(CRITIQUES, CRITIQUES.c.id == CritiqueRevision.critique_id)
        .order_by(ROLLOUTS.c.place)
    )  # fmt: skip


def _cited() -> ColumnElement[list[int] | None]:
    pair: ColumnElement[list[int]] = func.json_build_array(CRITIQUES.c.place, CritiqueRevision.number)
    return case((CRITIQUES.c.place.is_not(None), pair))


def _with_floats(record: Fields) -> Fields:
    logprobs = record["logprobs"]
    if not isinstance(logprobs, list):
        raise TypeError("log-probs are a list")
    return {**record, "logprobs": [float(value) for value in logprobs]}


def _critiques() -> Select[*tuple[Any, ...]]:
    revisions = (
        _gathered(
            CritiqueRevision.number,
            text=CritiqueRevision.text, rating=CritiqueRevision.rating, tags=CritiqueRevision.tags,
            edit=CritiqueRevision.edit, spans=CritiqueRevision.spans, created_at=moment(CritiqueRevision.created_at),
        )
        .where(CritiqueRevision.critique_id == Critique.id)
        .correlate(Critique)
        .scalar_subquery()
    )  # fmt: skip
    redraft = ROLLOUTS.alias()
    comparisons = (
        _gathered(
            redraft.c.place,
            redraft=redraft.c.place, verdict=Comparison.verdict, rating=Comparison.rating,
            created_at=moment(Comparison.created_at),
        )
        .select_from(Comparison)
        .join(redraft, redraft.c.id == Comparison.redraft_id)
        .where(Comparison.critique_id == Critique.id)
        .correlate(Critique)
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(
            ROLLOUTS.c.place.label("rollout"), Critique.author_kind, Critique.author_name, Critique.state,
            Critique.reason, revisions.label("revisions"), comparisons.label("comparisons"),
            moment(Critique.created_at).label("created_at"), moment(Critique.submitted_at).label("submitted_at"),
        )
        .join(CRITIQUES, CRITIQUES.c.id == Critique.id)
        .join(ROLLOUTS, ROLLOUTS.c.id == Critique.rollout_id)
        .order_by(CRITIQUES.c.place)
    )  # fmt: skip


def _gathered(order: SQLColumnExpression[int], **fields: object) -> Select[list[Fields]]:
    """A subquery's rows as one JSON list, in order."""
    record = func.json_build_object(*[part for field in fields.items() for part in field])
    return select(func.coalesce(func.json_agg(aggregate_order_by(record, order)), cast([], JSON)))


def _rules(project_id: int) -> Select[*tuple[Any, ...]]:
    editor = aliased(User)
    edits = (
        _gathered(
            RuleEdit.id,
            author_name=func.coalesce(editor.name, RuleEdit.author_name), text_before=RuleEdit.text_before,
            created_at=moment(RuleEdit.created_at),
        )
        .select_from(RuleEdit)
        .outerjoin(editor, editor.id == RuleEdit.author_id)
        .where(RuleEdit.rule_id == Rule.id)
        .correlate(Rule)
        .scalar_subquery()
    )  # fmt: skip
    sources = (
        _gathered(
            RuleCritique.id,
            critique=CRITIQUES.c.place, revision=CritiqueRevision.number, created_at=moment(RuleCritique.created_at),
        )
        .select_from(RuleCritique)
        .join(CritiqueRevision, CritiqueRevision.id == RuleCritique.critique_revision_id)
        .join(CRITIQUES, CRITIQUES.c.id == CritiqueRevision.critique_id)
        .where(RuleCritique.rule_id == Rule.id)
        .correlate(Rule)
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(
            Rule.text, Rule.state, Rule.position, func.coalesce(User.name, Rule.author_name).label("author_name"),
            edits.label("edits"), sources.label("sources"), moment(Rule.created_at).label("created_at"),
        )
        .outerjoin(User, User.id == Rule.author_id)
        .where(Rule.project_id == project_id)
        .order_by(Rule.id)
    )  # fmt: skip


def _snapshots(session: Session, project_id: int) -> Iterator[Fields]:
    query = select(Snapshot).where(Snapshot.project_id == project_id).order_by(Snapshot.id)
    moments = select(Snapshot.id, moment(Snapshot.created_at)).where(Snapshot.project_id == project_id)
    created = dict(session.execute(moments).all())
    for snapshot in session.scalars(query).all():
        yield {
            "kind": "snapshot", "sha256": snapshot.sha256, "size": snapshot.size, "rules": snapshot.rules,
            "created_at": created[snapshot.id],
        }  # fmt: skip
        yield from _stream(session, "item", _items(snapshot.id))


def _items(snapshot_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CRITIQUES.c.place.label("critique"), CritiqueRevision.number.label("revision"),
            ROLLOUTS.c.place.label("redraft"), SnapshotItem.redraft_reward,
        )
        .join(CritiqueRevision, CritiqueRevision.id == SnapshotItem.critique_revision_id)
        .join(CRITIQUES, CRITIQUES.c.id == CritiqueRevision.critique_id)
        .outerjoin(ROLLOUTS, ROLLOUTS.c.id == SnapshotItem.redraft_id)
        .where(SnapshotItem.snapshot_id == snapshot_id)
        .order_by(SnapshotItem.position)
    )  # fmt: skip
