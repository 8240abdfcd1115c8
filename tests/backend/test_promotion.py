"""Evaluations, the gate, promotion and rollback."""

import pytest
from sqlalchemy.orm import Session

from backend.domain import checkpoints, evaluations
from backend.errors import ConflictError, NotFoundError
from backend.models import (
    Checkpoint,
    CheckpointState,
    Evaluation,
    EvaluationAnswer,
    Project,
    Rollout,
    RolloutSource,
    Run,
    Snapshot,
    Split,
    User,
    WorkState,
)
from tests import factories

N = 20


@pytest.fixture
def project(session: Session) -> Project:
    made = factories.project(session, factories.user(session))
    for number in range(N):
        factories.prompt(session, made, f"What is number {number}?", Split.eval)
    return made


def adapter(session: Session, project: Project, name: str = "demo-run1-step8") -> Checkpoint:
    base = factories.base(session)
    snapshot = Snapshot(project_id=project.id, sha256="0" * 64, size=0)
    session.add(snapshot)
    session.flush()
    run = Run(project_id=project.id, name="r", recipe={}, base_id=base.id, snapshot_id=snapshot.id)
    session.add(run)
    session.flush()
    made = Checkpoint(
        name=name, project_id=project.id, run_id=run.id, parent_id=base.id, path="/x", sha256="1" * 64,
        state=CheckpointState.published, probe_difference=0.01,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def evaluated(session: Session, project: Project, checkpoint: Checkpoint, concise: int, on_topic: int) -> Evaluation:
    """An evaluation in which the first ``concise`` and ``on_topic`` answers score 1."""
    suite = evaluations.current_suite(session, project)
    made = Evaluation(project_id=project.id, suite_id=suite.id, checkpoint_id=checkpoint.id, state=WorkState.succeeded)
    session.add(made)
    session.flush()
    for position, prompt_id in enumerate(suite.prompt_ids):
        rollout = Rollout(
            project_id=project.id, prompt_id=prompt_id, checkpoint_id=checkpoint.id, text="x",
            source=RolloutSource.evaluation,
        )  # fmt: skip
        session.add(rollout)
        session.flush()
        scores = {"concise": float(position < concise), "on_topic": float(position < on_topic)}
        session.add(EvaluationAnswer(evaluation_id=made.id, prompt_id=prompt_id, rollout_id=rollout.id, scores=scores))
    session.flush()
    return made


def promote(session: Session, project: Project, checkpoint: Checkpoint, reason: str = "") -> None:
    owner = session.query(User).filter_by(email="owner@example.org").one()
    evaluations.promote(
        session,
        factories.access(project, owner),
        alias="production",
        checkpoint=checkpoint,
        reason=reason,
        base_model=factories.BASE,
    )


def served(session: Session, project: Project) -> str:
    return checkpoints.resolve(session, project_id=project.id, model="production", base_model=factories.BASE).name


def test_production_means_the_base_model_until_something_is_promoted(session: Session, project: Project) -> None:
    factories.base(session)
    assert served(session, project) == factories.BASE


def test_an_unevaluated_checkpoint_is_not_promoted_without_a_reason(session: Session, project: Project) -> None:
    checkpoint = adapter(session, project)
    with pytest.raises(ConflictError, match="Evaluated: start an evaluation"):
        promote(session, project, checkpoint)
    promote(session, project, checkpoint, reason="a demonstration")
    assert served(session, project) == checkpoint.name


def test_a_better_checkpoint_passes_the_gate(session: Session, project: Project) -> None:
    checkpoint = adapter(session, project)
    evaluated(session, project, factories.base(session), concise=0, on_topic=N)
    evaluated(session, project, checkpoint, concise=16, on_topic=N)
    promote(session, project, checkpoint)
    assert served(session, project) == checkpoint.name


def test_a_checkpoint_that_lost_the_topic_is_stopped_however_concise(session: Session, project: Project) -> None:
    checkpoint = adapter(session, project)
    evaluated(session, project, factories.base(session), concise=0, on_topic=N)
    evaluated(session, project, checkpoint, concise=N, on_topic=8)
    with pytest.raises(ConflictError, match="on_topic not worse") as stopped:
        promote(session, project, checkpoint)
    checks = {check["name"]: check["passed"] for check in stopped.value.details["checks"]}  # type: ignore[attr-defined]
    assert checks["concise not worse"] is True
    assert checks["on_topic not worse"] is False


def test_a_checkpoint_that_failed_its_probe_is_never_promoted_even_with_a_reason(
    session: Session, project: Project
) -> None:
    checkpoint = adapter(session, project)
    checkpoint.state = CheckpointState.failed
    session.flush()
    with pytest.raises(ConflictError):
        promote(session, project, checkpoint, reason="I insist")


def test_rolling_back_needs_no_gate_and_the_history_keeps_every_move(session: Session, project: Project) -> None:
    first = adapter(session, project)
    promote(session, project, first, reason="first")
    promote(session, project, factories.base(session))
    assert served(session, project) == factories.BASE
    promote(session, project, first)
    alias = checkpoints.find_alias(session, project_id=project.id, name="production")
    assert alias is not None
    moves = checkpoints.history(session, alias_id=alias.id)
    assert [(move.version, to.name) for move, to, _ in moves] == [
        (3, first.name), (2, factories.BASE), (1, first.name),
    ]  # fmt: skip


def test_another_projects_checkpoint_cannot_be_named(session: Session, project: Project) -> None:
    theirs = factories.project(session, factories.user(session, "o2@example.org"), "second")
    foreign = adapter(session, theirs, "second-run1-step1")
    with pytest.raises(NotFoundError):
        checkpoints.get(session, project_id=project.id, checkpoint_id=foreign.id)
    with pytest.raises(NotFoundError):
        checkpoints.resolve(session, project_id=project.id, model=foreign.name, base_model=factories.BASE)


def test_a_suite_keeps_its_version_until_its_prompts_change(session: Session, project: Project) -> None:
    first = evaluations.current_suite(session, project)
    assert evaluations.current_suite(session, project).id == first.id
    factories.prompt(session, project, "What is new?", Split.eval)
    assert evaluations.current_suite(session, project).version == first.version + 1
