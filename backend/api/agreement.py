"""Agreement: how far those who critique the same answers agree, and what each of them does."""

from fastapi import APIRouter

from backend.api.critique_shapes import AuthorShape
from backend.api.deps import ReviewerDep, SessionDep
from backend.api.shapes import Shape
from backend.domain import agreement, annotators

router = APIRouter(prefix="/api", tags=["agreement"])


class FigureShape(Shape):
    """A value over ``n`` answers with its 95 % interval; without a value ``reason`` says why."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None


class PairShape(Shape):
    """Two authors over the answers that both critiqued; precision and recall are of the first against the second."""

    first: AuthorShape
    second: AuthorShape
    answers: int
    percent: FigureShape
    kappa: FigureShape
    tau_b: FigureShape
    span_f1: FigureShape
    precision: FigureShape
    recall: FigureShape


class AuthorFiguresShape(Shape):
    """What one author does; ``median_seconds`` runs from being handed the answer to the first submission."""

    author: AuthorShape
    submitted: int
    median_seconds: float | None
    rated: int
    mean_rating: float | None
    reviewed: int
    accepted: int
    corrected: int
    returned: int


class AgreementShape(Shape):
    """A project's agreement; ``left_out`` counts pairs beyond the most that are computed."""

    alpha_nominal: FigureShape
    alpha_interval: FigureShape
    pairs: list[PairShape]
    left_out: int
    authors: list[AuthorFiguresShape]
    rating_levels: int


@router.get("/projects/{project}/agreement")
def get_agreement(access: ReviewerDep, session: SessionDep) -> AgreementShape:
    """Agreement between authors over the newest 500 answers with several critiques, and figures of each author."""
    found = agreement.of(session, project=access.project)
    return AgreementShape(
        alpha_nominal=FigureShape.model_validate(found.alpha_nominal),
        alpha_interval=FigureShape.model_validate(found.alpha_interval),
        pairs=[PairShape.model_validate(pair) for pair in found.pairs],
        left_out=found.left_out,
        authors=[
            AuthorFiguresShape.model_validate(row) for row in annotators.figures(session, project_id=access.project.id)
        ],
        rating_levels=access.project.rating_levels,
    )
