"""Writes a checked lineage into an empty project, in one transaction.

Ids are taken from the sequences beforehand, so that rows can name one another while they are written in batches.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Integer, column, func, insert, select, update, values
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from backend.domain import assignments, feedback, form_versions, guidelines, spans
from backend.errors import ConflictError, MismatchError
from backend.models import (
    Checkpoint,
    CheckpointState,
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
)  # fmt: skip
from backend.models.base import Base
from worker.exchange import lineage_rows as rows
from worker.exchange.lineage_check import BadLinesError, records
from worker.exchange.lineage_places import Places, draw_ids
from worker.exchange.lineage_records import (
    AnyRecord,
    CheckpointRecord,
    CritiqueRecord,
    ItemRecord,
    ProjectRecord,
    PromptRecord,
    RolloutRecord,
    RuleRecord,
    SnapshotRecord,
)  # fmt: skip
from worker.exchange.reporting import Progress, in_batches

AT_ONCE = 1000
Fields = dict[str, object]
Kind = TypeVar("Kind", bound=AnyRecord)


@dataclass(frozen=True)
class Line:
    """A record with the number of its line."""

    number: int
    record: AnyRecord


def read(session: Session, *, project_id: int, path: Path, progress: Progress) -> int:
    """Write the records into the project; returns their number.

    Raises:
        ConflictError: the project is not empty.
        BadLinesError: a line refers to what is not there, or its content is not what its hashes say.
    """
    _hold_empty(session, project_id)
    reader = _Reader(session, project_id)
    done = 0
    for batch in in_batches(records(path), AT_ONCE):
        for _, lines in groupby(batch, key=lambda line: type(line[1])):
            reader.take([Line(number, record) for number, record in lines])
        done += len(batch)
        progress.done(done)
    reader.finish()
    return done


def _hold_empty(session: Session, project_id: int) -> None:
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))
    for table in (Prompt, Rule, Snapshot):
        if session.scalar(select(table.id).where(table.project_id == project_id).limit(1)) is not None:
            raise ConflictError(
                "A lineage is imported into an empty project, and this one has prompts, rules or snapshots. "
                "Create a new project for it."
            )


class _Reader:
    """Writes record after record; holds what their places have become."""

    def __init__(self, session: Session, project_id: int) -> None:
        self._session = session
        self._project_id = project_id
        self._places = Places()
        self._checkpoints: dict[str, int] = {}
        self._parents: list[tuple[Line, str, str]] = []
        self._snapshots: list[tuple[Line, int]] = []
        self._position = 0
        self._last_rollout = 0

    def take(self, lines: list[Line]) -> None:
        """Write records of one kind, all or none."""
        ways: dict[type, Callable[[list[Line]], None]] = {
            ProjectRecord: self._take_project, CheckpointRecord: self._take_checkpoints,
            PromptRecord: self._take_prompts, RolloutRecord: self._take_rollouts,
            CritiqueRecord: self._take_critiques, RuleRecord: self._take_rules,
            SnapshotRecord: self._take_snapshots, ItemRecord: self._take_items,
        }  # fmt: skip
        way = ways.get(type(lines[0].record))
        if way is None:
            return
        try:
            way(lines)
        except (IntegrityError, DataError) as error:
            reason = str(error.orig).splitlines()[0]
            raise BadLinesError(
                [(lines[0].number, f"one of the {len(lines)} lines from here cannot be stored: {reason}")]
            ) from error

    def finish(self) -> None:
        """Tie what refers forwards, see which answers still wait, and compare the snapshots with their hashes."""
        self._tie_parents()
        assignments.recount(self._session, project=self._session.get_one(Project, self._project_id))
        try:
            for pairs in in_batches(self._places.written_under(), AT_ONCE):
                self._tie_redrafts(pairs)
        except LookupError as error:
            raise BadLinesError([(self._last_rollout, f"at or before it, a rollout's revision: {error}")]) from error
        self._session.flush()
        for line, snapshot_id in self._snapshots:
            self._compare(line, snapshot_id)

    def _take_project(self, lines: list[Line]) -> None:
        record = _of(ProjectRecord, lines[0])
        project = self._session.get_one(Project, self._project_id)
        project.overlap = record.overlap
        guidelines.save(self._session, project=project, text=record.guidelines, user_id=None)
        form_versions.set_scale(
            self._session, project=project, points=record.rating_levels, tags=record.tags, user_id=None
        )

    def _take_checkpoints(self, lines: list[Line]) -> None:
        """A base model of the installation with these weights is taken; everything else is known by its hash only."""
        for line in lines:
            record = _of(CheckpointRecord, line)
            if record.sha256 in self._checkpoints:
                raise BadLinesError([(line.number, "this checkpoint stands in the file twice")])
            known = None if record.parent else self._base(record.sha256)
            self._checkpoints[record.sha256] = known or self._absent(record)
            if record.parent:
                self._parents.append((line, record.sha256, record.parent))

    def _base(self, sha256: str) -> int | None:
        query = select(Checkpoint.id).where(Checkpoint.sha256 == sha256, Checkpoint.project_id.is_(None))
        return self._session.scalar(query.order_by(Checkpoint.id).limit(1))

    def _absent(self, record: CheckpointRecord) -> int:
        checkpoint = Checkpoint(
            name=f"imported-{record.sha256[:16]}-{self._project_id}", project_id=self._project_id, step=record.step,
            path="", sha256=record.sha256, state=CheckpointState.absent,
        )  # fmt: skip
        self._session.add(checkpoint)
        self._session.flush()
        return checkpoint.id

    def _tie_parents(self) -> None:
        for line, child, parent in self._parents:
            if parent not in self._checkpoints:
                raise BadLinesError([(line.number, "parent: there is no checkpoint of this hash in the file")])
            self._session.get_one(Checkpoint, self._checkpoints[child]).parent_id = self._checkpoints[parent]

    def _take_prompts(self, lines: list[Line]) -> None:
        ids = draw_ids(self._session, Prompt, len(lines))
        made = [
            rows.prompt(_of(PromptRecord, line), row_id=row_id, project_id=self._project_id)
            for line, row_id in zip(lines, ids, strict=True)
        ]
        stored = set(self._session.scalars(upsert(Prompt).on_conflict_do_nothing().returning(Prompt.id), made))
        for line, row_id in zip(lines, ids, strict=True):
            if row_id not in stored:
                raise BadLinesError([(line.number, "messages: another prompt has the same ones")])
        self._places.prompts.extend(ids)

    def _take_rollouts(self, lines: list[Line]) -> None:
        made = []
        for line, row_id in zip(lines, draw_ids(self._session, Rollout, len(lines)), strict=True):
            record = _of(RolloutRecord, line)
            made.append(_looked_up(line, lambda: self._rollout(record, row_id)))  # noqa: B023 - called at once
            self._places.add_rollout(row_id, record.revision)
        self._insert(Rollout, made)
        self._last_rollout = lines[-1].number

    def _rollout(self, record: RolloutRecord, row_id: int) -> Fields:
        if record.checkpoint not in self._checkpoints:
            raise LookupError("there is no checkpoint of this hash before this line")
        return rows.rollout(
            record, row_id=row_id, project_id=self._project_id, prompt_id=self._places.prompt(record.prompt),
            checkpoint_id=self._checkpoints[record.checkpoint],
            parent_id=None if record.parent is None else self._places.rollout(record.parent),
        )  # fmt: skip

    def _take_critiques(self, lines: list[Line]) -> None:
        made, revisions, comparisons = [], [], []
        answers = self._answers(lines)
        count = sum(len(_of(CritiqueRecord, line).revisions) for line in lines)
        drawn = iter(draw_ids(self._session, CritiqueRevision, count))
        for line, row_id in zip(lines, draw_ids(self._session, Critique, len(lines)), strict=True):
            record = _of(CritiqueRecord, line)
            place = len(self._places.critiques)
            rollout_id = _looked_up(line, lambda: self._places.rollout(record.rollout))  # noqa: B023 - called at once
            _refuse_unfit(line, record, answers.get(rollout_id, ""))
            made.append(rows.critique(record, row_id=row_id, project_id=self._project_id, rollout_id=rollout_id))
            ids = list(islice(drawn, len(record.revisions)))
            self._places.add_critique(row_id, ids)
            revisions += [
                rows.revision(revision, row_id=ids[index], critique_id=row_id, number=index + 1)
                for index, revision in enumerate(record.revisions)
            ]
            comparisons += [
                rows.comparison(
                    comparison, critique_id=row_id,
                    redraft_id=_looked_up(line, lambda: self._places.redraft(comparison.redraft, critique=place)),  # noqa: B023 - called at once
                )
                for comparison in record.comparisons
            ]  # fmt: skip
        self._insert(Critique, made)
        self._insert(CritiqueRevision, revisions)
        self._insert(Comparison, comparisons)
        self._make_last_current([row["id"] for row in made])

    def _answers(self, lines: list[Line]) -> dict[int, str]:
        """The texts of the answers that spans of these critiques point into."""
        found = [_of(CritiqueRecord, line) for line in lines]
        places = {record.rollout for record in found if any(revision.spans for revision in record.revisions)}
        ids = [self._places.rollouts[place] for place in places if place < len(self._places.rollouts)]
        return dict(self._session.execute(select(Rollout.id, Rollout.text).where(Rollout.id.in_(ids))).all())

    def _make_last_current(self, critique_ids: list[object]) -> None:
        last = (
            select(func.max(CritiqueRevision.id)).where(CritiqueRevision.critique_id == Critique.id).scalar_subquery()
        )
        self._session.execute(
            update(Critique).where(Critique.id.in_(critique_ids)).values(current_revision_id=last),
            execution_options={"synchronize_session": False},
        )

    def _tie_redrafts(self, pairs: Sequence[tuple[int, int]]) -> None:
        found = values(column("rollout_id", Integer), column("revision_id", Integer), name="found").data(list(pairs))
        self._session.execute(
            update(Rollout).where(Rollout.id == found.c.rollout_id).values(critique_revision_id=found.c.revision_id),
            execution_options={"synchronize_session": False},
        )

    def _take_rules(self, lines: list[Line]) -> None:
        for line, row_id in zip(lines, draw_ids(self._session, Rule, len(lines)), strict=True):
            record = _of(RuleRecord, line)
            fields = record.model_dump(exclude={"kind", "edits", "sources"})
            self._insert(Rule, [{**fields, "id": row_id, "project_id": self._project_id}])
            self._insert(RuleEdit, [{**edit.model_dump(), "rule_id": row_id} for edit in record.edits])
            self._insert(RuleCritique, [
                {
                    "rule_id": row_id, "created_at": source.created_at,
                    "critique_revision_id": _looked_up(
                        line, lambda: self._places.revision(source.critique, source.revision)  # noqa: B023 - called at once
                    ),
                }
                for source in record.sources
            ])  # fmt: skip

    def _take_snapshots(self, lines: list[Line]) -> None:
        for line, row_id in zip(lines, draw_ids(self._session, Snapshot, len(lines)), strict=True):
            fields = _of(SnapshotRecord, line).model_dump(exclude={"kind"})
            self._insert(Snapshot, [{**fields, "id": row_id, "project_id": self._project_id}])
            self._snapshots.append((line, row_id))
            self._position = 0

    def _take_items(self, lines: list[Line]) -> None:
        self._insert(SnapshotItem, [_looked_up(line, lambda: self._item(line)) for line in lines])  # noqa: B023 - called at once

    def _item(self, line: Line) -> Fields:
        record = _of(ItemRecord, line)
        self._position += 1
        return {
            "snapshot_id": self._snapshots[-1][1], "position": self._position - 1,
            "critique_revision_id": self._places.revision(record.critique, record.revision),
            "redraft_id": None if record.redraft is None else self._places.rollout(record.redraft),
            "redraft_reward": record.redraft_reward,
        }  # fmt: skip

    def _compare(self, line: Line, snapshot_id: int) -> None:
        items = feedback.load(self._session, snapshot_id=snapshot_id)
        record = _of(SnapshotRecord, line)
        if (len(items), feedback.snapshot_hash(items, record.rules)) != (record.size, record.sha256):
            raise BadLinesError([(line.number, "sha256: the snapshot's items are not what was hashed")])
        self._session.expunge_all()

    def _insert(self, table: type[Base], made: list[Fields]) -> None:
        if made:
            self._session.execute(insert(table), made)


def _of(kind: type[Kind], line: Line) -> Kind:
    if not isinstance(line.record, kind):
        raise TypeError(f"line {line.number} is no {kind.__name__}")
    return line.record


Found = TypeVar("Found")


def _looked_up(line: Line, look: Callable[[], Found]) -> Found:
    try:
        return look()
    except LookupError as error:
        raise BadLinesError([(line.number, str(error.args[0]))]) from error


def _refuse_unfit(line: Line, record: CritiqueRecord, answer: str) -> None:
    if rows.lacks_a_revision(record):
        raise BadLinesError([(line.number, f"revisions: a {record.state} critique has at least one")])
    for revision in record.revisions:
        try:
            spans.refuse_misplaced(revision.spans, answer)
        except MismatchError as error:
            raise BadLinesError([(line.number, error.message)]) from error
