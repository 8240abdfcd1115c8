"""Applies a suite to a checkpoint: answers through the engine, then scores, then rows."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import contexts
from backend.database import Sessions, transaction
from backend.domain import claims, rollouts
from backend.domain.claims import Claim
from backend.engine import EngineClient, Generated, Sampling
from backend.models import (
    Checkpoint,
    EvalSuite,
    Evaluation,
    EvaluationAnswer,
    Prompt,
    Rollout,
    RolloutSource,
)  # fmt: skip
from worker.evaluation.scorers import SCORERS, Answer, LogProbs
from worker.evaluation.served_base import ServedBase
from worker.parallel import CancelledError, each, seeded


def run(sessions: Sessions, engine: EngineClient, claimed: Claim, *, base_model: str) -> None:
    """Answer the prompts that have no answer yet, then score all; an interrupted evaluation goes on where it was."""
    with transaction(sessions) as session:
        evaluation = claims.held(session, Evaluation, claimed)
        suite = session.get_one(EvalSuite, evaluation.suite_id)
        checkpoint = session.get_one(Checkpoint, evaluation.checkpoint_id)
        unanswered = _unanswered(session, evaluation, suite)
        evaluation.total = len(suite.prompt_ids)
    _answer(sessions, engine, claimed, suite, checkpoint, unanswered)
    _score(sessions, ServedBase(engine, base_model), claimed, suite)


def _unanswered(session: Session, evaluation: Evaluation, suite: EvalSuite) -> Sequence[Prompt]:
    answered = select(EvaluationAnswer.prompt_id).where(EvaluationAnswer.evaluation_id == evaluation.id)
    return session.scalars(
        select(Prompt).where(Prompt.id.in_(suite.prompt_ids), Prompt.id.not_in(answered)).order_by(Prompt.id)
    ).all()


def _answer(
    sessions: Sessions, engine: EngineClient, claimed: Claim, suite: EvalSuite, checkpoint: Checkpoint,
    unanswered: Sequence[Prompt],
) -> None:  # fmt: skip
    sampling = Sampling.from_json(suite.sampling)
    engine.ensure_adapter(checkpoint.name, checkpoint.path)

    def settings_for(prompt: Prompt) -> Sampling:
        return seeded(sampling, base=sampling.seed or 0, row_id=prompt.id)

    def generate(prompt: Prompt) -> Generated:
        return engine.chat(checkpoint.name, contexts.student(prompt.messages), settings_for(prompt))

    def store(prompt: Prompt, generated: Generated) -> None:
        with transaction(sessions) as session:
            row = rollouts.sampled(
                project_id=prompt.project_id, prompt_id=prompt.id, checkpoint_id=checkpoint.id,
                source=RolloutSource.evaluation, generated=generated, sampling=settings_for(prompt),
            )  # fmt: skip
            session.add(row)
            session.flush()
            answer = EvaluationAnswer(evaluation_id=claimed.row_id, prompt_id=prompt.id, rollout_id=row.id, scores={})
            session.add(answer)

    def report(done: int) -> None:
        with transaction(sessions) as session:
            if claims.beat(session, Evaluation, claimed, done=done):
                raise CancelledError

    each(unanswered, generate, store, report, done=len(suite.prompt_ids) - len(unanswered))


def _score(sessions: Sessions, base: LogProbs, claimed: Claim, suite: EvalSuite) -> None:
    with transaction(sessions) as session:
        rows = session.execute(
            select(EvaluationAnswer.id, Prompt.messages, Rollout)
            .join(Prompt, Prompt.id == EvaluationAnswer.prompt_id)
            .join(Rollout, Rollout.id == EvaluationAnswer.rollout_id)
            .where(EvaluationAnswer.evaluation_id == claimed.row_id)
            .order_by(Prompt.id)
        ).all()
    answers = [
        Answer(tuple(contexts.student(messages)), rollout.text, tuple(rollout.token_ids), rollout.finish_reason)
        for _, messages, rollout in rows
    ]
    columns = {name: SCORERS[name].score(answers, base) for name in suite.scorers}
    with transaction(sessions) as session:
        claims.beat(session, Evaluation, claimed)
        for position, (answer_id, _, _) in enumerate(rows):
            answer = session.get_one(EvaluationAnswer, answer_id)
            answer.scores = {name: column[position] for name, column in columns.items()}
