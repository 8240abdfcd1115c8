"""Writes a checked lineage into an empty project, in one transaction.

Ids are taken from the sequences beforehand, so that rows can name one another while they are written in batches.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from sqlalchemy import Integer, column, select, update, values
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from backend.domain import assignments, priorities
from backend.errors import ConflictError
from backend.models import Checkpoint, CheckpointState, Project, Prompt, Rollout, Rule, RuleCritique, RuleEdit, Snapshot
from worker.exchange import lineage_critiques_in, lineage_judged_in, lineage_setup_in
from worker.exchange import lineage_rows as rows
from worker.exchange.lineage_check import BadLinesError, records
from worker.exchange.lineage_judged_records import (
    ComparisonSetRecord,
    ItemRecord,
    KnownItemRecord,
    PairRecord,
    RuleRecord,
    SnapshotRecord,
)  # fmt: skip
from worker.exchange.lineage_places import draw_ids
from worker.exchange.lineage_records import (
    CheckpointRecord,
    CritiqueRecord,
    FormRecord,
    GuidelinesRecord,
    ProjectRecord,
    PromptRecord,
    RolloutRecord,
)  # fmt: skip
from worker.exchange.lineage_target import Fields, Line, Target
from worker.exchange.reporting import Progress, in_batches

AT_ONCE = 1000


def read(session: Session, *, project_id: int, path: Path, progress: Progress) -> int:
    """Write the records into the project; returns their number.

    Raises:
        ConflictError: the project is not empty.
        BadLinesError: a line refers to what is not there, or its content is not what its hashes say.
    """
    reader = _Reader(Target(session, _held_empty(session, project_id)))
    done = 0
    for batch in in_batches(records(path), AT_ONCE):
        for _, lines in groupby(batch, key=lambda line: type(line[1])):
            reader.take([Line(number, record) for number, record in lines])
        done += len(batch)
        progress.done(done)
    reader.finish()
    return done


def _held_empty(session: Session, project_id: int) -> Project:
    """The project, held so that nobody else imports into it."""
    project = session.scalars(select(Project).where(Project.id == project_id).with_for_update(key_share=True)).one()
    for table in (Prompt, Rule, Snapshot):
        if session.scalar(select(table.id).where(table.project_id == project_id).limit(1)) is not None:
            raise ConflictError(
                "A lineage is imported into an empty project, and this one has prompts, rules or snapshots. "
                "Create a new project for it."
            )
    return project


class _Reader:
    """Writes record after record; holds what refers forwards until the end."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._session = target.session
        self._snapshots = lineage_judged_in.Snapshots(target)
        sets = lineage_judged_in.ComparisonSets(target)
        self._parents: list[tuple[Line, str, str]] = []
        self._last_rollout = 0
        self._ways: dict[type, Callable[[list[Line]], None]] = {
            ProjectRecord: lambda lines: lineage_setup_in.take_project(target, lines),
            FormRecord: lambda lines: lineage_setup_in.take_forms(target, lines),
            GuidelinesRecord: lambda lines: lineage_setup_in.take_guidelines(target, lines),
            CheckpointRecord: self._take_checkpoints, PromptRecord: self._take_prompts,
            RolloutRecord: self._take_rollouts,
            CritiqueRecord: lambda lines: lineage_critiques_in.take(target, lines),
            KnownItemRecord: lambda lines: lineage_judged_in.take_known_items(target, lines),
            ComparisonSetRecord: sets.take_sets, PairRecord: sets.take_pairs, RuleRecord: self._take_rules,
            SnapshotRecord: self._snapshots.take_snapshots, ItemRecord: self._snapshots.take_items,
        }  # fmt: skip

    def take(self, lines: list[Line]) -> None:
        """Write records of one kind, all or none."""
        way = self._ways.get(type(lines[0].record))
        if way is None:
            return
        try:
            way(lines)
        except (IntegrityError, DataError) as error:
            reason = str(error.orig).splitlines()[0]
            raise lines[0].bad(f"one of the {len(lines)} lines from here cannot be stored: {reason}") from error

    def finish(self) -> None:
        """Tie what refers forwards, put the queue in order, and compare the snapshots with their hashes."""
        self._tie_parents()
        try:
            for pairs in in_batches(self._target.places.written_under(), AT_ONCE):
                self._tie_redrafts(pairs)
        except LookupError as error:
            raise BadLinesError([(self._last_rollout, f"at or before it, a rollout's revision: {error}")]) from error
        self._session.flush()
        self._order_queue()
        self._snapshots.compare()

    def _order_queue(self) -> None:
        """See which answers still want critiques, and number those by the project's order."""
        assignments.recount(self._session, project=self._target.project)
        last: int | None = 0
        while last is not None:
            last = priorities.write_batch(self._session, project=self._target.project, after=last)

    def _take_checkpoints(self, lines: list[Line]) -> None:
        """A base model of the installation with these weights is taken; everything else is known by its hash only."""
        for line in lines:
            record = line.of(CheckpointRecord)
            if record.sha256 in self._target.checkpoints:
                raise line.bad("this checkpoint stands in the file twice")
            known = None if record.parent else self._base(record.sha256)
            self._target.checkpoints[record.sha256] = known or self._absent(record)
            if record.parent:
                self._parents.append((line, record.sha256, record.parent))

    def _base(self, sha256: str) -> int | None:
        query = select(Checkpoint.id).where(Checkpoint.sha256 == sha256, Checkpoint.project_id.is_(None))
        return self._session.scalar(query.order_by(Checkpoint.id).limit(1))

    def _absent(self, record: CheckpointRecord) -> int:
        project_id = self._target.project.id
        checkpoint = Checkpoint(
            name=f"imported-{record.sha256[:16]}-{project_id}", project_id=project_id, step=record.step, path="",
            sha256=record.sha256, state=CheckpointState.absent,
        )  # fmt: skip
        self._session.add(checkpoint)
        self._session.flush()
        return checkpoint.id

    def _tie_parents(self) -> None:
        checkpoints = self._target.checkpoints
        for line, child, parent in self._parents:
            if parent not in checkpoints:
                raise line.bad("parent: there is no checkpoint of this hash in the file")
            self._session.get_one(Checkpoint, checkpoints[child]).parent_id = checkpoints[parent]

    def _take_prompts(self, lines: list[Line]) -> None:
        ids = draw_ids(self._session, Prompt, len(lines))
        made = [
            rows.prompt(line.of(PromptRecord), row_id=row_id, project_id=self._target.project.id)
            for line, row_id in zip(lines, ids, strict=True)
        ]
        stored = set(self._session.scalars(upsert(Prompt).on_conflict_do_nothing().returning(Prompt.id), made))
        for line, row_id in zip(lines, ids, strict=True):
            if row_id not in stored:
                raise line.bad("messages: another prompt has the same ones")
        self._target.places.prompts.extend(ids)

    def _take_rollouts(self, lines: list[Line]) -> None:
        made = []
        for line, row_id in zip(lines, draw_ids(self._session, Rollout, len(lines)), strict=True):
            record = line.of(RolloutRecord)
            made.append(line.looked_up(lambda: self._rollout(record, row_id)))  # noqa: B023 - called at once
            self._target.places.add_rollout(row_id, prompt=record.prompt, under=record.revision)
        self._target.insert(Rollout, made)
        self._last_rollout = lines[-1].number

    def _rollout(self, record: RolloutRecord, row_id: int) -> Fields:
        places = self._target.places
        return rows.rollout(
            record, row_id=row_id, project_id=self._target.project.id, prompt_id=places.prompt(record.prompt),
            checkpoint_id=self._target.checkpoint(record.checkpoint),
            parent_id=None if record.parent is None else places.rollout(record.parent),
        )  # fmt: skip

    def _tie_redrafts(self, pairs: Sequence[tuple[int, int]]) -> None:
        found = values(column("rollout_id", Integer), column("revision_id", Integer), name="found").data(list(pairs))
        self._session.execute(
            update(Rollout).where(Rollout.id == found.c.rollout_id).values(critique_revision_id=found.c.revision_id),
            execution_options={"synchronize_session": False},
        )

    def _take_rules(self, lines: list[Line]) -> None:
        insert = self._target.insert
        for line, row_id in zip(lines, draw_ids(self._session, Rule, len(lines)), strict=True):
            record = line.of(RuleRecord)
            fields = record.model_dump(exclude={"kind", "edits", "sources"})
            insert(Rule, [{**fields, "id": row_id, "project_id": self._target.project.id}])
            insert(RuleEdit, [{**edit.model_dump(), "rule_id": row_id} for edit in record.edits])
            insert(RuleCritique, line.looked_up(lambda: self._sources(record, row_id)))  # noqa: B023 - called at once

    def _sources(self, record: RuleRecord, rule_id: int) -> list[Fields]:
        return [
            {
                "rule_id": rule_id, "created_at": source.created_at,
                "critique_revision_id": self._target.places.revision(source.critique, source.revision),
            }
            for source in record.sources
        ]  # fmt: skip
