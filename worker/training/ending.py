"""How a run ends in the database, and its best checkpoint as a folder that the engine can load."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import contexts
from backend.database import Sessions, transaction
from backend.domain import checkpoints, claims
from backend.domain.claims import Claim
from backend.jobs import Message, enqueue
from backend.models import Checkpoint, Project, Run, RunEvent, WorkState
from worker.publishing import ProbeAnswer, write_probe
from worker.training.loop import Outcome
from worker.training.policy import CONFIG, WEIGHTS, Policy
from worker.training.probes import Prompt
from worker.training.sampler import sample
from worker.training.scoring import answer_logprobs

PROBED_PROMPTS = 4
PROBED_TOKENS = 32


class Ending:
    """Writes the ending of one claimed run that began at ``start``."""

    def __init__(self, sessions: Sessions, claimed: Claim, start: Checkpoint, checkpoints_dir: Path) -> None:
        self._sessions, self._claimed, self._start, self._root = sessions, claimed, start, checkpoints_dir

    def write(self, outcome: Outcome, answers: Sequence[ProbeAnswer]) -> None:
        """Succeeded with a checkpoint and its probe, cancelled (with the best so far), handed back, or failed."""
        if outcome.ending == "hand_back":
            with transaction(self._sessions) as session:
                self._report(session, outcome)
                run = claims.hand_back(session, Run, self._claimed)
                enqueue(session, Message.run, run.id)
            return
        exported = self._export(outcome, answers)
        with transaction(self._sessions) as session:
            run = self._report(session, outcome)
            if exported is not None and outcome.best_step is not None:
                run.best_checkpoint_id = self._checkpoint(session, run, exported, outcome.best_step)
            state, error = self._state(outcome, has_checkpoint=exported is not None)
            claims.finish(session, Run, self._claimed, state=state, error=error)

    def _state(self, outcome: Outcome, *, has_checkpoint: bool) -> tuple[WorkState, str | None]:
        if outcome.ending == "cancel":
            return WorkState.cancelled, None
        if has_checkpoint:
            return WorkState.succeeded, None
        reason = outcome.stop_reason or "There is no checkpoint to trust."
        return WorkState.failed, f"{reason} Lower the learning rate, or look at the samples and the critiques."

    def _report(self, session: Session, outcome: Outcome) -> Run:
        run = claims.held(session, Run, self._claimed)
        run.done = outcome.step
        run.stop_reason = outcome.stop_reason
        run.best_score = outcome.best_score
        run.usage = dict(outcome.usage)
        run.actual = dict(outcome.actual)
        return run

    def _export(self, outcome: Outcome, answers: Sequence[ProbeAnswer]) -> Path | None:
        if outcome.folder is None or outcome.best_step is None:
            return None
        with transaction(self._sessions) as session:
            run = session.get_one(Run, self._claimed.row_id)
            slug = session.get_one(Project, run.project_id).slug
        target = self._root / f"{slug}-run{self._claimed.row_id}-step{outcome.best_step}"
        if target.exists():
            return target
        return export(outcome.folder, target, answers)

    def _checkpoint(self, session: Session, run: Run, folder: Path, step: int) -> int:
        known = session.scalar(select(Checkpoint).where(Checkpoint.name == folder.name))
        if known is not None:
            return known.id
        made = Checkpoint(
            name=folder.name, project_id=run.project_id, run_id=run.id, parent_id=self._start.id, step=step,
            path=str(folder), sha256=checkpoints.weights_hash(folder),
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add(RunEvent(run_id=run.id, step=step, kind="checkpoint", message=f"Kept as {folder.name}."))
        enqueue(session, Message.publish, made.id)
        return made.id


def export(state: Path, target: Path, answers: Sequence[ProbeAnswer]) -> Path:
    """Make the adapter of a training state appear at ``target`` whole, on the disk, with its probe beside it."""
    scratch = target.with_name(f".{target.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for name in (WEIGHTS, CONFIG):
        shutil.copyfile(state / name, scratch / name)
    write_probe(scratch, answers)
    for file in scratch.iterdir():
        with file.open("rb") as opened:
            os.fsync(opened.fileno())
    scratch.rename(target)
    return target


def kept_answers(outcome: Outcome, policy: Policy, prompts: Sequence[Prompt]) -> list[ProbeAnswer]:
    """What the checkpoint that a run keeps answers; nothing where it keeps none, or is to go on elsewhere."""
    if outcome.folder is None or outcome.ending == "hand_back":
        return []
    policy.load_student(outcome.folder)
    return probe(policy, prompts)


def probe(policy: Policy, prompts: Sequence[Prompt]) -> list[ProbeAnswer]:
    """A few greedy answers of the trained policy with the log-probs that it and its parent give them."""
    asked = [contexts.student(prompt.messages) for prompt in prompts[:PROBED_PROMPTS]]
    answers = sample(policy, asked, view="student", temperature=0, max_tokens=PROBED_TOKENS, seed=0)
    sequences = [(policy.encode_chat(ask), answer.token_ids) for ask, answer in zip(asked, answers, strict=True)]
    trained = answer_logprobs(policy, sequences, view="student")
    parent = answer_logprobs(policy, sequences, view="start")
    return [
        ProbeAnswer(prompt_token_ids=list(prompt), answer_token_ids=list(answer), trained=t, parent=p)
        for (prompt, answer), t, p in zip(sequences, trained, parent, strict=True)
    ]
