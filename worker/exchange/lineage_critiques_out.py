"""The query for a lineage's critiques, with revisions, reviews and comparisons."""

from sqlalchemy import func, select
from sqlalchemy.sql import ColumnElement

from backend.models import Comparison, Critique, CritiqueReview, CritiqueRevision, Rollout, RolloutSource
from worker.exchange.lineage_sql import gathered, moment, named
from worker.exchange.numbering import CRITIQUES, ROLLOUTS
from worker.exchange.reading import Query


def critiques() -> Query:
    """Critiques in the order of their places."""
    return (
        select(
            ROLLOUTS.c.place.label("rollout"), Critique.author_kind, Critique.author_name, Critique.state,
            Critique.state_before_deletion, Critique.review, Critique.reason, _revisions().label("revisions"),
            _reviews().label("reviews"), _comparisons().label("comparisons"),
            moment(Critique.created_at).label("created_at"), moment(Critique.submitted_at).label("submitted_at"),
            moment(Critique.first_submitted_at).label("first_submitted_at"),
        )
        .join(CRITIQUES, CRITIQUES.c.id == Critique.id)
        .join(ROLLOUTS, ROLLOUTS.c.id == Critique.rollout_id)
        .order_by(CRITIQUES.c.place)
    )  # fmt: skip


def _revisions() -> ColumnElement[list[dict[str, object]]]:
    found = CritiqueRevision
    return (
        gathered(
            found.number,
            text=found.text, rating=found.rating, tags=found.tags, edit=found.edit, spans=found.spans,
            answers=found.answers, form_version=found.form_version, guideline_version=found.guideline_version,
            corrector_name=named(found.corrector_id, found.corrector_name), created_at=moment(found.created_at),
        )
        .where(found.critique_id == Critique.id)
        .correlate(Critique)
        .scalar_subquery()
    )  # fmt: skip


def _reviews() -> ColumnElement[list[dict[str, object]]]:
    return (
        gathered(
            CritiqueReview.id,
            revision=CritiqueRevision.number, verdict=CritiqueReview.verdict, note=CritiqueReview.note,
            reviewer_name=named(CritiqueReview.reviewer_id, CritiqueReview.reviewer_name),
            created_at=moment(CritiqueReview.created_at),
        )
        .select_from(CritiqueReview)
        .join(CritiqueRevision, CritiqueRevision.id == CritiqueReview.revision_id)
        .where(CritiqueReview.critique_id == Critique.id)
        .correlate(Critique)
        .scalar_subquery()
    )  # fmt: skip


def _comparisons() -> ColumnElement[list[dict[str, object]]]:
    """What the author said of redrafts; those of a run are the run's."""
    redraft = ROLLOUTS.alias()
    return (
        gathered(
            redraft.c.place,
            redraft=redraft.c.place, verdict=Comparison.verdict, rating=Comparison.rating,
            created_at=moment(Comparison.created_at),
        )
        .select_from(Comparison)
        .join(redraft, redraft.c.id == Comparison.redraft_id)
        .join(Rollout, Rollout.id == redraft.c.id)
        .where(Comparison.critique_id == Critique.id, Rollout.source != RolloutSource.run)
        .correlate(Critique)
        .scalar_subquery()
    )  # fmt: skip


def cited() -> ColumnElement[list[int] | None]:
    """The critique's place and the number of a revision, where it is in the lineage."""
    return func.json_build_array(CRITIQUES.c.place, CritiqueRevision.number)
