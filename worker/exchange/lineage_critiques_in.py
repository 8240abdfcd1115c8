"""Critiques from a lineage, with their revisions, reviews and comparisons."""

from itertools import islice

from sqlalchemy import func, select, update

from backend.models import Comparison, Critique, CritiqueReview, CritiqueRevision
from backend.models.base import Base
from worker.exchange import lineage_rows as rows
from worker.exchange.lineage_places import draw_ids
from worker.exchange.lineage_records import ComparisonRecord, CritiqueRecord, RevisionRecord
from worker.exchange.lineage_target import Answer, Fields, Line, Target


def take(target: Target, lines: list[Line]) -> None:
    """Write critiques; the last revision of each becomes the one that counts."""
    records = [line.of(CritiqueRecord) for line in lines]
    answers = target.answers({record.rollout for record in records if any(found.spans for found in record.revisions)})
    drawn = iter(draw_ids(target.session, CritiqueRevision, sum(len(record.revisions) for record in records)))
    made: dict[type[Base], list[Fields]] = {Critique: [], CritiqueRevision: [], CritiqueReview: [], Comparison: []}
    for line, row_id in zip(lines, draw_ids(target.session, Critique, len(lines)), strict=True):
        ids = list(islice(drawn, len(line.of(CritiqueRecord).revisions)))
        for table, found in _rows(target, line, row_id, ids, answers).items():
            made[table] += found
    for table, found in made.items():
        target.insert(table, found)
    _make_last_current(target, [row["id"] for row in made[Critique]])


def _rows(
    target: Target, line: Line, row_id: int, revisions: list[int], answers: dict[int, Answer]
) -> dict[type[Base], list[Fields]]:
    """The rows of one critique by table; ``revisions`` are the ids of its revisions."""
    record = line.of(CritiqueRecord)
    place = len(target.places.critiques)
    rollout_id = line.looked_up(lambda: target.places.rollout(record.rollout))
    answer = answers.get(rollout_id)
    line.refuse_misplaced((found.spans for found in record.revisions), answer.text if answer else "")
    _refuse_unknown_versions(target, line, record.revisions)
    target.places.add_critique(row_id, revisions)
    return {
        Critique: [rows.critique(record, row_id=row_id, project_id=target.project.id, rollout_id=rollout_id)],
        CritiqueRevision: [
            rows.revision(found, row_id=revisions[index], critique_id=row_id, number=index + 1)
            for index, found in enumerate(record.revisions)
        ],
        CritiqueReview: [
            rows.review(found, critique_id=row_id, revision_id=revisions[found.revision - 1])
            for found in record.reviews
        ],
        Comparison: [_comparison(target, line, found, place, row_id) for found in record.comparisons],
    }


def _comparison(target: Target, line: Line, record: ComparisonRecord, place: int, critique_id: int) -> Fields:
    redraft_id = line.looked_up(lambda: target.places.redraft(record.redraft, critique=place))
    return rows.comparison(record, critique_id=critique_id, redraft_id=redraft_id)


def _refuse_unknown_versions(target: Target, line: Line, revisions: list[RevisionRecord]) -> None:
    questions = {question.key for form in target.forms for question in form.questions}
    for revision in revisions:
        if (revision.form_version or 0) > len(target.forms):
            raise line.bad(f"form_version: there is no version {revision.form_version} of the form")
        if (revision.guideline_version or 0) > target.guidelines:
            raise line.bad(f"guideline_version: there is no version {revision.guideline_version} of the guidelines")
        if unknown := sorted(revision.answers.keys() - questions):
            raise line.bad(f"answers: no form has a question '{unknown[0]}'")


def _make_last_current(target: Target, critique_ids: list[object]) -> None:
    last = select(func.max(CritiqueRevision.id)).where(CritiqueRevision.critique_id == Critique.id).scalar_subquery()
    target.session.execute(
        update(Critique).where(Critique.id.in_(critique_ids)).values(current_revision_id=last),
        execution_options={"synchronize_session": False},
    )
