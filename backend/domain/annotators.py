"""What each author of a project does: how much, how fast, how strictly, and what reviewers say of it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.domain.agreement import Author, last_own_revision
from backend.models import AuthorKind, Critique, CritiqueReview, CritiqueRevision, CritiqueState, ReviewState


@dataclass(frozen=True)
class AuthorFigures:
    """Counts of one author. ``median_seconds`` runs from being handed the answer to the first submission.

    ``reviewed`` counts critiques that a reviewer said anything of; ``returned`` those that were ever returned, also if
    they were mended and accepted since.
    """

    author: Author
    submitted: int
    median_seconds: float | None
    rated: int
    mean_rating: float | None
    reviewed: int
    accepted: int
    corrected: int
    returned: int


def figures(session: Session, *, project_id: int) -> list[AuthorFigures]:
    """Every author with a submitted critique, or one that is returned to them; people first, by name."""
    by = (Critique.author_kind, Critique.author_id, Critique.author_name)
    is_submitted = Critique.state == CritiqueState.submitted
    # Code and models take no lease, and their time is not a person's.
    seconds = func.extract("epoch", Critique.first_submitted_at - Critique.created_at)
    timed = is_submitted & (Critique.author_kind == AuthorKind.annotator) & Critique.first_submitted_at.is_not(None)
    query = (
        select(
            *by,
            func.count().filter(is_submitted),
            func.percentile_cont(0.5).within_group(seconds).filter(timed),
            func.count(CritiqueRevision.rating).filter(is_submitted),
            func.avg(CritiqueRevision.rating).filter(is_submitted),
            func.count().filter(_was_reviewed()),
            func.count().filter(Critique.review == ReviewState.accepted),
            func.count().filter(Critique.review == ReviewState.corrected),
            func.count().filter(_was_reviewed(ReviewState.returned)),
        )
        .outerjoin(CritiqueRevision, CritiqueRevision.id == last_own_revision())
        .where(
            Critique.project_id == project_id,
            is_submitted | ((Critique.state == CritiqueState.draft) & (Critique.review == ReviewState.returned)),
        )
        .group_by(*by)
        .order_by(*by[::2])
    )
    return [
        AuthorFigures(Author(kind, name, user_id), *counts) for kind, user_id, name, *counts in session.execute(query)
    ]


def _was_reviewed(*verdicts: ReviewState) -> ColumnElement[bool]:
    query = select(CritiqueReview.id).where(CritiqueReview.critique_id == Critique.id)
    return (query.where(CritiqueReview.verdict.in_(verdicts)) if verdicts else query).correlate(Critique).exists()
