"""Bulk jobs and evaluations over a real database, with an engine that has no model."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.database import Sessions, transaction
from backend.domain import bulk, bulk_changes, claims, evaluations, feedback
from backend.domain.bulk import SampleRequest, VerifyRequest
from backend.domain.claims import Claim
from backend.engine import EngineClient
from backend.models import (
    AuthorKind,
    BulkChange,
    ChangeKind,
    Checkpoint,
    CheckpointState,
    Critique,
    CritiqueState,
    Evaluation,
    EvaluationAnswer,
    Job,
    Project,
    Prompt,
    Rollout,
    RolloutSource,
    Split,
)
from tests import factories
from tests.fakes import FakeEngine
from worker import bulk as bulk_worker
from worker import publishing
from worker.evaluation import evaluate
from worker.parallel import CancelledError
from worker.publishing import ProbeAnswer

QUESTIONS = [f"What is thing number {number}?" for number in range(6)]


@pytest.fixture
def project_id(committed: Sessions) -> int:
    with transaction(committed) as session:
        project = factories.project(session, factories.user(session))
        factories.base(session)
        for question in QUESTIONS:
            factories.prompt(session, project, question)
            factories.prompt(session, project, f"Held out: {question}", Split.eval)
        return project.id


@pytest.fixture
def client(engine: FakeEngine) -> EngineClient:
    return EngineClient(engine.url, None)


def queued(sessions: Sessions, project_id: int, request: SampleRequest | VerifyRequest) -> Claim:
    with transaction(sessions) as session:
        project = session.get_one(Project, project_id)
        owner = factories.access(project, session.query(factories.User).first())
        job = bulk.create(session, owner, request=request)
        session.info.pop("outbox")
        claimed = claims.claim(session, Job, job.id)
        assert claimed is not None
        return claimed


def base_id(sessions: Sessions) -> int:
    with transaction(sessions) as session:
        return factories.base(session).id


def attempts(sessions: Sessions) -> list[Rollout]:
    with transaction(sessions) as session:
        return list(session.scalars(select(Rollout).where(Rollout.source == RolloutSource.attempt)))


def test_sampling_stores_what_exact_training_needs_and_twice_changes_nothing(
    committed: Sessions, project_id: int, client: EngineClient
) -> None:
    request = SampleRequest(checkpoint_id=base_id(committed))
    bulk_worker.sample(committed, client, queued(committed, project_id, request))
    found = attempts(committed)
    assert len(found) == len(QUESTIONS)
    for rollout in found:
        assert len(rollout.token_ids) == len(rollout.logprobs) > 0
        assert rollout.sampling["temperature"] == 1.0
        assert "seed" in rollout.sampling
    bulk_worker.sample(committed, client, queued(committed, project_id, request))
    assert len(attempts(committed)) == len(QUESTIONS)


def test_a_job_that_is_cancelled_stops_and_keeps_what_is_done(
    committed: Sessions, project_id: int, client: EngineClient
) -> None:
    claimed = queued(committed, project_id, SampleRequest(checkpoint_id=base_id(committed)))
    with transaction(committed) as session:
        claims.request_cancel(session, Job, claimed.row_id)
    with pytest.raises(CancelledError):
        bulk_worker.sample(committed, client, claimed)
    assert 1 <= len(attempts(committed)) < len(QUESTIONS)


def test_verifying_critiques_every_attempt_and_rates_a_redraft_under_each(
    committed: Sessions, project_id: int, client: EngineClient
) -> None:
    request = SampleRequest(checkpoint_id=base_id(committed))
    bulk_worker.sample(committed, client, queued(committed, project_id, request))
    bulk_worker.verify(committed, client, queued(committed, project_id, VerifyRequest(verifier="concise")))
    with transaction(committed) as session:
        items = feedback.usable(session, project_id=project_id, kinds=[AuthorKind.verifier])
    assert len(items) == len(QUESTIONS)
    assert all(item.redraft is not None and item.redraft_reward in (0.0, 1.0) for item in items)
    assert all(item.redraft and item.redraft.parent_id == item.attempt.id for item in items)
    bulk_worker.verify(committed, client, queued(committed, project_id, VerifyRequest(verifier="concise")))
    with transaction(committed) as session:
        assert len(feedback.usable(session, project_id=project_id, kinds=[AuthorKind.verifier])) == len(QUESTIONS)


def test_an_undone_verification_writes_no_more_and_what_it_wrote_is_discarded(
    committed: Sessions, project_id: int, client: EngineClient
) -> None:
    request = SampleRequest(checkpoint_id=base_id(committed))
    bulk_worker.sample(committed, client, queued(committed, project_id, request))
    with transaction(committed) as session:
        access = factories.access(session.get_one(Project, project_id), session.query(factories.User).first())
        ids = [attempt.id for attempt in attempts(committed)][1:4]
        asked = bulk_changes.apply(session, access, kind=ChangeKind.verify, ids=ids, value="concise")
        session.info.pop("outbox")
        change_id, claimed = asked.change.id, claims.claim(session, Job, asked.job.id if asked.job else 0)
    assert claimed is not None
    bulk_worker.verify(committed, client, claimed)
    with transaction(committed) as session:
        assert sorted(session.scalars(select(Critique.rollout_id))) == sorted(ids)
        undone = bulk_changes.undo(session, access, session.get_one(BulkChange, change_id))
        assert undone.changed == len(ids)
    with pytest.raises(CancelledError):
        bulk_worker.verify(committed, client, claimed)
    with transaction(committed) as session:
        assert set(session.scalars(select(Critique.state))) == {CritiqueState.discarded}


def test_a_change_of_very_many_things_is_made_batch_by_batch(
    committed: Sessions, project_id: int, client: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_changes, "AT_ONCE", 1)
    monkeypatch.setattr(bulk_changes, "BATCH", 2)
    with transaction(committed) as session:
        access = factories.access(session.get_one(Project, project_id), session.query(factories.User).first())
        ids = list(session.scalars(select(Prompt.id).where(Prompt.split == Split.eval)))
        asked = bulk_changes.apply(session, access, kind=ChangeKind.move, ids=ids, value="probe")
        session.info.pop("outbox")
        claimed = claims.claim(session, Job, asked.job.id if asked.job else 0)
    assert claimed is not None
    bulk_worker.change(committed, client, claimed)
    with transaction(committed) as session:
        assert set(session.scalars(select(Prompt.split).where(Prompt.id.in_(ids)))) == {Split.probe}
        assert session.get_one(Job, claimed.row_id).result == {"changed": len(ids), "left": 0}


def evaluation(sessions: Sessions, project_id: int) -> Claim:
    with transaction(sessions) as session:
        project = session.get_one(Project, project_id)
        owner = factories.access(project, session.query(factories.User).first())
        made = evaluations.create(session, owner, checkpoint=factories.base(session))
        session.info.pop("outbox")
        claimed = claims.claim(session, Evaluation, made.id)
        assert claimed is not None
        return claimed


def test_an_evaluation_answers_and_scores_every_prompt_of_the_suite(
    committed: Sessions, project_id: int, client: EngineClient
) -> None:
    claimed = evaluation(committed, project_id)
    evaluate.run(committed, client, claimed, base_model=factories.BASE)
    with transaction(committed) as session:
        _, suite, _ = evaluations.get(session, claimed.row_id)
        answers = evaluations.answers(session, evaluation_id=claimed.row_id)
        scores = {score.name: score.interval.mean for score in evaluations.scores(suite, answers)}
    assert len(answers) == len(QUESTIONS)
    assert scores == {"concise": 1.0, "on_topic": 0.0}  # the fake engine echoes, and echoes are never on topic


def test_an_interrupted_evaluation_asks_only_what_is_unanswered(
    committed: Sessions, project_id: int, client: EngineClient, engine: FakeEngine
) -> None:
    claimed = evaluation(committed, project_id)
    evaluate.run(committed, client, claimed, base_model=factories.BASE)
    asked = sum(path == "/v1/chat/completions" for path, _ in engine.requests)
    with transaction(committed) as session:
        session.delete(session.scalars(select(EvaluationAnswer)).first())
    evaluate.run(committed, client, claimed, base_model=factories.BASE)
    assert sum(path == "/v1/chat/completions" for path, _ in engine.requests) == asked + 1
    with transaction(committed) as session:
        assert session.scalar(select(func.count()).select_from(EvaluationAnswer)) == len(QUESTIONS)


@pytest.mark.parametrize(
    ("trained", "parent", "state"),
    [
        (-1.02, -2.0, CheckpointState.published),
        (-1.2, -2.0, CheckpointState.failed),
        (-1.04, -1.01, CheckpointState.failed),
    ],
)
def test_an_adapter_is_published_only_if_the_engine_serves_what_was_trained(
    committed: Sessions,
    project_id: int,
    client: EngineClient,
    tmp_path: Path,
    trained: float,
    parent: float,
    state: str,
) -> None:
    answer = ProbeAnswer(prompt_token_ids=[1, 2], answer_token_ids=[3, 4], trained=[trained] * 2, parent=[parent] * 2)
    publishing.write_probe(tmp_path, [answer])
    with transaction(committed) as session:
        made = Checkpoint(
            name="a1", project_id=project_id, path=str(tmp_path), sha256="1" * 64, state=CheckpointState.written
        )
        session.add(made)
    publishing.publish(committed, client, made.id)
    with transaction(committed) as session:
        found = session.get_one(Checkpoint, made.id)
    assert found.state == state
    assert found.probe_difference == pytest.approx(abs(trained + 1.0))
