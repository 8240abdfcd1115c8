"""Evaluations and comparisons of two."""

from typing import Self

from fastapi import APIRouter
from sqlalchemy.orm import Session

from backend.api.deps import ActorDep, AdminDep, SessionDep, ViewerDep
from backend.api.shapes import Body, CheckpointRef, Limit, Shape, WorkShape, pace, prompt_text
from backend.domain import checkpoints, evaluations, projects
from backend.domain.users import Actor
from backend.errors import InvalidError
from backend.models import Checkpoint, EvalSuite, Evaluation, Role

router = APIRouter(prefix="/api", tags=["evaluations"])


class SuiteRef(Shape):
    """A suite by name and version."""

    id: int
    name: str
    version: int


class SuiteShape(SuiteRef):
    """A suite."""

    prompts: int
    scorers: list[str]


class ScoreShape(Shape):
    """A mean with its 95 % interval."""

    name: str
    mean: float
    low: float
    high: float
    n: int


class EvaluationShape(WorkShape):
    """An evaluation; ``done`` and ``total`` count prompts."""

    suite: SuiteRef
    checkpoint: CheckpointRef
    scores: list[ScoreShape]

    @classmethod
    def of(cls, session: Session, evaluation: Evaluation, suite: EvalSuite, checkpoint: Checkpoint) -> Self:
        """From the rows; scores appear as answers do."""
        rate, left = pace(evaluation)
        found = evaluations.scores(suite, evaluations.answers(session, evaluation_id=evaluation.id))
        return cls(
            id=evaluation.id, suite=SuiteRef.model_validate(suite),
            checkpoint=CheckpointRef.model_validate(checkpoint), state=evaluation.state, done=evaluation.done,
            total=evaluation.total, rate_per_s=rate, seconds_left=left, error=evaluation.error,
            created_at=evaluation.created_at, started_at=evaluation.started_at, finished_at=evaluation.finished_at,
            scores=[
                ScoreShape(name=s.name, mean=s.interval.mean, low=s.interval.low, high=s.interval.high, n=s.n)
                for s in found
            ],
        )  # fmt: skip


class EvaluationBody(Body):
    """Which checkpoint to evaluate on the project's suite."""

    checkpoint_id: int


class DifferenceShape(Shape):
    """Two means and the paired difference ``b - a`` with its 95 % interval."""

    name: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    n: int


class AnswerShape(Shape):
    """An answer with its scores."""

    text: str
    scores: dict[str, float]


class ComparisonRow(Shape):
    """One prompt answered by both."""

    prompt_id: int
    prompt_text: str
    a: AnswerShape
    b: AnswerShape


class ComparisonShape(Shape):
    """Two evaluations side by side."""

    a: EvaluationShape
    b: EvaluationShape
    scores: list[DifferenceShape]
    rows: list[ComparisonRow]


@router.get("/projects/{project}/suites")
def list_suites(access: ViewerDep, session: SessionDep) -> list[SuiteShape]:
    """The suite that evaluations use now."""
    suite = evaluations.current_suite(session, access.project)
    return [
        SuiteShape(
            id=suite.id, name=suite.name, version=suite.version, prompts=len(suite.prompt_ids), scorers=suite.scorers
        )
    ]


@router.post("/projects/{project}/evaluations", status_code=202)
def create_evaluation(body: EvaluationBody, access: AdminDep, session: SessionDep) -> EvaluationShape:
    """Evaluate a published checkpoint; done by worker io."""
    checkpoint = checkpoints.published(session, project_id=access.project.id, checkpoint_id=body.checkpoint_id)
    evaluation = evaluations.create(session, access, checkpoint=checkpoint)
    return EvaluationShape.of(session, *evaluations.get(session, evaluation.id))


@router.get("/projects/{project}/evaluations")
def list_evaluations(access: ViewerDep, session: SessionDep, limit: Limit = 50) -> list[EvaluationShape]:
    """Evaluations, newest first."""
    found = evaluations.of_project(session, project_id=access.project.id, limit=limit)
    return [EvaluationShape.of(session, *row) for row in found]


def _get(
    session: Session, actor: Actor, evaluation_id: int, *, at_least: Role = Role.viewer
) -> tuple[Evaluation, EvalSuite, Checkpoint]:
    row = evaluations.get(session, evaluation_id)
    projects.authorise(session, actor, at_least=at_least, project_id=row[0].project_id)
    return row


@router.get("/evaluations/{evaluation_id}")
def get_evaluation(evaluation_id: int, actor: ActorDep, session: SessionDep) -> EvaluationShape:
    """One evaluation."""
    return EvaluationShape.of(session, *_get(session, actor, evaluation_id))


@router.get("/evaluations/{a}/compare/{b}")
def compare(a: int, b: int, actor: ActorDep, session: SessionDep) -> ComparisonShape:
    """Two evaluations of the same suite, paired by prompt; not for annotators, who compare the same answers blind."""
    first, second = (_get(session, actor, number, at_least=Role.reviewer) for number in (a, b))
    suite = first[1]
    if suite.id != second[1].id:
        raise InvalidError("The two evaluations used different suites; evaluate both on the current one.")
    old = evaluations.answers(session, evaluation_id=a)
    new = {answer.prompt.id: answer for answer in evaluations.answers(session, evaluation_id=b)}
    return ComparisonShape(
        a=EvaluationShape.of(session, *first),
        b=EvaluationShape.of(session, *second),
        scores=[
            DifferenceShape(
                name=d.name, a=d.a, b=d.b, difference=d.interval.mean, low=d.interval.low, high=d.interval.high, n=d.n
            )
            for d in evaluations.differences(suite, old, list(new.values()))
        ],
        rows=[
            ComparisonRow(
                prompt_id=answer.prompt.id,
                prompt_text=prompt_text(answer.prompt),
                a=AnswerShape.model_validate(answer),
                b=AnswerShape.model_validate(new[answer.prompt.id]),
            )
            for answer in old
            if answer.prompt.id in new
        ],
    )
