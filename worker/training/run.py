"""A process of one run: ``python -m worker.training.run RUN_ID ATTEMPT``, started by ``launch``.

Loads what the run was frozen with, trains, and writes the ending: succeeded with the best checkpoint, cancelled, handed
back to the queue, or failed with a message that a person can act on. Of several processes the first one writes.
"""

import ctypes
import logging
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import torch

from backend.database import Sessions, transaction
from backend.domain import checkpoints, claims, feedback, prompts, runs, spans
from backend.domain.claims import Claim, StaleClaimError
from backend.domain.feedback import FeedbackItem
from backend.models import Checkpoint, Rollout, Run, Snapshot, WorkState
from backend.models import Prompt as PromptRow
from backend.recipes import Recipe
from worker.connections import sessions, settings
from worker.recorder import DatabaseRecorder
from worker.training import ranks
from worker.training.ending import Ending, kept_answers
from worker.training.feedback import Data, Item, NothingToLearnError
from worker.training.group import PARENT
from worker.training.loop import Training, TrainingError
from worker.training.policy import Policy, UnsupportedModelError
from worker.training.probes import Prompt
from worker.training.recording import OneVoice
from worker.training.sampler import Sampled
from worker.training.scoring import InProcessScorer
from worker.training.state import last_step

log = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
# In a run of several processes, one that was killed makes the others fail; within this time they are ended unheard.
UNHEARD_SECONDS = 3.0


def main() -> None:
    """Train the run named on the command line."""
    die_with_parent()
    run_id, attempt = (int(word) for word in sys.argv[1:3])
    claimed = Claim(run_id, attempt)
    handing_back = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: handing_back.set())
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    try:
        train(sessions(), claimed, handing_back)
        ranks.leave()
    except StaleClaimError:
        log.warning("Run %s was taken over; this process ends.", run_id)
    except (TrainingError, NothingToLearnError, UnsupportedModelError, ranks.RanksError) as error:
        _fail(sessions(), claimed, str(error))
    except Exception as error:
        if ranks.world() > 1:
            time.sleep(UNHEARD_SECONDS)
        _fail(sessions(), claimed, _reason(error))
        raise


def die_with_parent() -> None:
    """End by the kernel's hand when the worker ends, and at once if it has ended already (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        sys.exit("The worker that started this process has ended.")


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "memory" in str(error)):
        return (
            "Memory ran out. Lower optimiser.micro_batch_tokens or sampling.max_tokens, or free memory on the machine, "
            "then resume."
        )
    return f"A bug in training: {type(error).__name__}: {error}"


def _fail(factory: Sessions, claimed: Claim, message: str) -> None:
    """End the run as failed, unless another of its processes has."""
    with suppress(StaleClaimError), transaction(factory) as session:
        claims.finish(session, Run, claimed, state=WorkState.failed, error=message)


def train(factory: Sessions, claimed: Claim, handing_back: threading.Event) -> None:
    """Train a claimed run to its end and write the ending.

    Raises:
        RanksError: there are fewer accelerators than processes.
    """
    device = ranks.join()
    folder = settings().runs_dir / str(claimed.row_id)
    with transaction(factory) as session:
        if ranks.is_first():
            runs.forget_after(session, claimed=claimed, step=last_step(folder))
        run = claims.held(session, Run, claimed)
        recipe = Recipe.model_validate(run.recipe)
        start = session.get_one(Checkpoint, run.base_id)
        base = checkpoints.base_of(session, start)
        snapshot = session.get_one(Snapshot, run.snapshot_id)
        data = Data(
            items=tuple(_item(item) for item in feedback.load(session, snapshot_id=run.snapshot_id)),
            train_prompts=_prompts(prompts.by_ids(session, snapshot.train_prompt_ids)),
            probe_prompts=_prompts(prompts.by_ids(session, snapshot.probe_prompt_ids)),
            rules=tuple(snapshot.rules),
        )
    policy = Policy.load(
        Path(base.path),
        start=None if start is base else Path(start.path),
        adapter=recipe.adapter,
        seed=recipe.seed,
        device=device,
        sharded=recipe.sharding == "fsdp2",
    )
    recorder = DatabaseRecorder(factory, claimed, recipe, start_id=start.id, handing_back=handing_back)
    outcome = Training(policy, recipe, data, InProcessScorer(policy), OneVoice(recorder), folder).run()
    answers = kept_answers(outcome, policy, data.probe_prompts or data.train_prompts)
    if not ranks.is_first():
        return
    Ending(factory, claimed, start, settings().checkpoints_dir).write(outcome, answers)
    if outcome.ending == "finished" and outcome.best_step is not None:
        shutil.rmtree(folder, ignore_errors=True)  # what is worth keeping is a checkpoint by now


def _prompts(rows: Sequence[PromptRow]) -> tuple[Prompt, ...]:
    return tuple(_prompt(row) for row in rows)


def _prompt(row: PromptRow) -> Prompt:
    return Prompt(row.id, tuple(row.messages), row.reference or "")


def _item(item: FeedbackItem) -> Item:
    return Item(
        revision_id=item.revision.id,
        prompt=_prompt(item.prompt),
        attempt=_sampled(item.attempt),
        critique=spans.as_read(item.revision),
        rating=item.revision.rating,
        redraft=_sampled(item.redraft) if item.redraft is not None else None,
        redraft_reward=item.redraft_reward,
        edit=item.revision.edit,
    )


def _sampled(row: Rollout) -> Sampled:
    return Sampled(tuple(row.token_ids), row.text, tuple(row.logprobs), row.finish_reason or "stop")


if __name__ == "__main__":
    main()
