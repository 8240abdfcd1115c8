"""Comparison sets: made by reviewers, answered blind, read as win rates."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from backend.api.deps import ActorDep, AnnotatorDep, ReviewerDep, SessionDep
from backend.api.shapes import Body, CheckpointRef, Shape, prompt_text
from backend.domain import checkpoints, pairs, projects, win_rates
from backend.domain.pairs import SetRow, Source
from backend.domain.preferences import favour_of_a
from backend.domain.projects import Access
from backend.domain.win_rates import PairResult, Rate, Result
from backend.models import ComparisonSet, Role

router = APIRouter(prefix="/api", tags=["comparisons"])


class ComparisonSetBody(Body):
    """What to compare, by how many people, and whether they learn who wrote which once they have answered."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    source: Annotated[Source, Field(discriminator="kind")]
    overlap: Annotated[int, Field(ge=1, le=20)] = 1
    reveals: bool = False


class OpenBody(Body):
    """Whether pairs of the set are handed out."""

    is_open: bool


class ComparisonSetShape(Shape):
    """A comparison set and how far it is. It does not say whose answers these are: people compare blind."""

    id: int
    name: str
    overlap: int
    reveals: bool
    is_open: bool
    pairs: int
    submitted: int
    mine: int
    left: int

    @classmethod
    def of_row(cls, row: SetRow) -> "ComparisonSetShape":
        """From the row and its counts."""
        made = row.set
        return cls(
            id=made.id, name=made.name, overlap=made.overlap, reveals=made.reveals, is_open=made.is_open,
            pairs=row.pairs, submitted=row.submitted, mine=row.mine, left=row.left,
        )  # fmt: skip


class RateShape(Shape):
    """How often something was preferred, ties counted half, with its 95 % interval over prompts."""

    rate: float
    low: float
    high: float
    n: int
    prompts: int


class GivenShape(Shape):
    """What somebody preferred: ``favour`` from -3 (B much better) to 3 (A much better), and why."""

    author: str
    favour: int
    a_was_left: bool
    text: str


class PairResultShape(Shape):
    """A pair with what people said of it."""

    id: int
    prompt_text: str
    a_text: str
    b_text: str
    given: list[GivenShape]


class StrengthShape(Shape):
    """How many answers said this; ``favour`` from -3 (B much better) to 3 (A much better)."""

    favour: int
    count: int


class ComparisonResultShape(Shape):
    """Who wrote A and B, how often A was preferred, what the place on the screen did, and the pairs with reasons."""

    set: ComparisonSetShape
    a: CheckpointRef | None
    b: CheckpointRef | None
    identical: int
    a_wins: RateShape | None
    a_wins_left: RateShape | None
    a_wins_right: RateShape | None
    left_wins: RateShape | None
    strengths: list[StrengthShape]
    pairs: list[PairResultShape]


@router.post("/projects/{project}/comparison-sets", status_code=201)
def create_comparison_set(body: ComparisonSetBody, access: ReviewerDep, session: SessionDep) -> ComparisonSetShape:
    """Draw pairs of answers for people to compare."""
    made = pairs.create(session, access, name=body.name, source=body.source, overlap=body.overlap, reveals=body.reveals)
    return _shape(session, access, made)


@router.get("/projects/{project}/comparison-sets")
def list_comparison_sets(access: AnnotatorDep, session: SessionDep) -> list[ComparisonSetShape]:
    """Comparison sets, newest first, with what is left for me."""
    rows = pairs.of_project(session, project_id=access.project.id, user_id=access.user_id)
    return [ComparisonSetShape.of_row(row) for row in rows]


@router.patch("/comparison-sets/{set_id}")
def open_or_close_comparison_set(
    set_id: int, body: OpenBody, actor: ActorDep, session: SessionDep
) -> ComparisonSetShape:
    """Hand out the pairs of a set, or no longer."""
    access, made = _reviewed(session, actor, set_id)
    pairs.set_open(session, access, made=made, is_open=body.is_open)
    return _shape(session, access, made)


@router.get("/comparison-sets/{set_id}/result")
def get_comparison_result(set_id: int, actor: ActorDep, session: SessionDep) -> ComparisonResultShape:
    """How often A was preferred to B, and why."""
    access, made = _reviewed(session, actor, set_id)
    found, rows = win_rates.of_set(session, made)
    return ComparisonResultShape(
        set=_shape(session, access, made),
        a=_checkpoint(session, access, made.checkpoint_a_id),
        b=_checkpoint(session, access, made.checkpoint_b_id),
        identical=made.identical,
        **_rates(found),
        strengths=[StrengthShape(favour=favour, count=count) for favour, count in found.strengths.items()],
        pairs=[_pair(row) for row in rows],
    )


def _reviewed(session: Session, actor: ActorDep, set_id: int) -> tuple[Access, ComparisonSet]:
    made = pairs.get(session, set_id)
    return projects.authorise(session, actor, at_least=Role.reviewer, project_id=made.project_id), made


def _shape(session: Session, access: Access, made: ComparisonSet) -> ComparisonSetShape:
    (row,) = pairs.of_project(session, project_id=access.project.id, user_id=access.user_id, set_id=made.id)
    return ComparisonSetShape.of_row(row)


def _checkpoint(session: Session, access: Access, number: int | None) -> CheckpointRef | None:
    if number is None:
        return None
    found = checkpoints.get(session, project_id=access.project.id, checkpoint_id=number)
    return CheckpointRef.model_validate(found)


def _rates(found: Result) -> dict[str, RateShape | None]:
    return {
        "a_wins": _rate(found.a_wins),
        "a_wins_left": _rate(found.a_wins_left),
        "a_wins_right": _rate(found.a_wins_right),
        "left_wins": _rate(found.left_wins),
    }


def _rate(rate: Rate | None) -> RateShape | None:
    if rate is None:
        return None
    i = rate.interval
    return RateShape(rate=i.mean, low=i.low, high=i.high, n=rate.n, prompts=rate.prompts)


def _pair(row: PairResult) -> PairResultShape:
    return PairResultShape(
        id=row.pair.id,
        prompt_text=prompt_text(row.prompt),
        a_text=row.a_text,
        b_text=row.b_text,
        given=[
            GivenShape(
                author=given.author, favour=favour_of_a(given.preference), a_was_left=given.preference.a_is_left,
                text=given.preference.text,
            )
            for given in row.given
        ],
    )  # fmt: skip
