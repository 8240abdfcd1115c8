"""Evaluations: a suite applied to a checkpoint, its scores with intervals, comparisons, and the promotion gate."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from backend import intervals
from backend.domain import checkpoints, journal, prompts
from backend.domain.projects import Access
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.intervals import Interval
from backend.jobs import Message, enqueue
from backend.models import (
    Checkpoint,
    CheckpointState,
    EvalSuite,
    Evaluation,
    EvaluationAnswer,
    Project,
    Prompt,
    Rollout,
    Split,
    WorkState,
)  # fmt: skip
from backend.suites import SUITE_NAME, SUITE_SAMPLING, SUITE_SCORERS, suite_hash


@dataclass(frozen=True)
class Score:
    """A scorer's mean over a suite with its 95 % interval."""

    name: str
    interval: Interval
    n: int


@dataclass(frozen=True)
class Difference:
    """Two evaluations of one suite, paired by prompt: the means and b - a with its interval."""

    name: str
    a: float
    b: float
    interval: Interval
    n: int


@dataclass(frozen=True)
class Answer:
    """What one evaluation holds for one prompt."""

    prompt: Prompt
    text: str
    scores: dict[str, float]


@dataclass(frozen=True)
class GateCheck:
    """One line of the promotion checklist."""

    name: str
    passed: bool
    detail: str


def current_suite(session: Session, project: Project) -> EvalSuite:
    """The project's suite: the ``eval`` split with the standard scorers. A change of content makes a new version."""
    ids = prompts.ids_of(session, project_id=project.id, split=Split.eval)
    if not ids:
        raise InvalidError("There are no prompts in the split 'eval'; import some first.", field="suite")
    content = suite_hash(prompt_ids=ids, scorers=SUITE_SCORERS, sampling=SUITE_SAMPLING)
    session.execute(select(Project.id).where(Project.id == project.id).with_for_update(key_share=True))
    newest = session.scalar(
        select(EvalSuite)
        .where(EvalSuite.project_id == project.id, EvalSuite.name == SUITE_NAME)
        .order_by(EvalSuite.version.desc())
        .limit(1)
    )
    if newest is not None and newest.content_hash == content:
        return newest
    suite = EvalSuite(
        project_id=project.id,
        name=SUITE_NAME,
        version=newest.version + 1 if newest else 1,
        content_hash=content,
        prompt_ids=ids,
        scorers=list(SUITE_SCORERS),
        sampling=dict(SUITE_SAMPLING),
    )
    session.add(suite)
    session.flush()
    return suite


def create(session: Session, access: Access, *, checkpoint: Checkpoint) -> Evaluation:
    """Queue an evaluation of a published checkpoint on the current suite."""
    suite = current_suite(session, access.project)
    evaluation = Evaluation(
        project_id=access.project.id,
        suite_id=suite.id,
        checkpoint_id=checkpoint.id,
        created_by=access.user_id,
        total=len(suite.prompt_ids),
    )
    session.add(evaluation)
    session.flush()
    journal.record(
        session, action="evaluation.created", subject=checkpoint.name, user_id=access.user_id,
        project_id=access.project.id,
    )  # fmt: skip
    enqueue(session, Message.evaluation, evaluation.id)
    return evaluation


def get(session: Session, evaluation_id: int) -> tuple[Evaluation, EvalSuite, Checkpoint]:
    """One evaluation with its suite and checkpoint."""
    row = session.execute(_with_names().where(Evaluation.id == evaluation_id)).first()
    if row is None:
        raise NotFoundError(f"There is no evaluation {evaluation_id}.")
    return row[0], row[1], row[2]


def _with_names() -> Select[Evaluation, EvalSuite, Checkpoint]:
    return (
        select(Evaluation, EvalSuite, Checkpoint)
        .join(EvalSuite, EvalSuite.id == Evaluation.suite_id)
        .join(Checkpoint, Checkpoint.id == Evaluation.checkpoint_id)
    )


def of_project(session: Session, *, project_id: int, limit: int) -> list[tuple[Evaluation, EvalSuite, Checkpoint]]:
    """Evaluations of a project, newest first."""
    query = _with_names().where(Evaluation.project_id == project_id).order_by(Evaluation.id.desc()).limit(limit)
    return [(e, s, c) for e, s, c in session.execute(query)]


def answers(session: Session, *, evaluation_id: int) -> list[Answer]:
    """The scored answers of an evaluation in the suite's order."""
    query = (
        select(Prompt, Rollout.text, EvaluationAnswer.scores)
        .join(EvaluationAnswer, EvaluationAnswer.prompt_id == Prompt.id)
        .join(Rollout, Rollout.id == EvaluationAnswer.rollout_id)
        .where(EvaluationAnswer.evaluation_id == evaluation_id, EvaluationAnswer.scores != {})
        .order_by(Prompt.id)
    )
    return [
        Answer(prompt=prompt, text=text, scores={name: float(str(value)) for name, value in scores.items()})
        for prompt, text, scores in session.execute(query)
    ]


