"""The one writer of what a run reports: metrics, samples, events, and every answer that it sampled.

Every write is fenced: once another process has claimed the run, it raises ``StaleClaimError`` and the caller ends.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.database import Sessions, transaction
from backend.domain import claims, critiques, rollouts
from backend.domain.claims import Claim
from backend.models import (
    AuthorKind,
    Comparison,
    Critique,
    CritiqueRevision,
    Rollout,
    RolloutSource,
    Run,
    RunEvent,
    RunMetric,
    RunSample,
)  # fmt: skip
from backend.recipes import Recipe
from worker.training.recording import ProbeAnswer, SampledPair, StopRequest
from worker.training.sampler import Sampled


class DatabaseRecorder:
    """Writes what one claimed run reports; ``handing_back`` is set when this process is told to end."""

    def __init__(
        self, sessions: Sessions, claimed: Claim, recipe: Recipe, *, start_id: int, handing_back: Event
    ) -> None:
        self._sessions, self._claimed, self._recipe = sessions, claimed, recipe
        self._start_id, self._handing_back = start_id, handing_back

    def stop_requested(self) -> StopRequest | None:
        """Whether the run should end before its next step."""
        with transaction(self._sessions) as session:
            cancelled = claims.beat(session, Run, self._claimed)
        if cancelled:
            return "cancel"
        return "hand_back" if self._handing_back.is_set() else None

    def step_done(self, step: int) -> None:
        """Progress."""
        with transaction(self._sessions) as session:
            claims.beat(session, Run, self._claimed, done=step)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by ``area/name``; one that is not finite is left out, for JSON has no word for it."""
        rows = [
            {"run_id": self._claimed.row_id, "step": step, "name": name, "value": value}
            for name, value in values.items()
            if math.isfinite(value)
        ]
        with transaction(self._sessions) as session:
            claims.beat(session, Run, self._claimed)
            statement = insert(RunMetric).values(rows)
            session.execute(
                statement.on_conflict_do_update(
                    index_elements=["run_id", "name", "step"], set_={"value": statement.excluded.value}
                )
            )

    def probe(self, step: int, answers: Sequence[ProbeAnswer]) -> None:
        """The answers the guards looked at."""
        with transaction(self._sessions) as session:
            claims.beat(session, Run, self._claimed)
            session.add_all(
                RunSample(
                    run_id=self._claimed.row_id, step=step, prompt_id=answer.prompt_id,
                    text=rollouts.storable(answer.answer.text),
                    scores=dict(answer.scores),
                )
                for answer in answers
            )  # fmt: skip

    def pairs(self, step: int, pairs: Sequence[SampledPair]) -> None:
        """What was sampled to learn from: every live attempt, critique and redraft becomes a row."""
        with transaction(self._sessions) as session:
            run = claims.held(session, Run, self._claimed)
            for pair in pairs:
                self._pair(session, run, step, pair)

    def _pair(self, session: Session, run: Run, step: int, pair: SampledPair) -> None:
        if pair.attempt is not None:
            temperature = self._recipe.sampling.attempt_temperature
            attempt = self._rollout(run, step, pair.prompt_id, pair.attempt, temperature)
            session.add(attempt)
            session.flush()
            revision = critiques.add_by_code(
                session, rollout=attempt, kind=AuthorKind.verifier, name=self._recipe.feedback.verifier or "",
                text=pair.critique or "(no critique)", rating=pair.attempt_reward, run_id=run.id,
            )  # fmt: skip
        else:
            revision = session.get_one(CritiqueRevision, pair.revision_id)
            critique = session.get_one(Critique, revision.critique_id)
            attempt = session.get_one(Rollout, critique.rollout_id)
        if pair.redraft is None:
            return
        redraft = self._rollout(run, step, pair.prompt_id, pair.redraft, self._recipe.sampling.redraft_temperature)
        redraft.parent_id, redraft.critique_revision_id, redraft.turn = attempt.id, revision.id, 1
        session.add(redraft)
        session.flush()
        session.add(Comparison(critique_id=revision.critique_id, redraft_id=redraft.id, rating=pair.redraft_reward))

    def _rollout(self, run: Run, step: int, prompt_id: int, sampled: Sampled, temperature: float) -> Rollout:
        return Rollout(
            project_id=run.project_id,
            prompt_id=prompt_id,
            checkpoint_id=self._start_id,
            run_id=run.id,
            text=rollouts.storable(sampled.text),
            token_ids=list(sampled.token_ids),
            logprobs=list(sampled.logprobs),
            sampling={
                "temperature": temperature, "top_p": 1.0, "max_tokens": self._recipe.sampling.max_tokens,
                "step": step, "control": self._recipe.feedback.control,
            },
            finish_reason=sampled.finish_reason,
            source=RolloutSource.run,
        )  # fmt: skip

    def event(self, step: int, kind: str, message: str) -> None:
        """Something that happened, in words."""
        with transaction(self._sessions) as session:
            claims.beat(session, Run, self._claimed)
            session.add(RunEvent(run_id=self._claimed.row_id, step=step, kind=kind, message=message))

    def saved(self, step: int, folder: Path) -> None:
        """A training state is on disk."""
        self.event(step, "saved", f"State after step {step} is on disk ({folder.name}).")
