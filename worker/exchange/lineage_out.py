"""Writes the lineage of a project: section by section, in the order of the rows, streamed."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import CompoundSelect, case, select, union
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from backend.forms import Form
from backend.models import (
    Checkpoint,
    ComparisonSet,
    CritiqueRevision,
    FormVersion,
    GuidelineVersion,
    Project,
    Prompt,
    Rollout,
    RolloutSource,
)  # fmt: skip
from worker.exchange import lineage_critiques_out, lineage_judged_out, numbering
from worker.exchange.lineage_fields import canonical
from worker.exchange.lineage_records import VERSION, ProjectRecord
from worker.exchange.lineage_sql import author_name, moment, stream
from worker.exchange.numbering import CRITIQUES, PROMPTS, ROLLOUTS
from worker.exchange.reading import AT_ONCE, Fields, Query
from worker.exchange.reporting import Progress, in_batches


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
    yield _project(session.get_one(Project, project_id))
    yield from map(_with_all_of_the_form, stream(session, "form", _forms(project_id)))
    yield from stream(session, "guidelines", _guidelines(project_id))
    yield from _checkpoints(session, project_id)
    yield from stream(session, "prompt", _prompts())
    yield from map(_with_floats, stream(session, "rollout", _rollouts()))
    yield from stream(session, "critique", lineage_critiques_out.critiques())
    yield from stream(session, "known-item", lineage_judged_out.known_items())
    yield from lineage_judged_out.comparison_sets(session, project_id)
    yield from stream(session, "rule", lineage_judged_out.rules(project_id))
    yield from lineage_judged_out.snapshots(session, project_id)


def _project(project: Project) -> Fields:
    settings = ProjectRecord.model_fields.keys() - {"kind"}
    return {"kind": "project", **{name: getattr(project, name) for name in settings}}


def _forms(project_id: int) -> Query:
    return (
        select(FormVersion.content, author_name(FormVersion), moment(FormVersion.created_at).label("created_at"))
        .where(FormVersion.project_id == project_id)
        .order_by(FormVersion.number)
    )


def _with_all_of_the_form(record: Fields) -> Fields:
    return {**record, "content": Form.model_validate(record["content"]).model_dump(mode="json")}


def _guidelines(project_id: int) -> Query:
    table = GuidelineVersion
    return (
        select(table.text, author_name(table), moment(table.created_at).label("created_at"))
        .where(table.project_id == project_id)
        .order_by(table.number)
    )


def _checkpoints(session: Session, project_id: int) -> Iterator[Fields]:
    """What wrote the rollouts or is compared, and its line of parents, by hash."""
    sides = (ComparisonSet.checkpoint_a_id, ComparisonSet.checkpoint_b_id)
    used: CompoundSelect[int | None] = union(
        select(Rollout.checkpoint_id).join(ROLLOUTS, ROLLOUTS.c.id == Rollout.id),
        *(select(side).where(ComparisonSet.project_id == project_id) for side in sides),
    )
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
    return stream(session, "checkpoint", query)


def _prompts() -> Query:
    return (
        select(
            Prompt.messages, Prompt.reference, Prompt.details.label("metadata"), Prompt.split, Prompt.tags,
            moment(Prompt.created_at).label("created_at"),
        )
        .join(PROMPTS, PROMPTS.c.id == Prompt.id)
        .order_by(PROMPTS.c.place)
    )  # fmt: skip


def _rollouts() -> Query:
    """Rollouts; one that a run sampled is an answer only, without what the run made of it."""
    parent = ROLLOUTS.alias()
    is_cited = CRITIQUES.c.place.is_not(None) & (Rollout.source != RolloutSource.run)
    return (
        select(
            PROMPTS.c.place.label("prompt"), Checkpoint.sha256.label("checkpoint"), parent.c.place.label("parent"),
            case((is_cited, lineage_critiques_out.cited())).label("revision"), Rollout.turn, Rollout.text,
            Rollout.token_ids, Rollout.logprobs, Rollout.sampling, Rollout.finish_reason, Rollout.state,
            Rollout.source, moment(Rollout.created_at).label("created_at"),
        )
        .join(ROLLOUTS, ROLLOUTS.c.id == Rollout.id)
        .join(PROMPTS, PROMPTS.c.id == Rollout.prompt_id)
        .join(Checkpoint, Checkpoint.id == Rollout.checkpoint_id)
        .outerjoin(parent, parent.c.id == Rollout.parent_id)
        .outerjoin(CritiqueRevision, CritiqueRevision.id == Rollout.critique_revision_id)
        .outerjoin(CRITIQUES, CRITIQUES.c.id == CritiqueRevision.critique_id)
        .order_by(ROLLOUTS.c.place)
    )  # fmt: skip


def _with_floats(record: Fields) -> Fields:
    logprobs = record["logprobs"]
    if not isinstance(logprobs, list):
        raise TypeError("log-probs are a list")
    return {**record, "logprobs": [float(value) for value in logprobs]}