def scores(suite: EvalSuite, found: Sequence[Answer]) -> list[Score]:
    """The mean of every scorer with its interval."""
    if not found:
        return []
    return [
        Score(name=name, interval=intervals.mean_interval([a.scores[name] for a in found]), n=len(found))
        for name in suite.scorers
    ]


def differences(suite: EvalSuite, a: Sequence[Answer], b: Sequence[Answer]) -> list[Difference]:
    """``b - a`` for every scorer, paired by prompt."""
    by_prompt = {answer.prompt.id: answer for answer in a}
    pairs = [(by_prompt[answer.prompt.id], answer) for answer in b if answer.prompt.id in by_prompt]
    if not pairs:
        return []
    result = []
    for name in suite.scorers:
        first, second = [x.scores[name] for x, _ in pairs], [y.scores[name] for _, y in pairs]
        interval = intervals.paired_interval(first, second)
        means = (sum(first) / len(first), sum(second) / len(second))
        result.append(Difference(name=name, a=means[0], b=means[1], interval=interval, n=len(pairs)))
    return result


def newest_of(session: Session, *, suite_id: int, checkpoint_id: int) -> Evaluation | None:
    """The newest finished evaluation of a checkpoint on a suite."""
    return session.scalar(
        select(Evaluation)
        .where(
            Evaluation.suite_id == suite_id,
            Evaluation.checkpoint_id == checkpoint_id,
            Evaluation.state == WorkState.succeeded,
        )
        .order_by(Evaluation.id.desc())
        .limit(1)
    )


def gate(session: Session, *, project: Project, checkpoint: Checkpoint, served: Checkpoint) -> list[GateCheck]:
    """What must hold before ``checkpoint`` is served instead of ``served``: served as trained, evaluated, not worse."""
    checks = [
        GateCheck(
            name="Served as trained",
            passed=checkpoint.state == CheckpointState.published,
            detail=_probe_detail(checkpoint),
        )
    ]
    try:
        suite = current_suite(session, project)
    except InvalidError as error:
        return [*checks, GateCheck(name="Evaluated", passed=False, detail=error.message)]
    mine = newest_of(session, suite_id=suite.id, checkpoint_id=checkpoint.id)
    theirs = newest_of(session, suite_id=suite.id, checkpoint_id=served.id)
    for name, found in (("Evaluated", mine), ("Served model evaluated", theirs)):
        which = checkpoint.name if found is mine else served.name
        detail = f"evaluation {found.id}" if found else f"start an evaluation of {which}"
        checks.append(GateCheck(name=name, passed=found is not None, detail=detail))
    if mine is not None and theirs is not None:
        old, new = answers(session, evaluation_id=theirs.id), answers(session, evaluation_id=mine.id)
        checks += [_not_worse(difference) for difference in differences(suite, old, new)]
    return checks


def _probe_detail(checkpoint: Checkpoint) -> str:
    if checkpoint.run_id is None:
        return "a base model"
    if checkpoint.probe_difference is None:
        return f"the checkpoint is {checkpoint.state}"
    return f"mean difference of log-probs to the trainer {checkpoint.probe_difference:.4f} (at most 0.05)"


def _not_worse(difference: Difference) -> GateCheck:
    i = difference.interval
    return GateCheck(
        name=f"{difference.name} not worse",
        passed=i.high >= 0,
        detail=f"{difference.a:.2f} to {difference.b:.2f}, difference {i.mean:+.2f} [{i.low:+.2f}, {i.high:+.2f}], "
        f"n = {difference.n}",
    )


def promote(
    session: Session, access: Access, *, alias: str, checkpoint: Checkpoint, reason: str, base_model: str
) -> None:
    """Move an alias if the gate is green, if it is a rollback, or if an owner or admin gives a reason."""
    existing = checkpoints.find_alias(session, project_id=access.project.id, name=alias)
    if not checkpoints.was_served(session, alias=existing, checkpoint=checkpoint):
        served = served_by(session, project_id=access.project.id, alias=alias, base_model=base_model)
        checks = gate(session, project=access.project, checkpoint=checkpoint, served=served)
        red = [check for check in checks if not check.passed]
        if checkpoint.state != CheckpointState.published or (red and not reason.strip()):
            raise ConflictError(
                "The gate is red: " + "; ".join(f"{c.name}: {c.detail}" for c in red) + ". "
                "Mend it, or give a reason to promote all the same.",
                checks=[{"name": c.name, "passed": c.passed, "detail": c.detail} for c in checks],
            )
    checkpoints.move_alias(session, access, name=alias, checkpoint=checkpoint, reason=reason)


def served_by(session: Session, *, project_id: int, alias: str, base_model: str) -> Checkpoint:
    """What an alias serves now; an alias that was never set serves the base model."""
    existing = checkpoints.find_alias(session, project_id=project_id, name=alias)
    if existing is None:
        return checkpoints.base_of_installation(session, name=base_model)
    return checkpoints.get(session, project_id=project_id, checkpoint_id=existing.checkpoint_id)
