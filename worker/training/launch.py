"""Executes a run in child processes, so that a crash, an out-of-memory kill or a cancel never takes the worker down.

The first of them writes the ending (succeeded, failed with a reason, cancelled, or handed back to the queue). Here is
what happens when it could not: a run of which a process was killed is resumed from its last checkpoint; one that is
killed twice without getting further is given up.
"""

import logging
import sys
import time

from sqlalchemy.orm import Session

from backend.database import Sessions, transaction
from backend.domain import claims
from backend.domain.claims import Claim, StaleClaimError
from backend.jobs import Message, enqueue
from backend.models import Run, RunEvent, WorkState
from backend.recipes import Recipe
from worker import heartbeat
from worker.connections import settings
from worker.courtesy import LOOK_SECONDS, GivingWay, ReadingLock
from worker.training.group import Group

log = logging.getLogger(__name__)

MAX_CRASHES = 2
BEAT_SECONDS = 2.0

_groups: set[Group] = set()


def ask_children_to_stop() -> None:
    """Let running children write their state and hand their runs back; for a worker that is told to end."""
    for group in list(_groups):
        group.terminate()


def execute(sessions: Sessions, run_id: int) -> None:
    """Claim a run and see its processes through."""
    with transaction(sessions) as session:
        claimed = claims.claim(session, Run, run_id)
        if claimed is None:
            return
        run = session.get_one(Run, run_id)
        first_step, processes = run.done, Recipe.model_validate(run.recipe).processes
    command = [sys.executable, "-m", "worker.training.run", str(run_id), str(claimed.attempt)]
    group = Group(command, processes=processes)
    _groups.add(group)
    try:
        exit_code = _see_through(sessions, claimed, group)
    finally:
        _groups.discard(group)
        group.kill()  # has ended, unless the watching failed: nobody would see an unwatched group through
    try:
        with transaction(sessions) as session:
            settle(session, claimed, exit_code=exit_code, first_step=first_step)
    except StaleClaimError:
        log.info("Run %s was settled by its own process.", run_id)


def _see_through(sessions: Sessions, claimed: Claim, group: Group) -> int:
    """Wait for the group, keep the run's heartbeat meanwhile, and let the group give way to the engine.

    A group whose run was taken over is ended.
    """
    lock = settings().reading_lock
    next_beat = time.monotonic() + BEAT_SECONDS
    with GivingWay(group.send, lambda: ReadingLock.is_held(lock)) as giving_way:
        while (exit_code := group.wait(LOOK_SECONDS)) is None:
            giving_way.look()
            if time.monotonic() >= next_beat:
                next_beat = time.monotonic() + BEAT_SECONDS
                if not _beat(sessions, claimed):
                    group.kill()
        return exit_code


def _beat(sessions: Sessions, claimed: Claim) -> bool:
    """Whether the run is still ours, or was ended by our own child."""
    if heartbeat.beat(sessions, Run, claimed):
        return True
    with transaction(sessions) as session:
        run = session.get_one(Run, claimed.row_id)
        return run.attempt == claimed.attempt and run.state in claims.FINAL


def settle(session: Session, claimed: Claim, *, exit_code: int, first_step: int) -> None:
    """Close or requeue a run whose process ended without saying how.

    Raises:
        StaleClaimError: it did say.
    """
    run = claims.held(session, Run, claimed)
    run.crashes = 1 if run.done > first_step else run.crashes + 1
    if exit_code < 0 and run.crashes < MAX_CRASHES:
        claims.hand_back(session, Run, claimed)
        message = f"The training process was killed (signal {-exit_code}); going on from the last checkpoint."
        session.add(RunEvent(run_id=run.id, step=run.done, kind="resumed", message=message))
        enqueue(session, Message.run, run.id)
        return
    claims.finish(session, Run, claimed, state=WorkState.failed, error=_reason(exit_code))


def _reason(exit_code: int) -> str:
    if exit_code < 0:
        return (
            f"The training process was killed (signal {-exit_code}) {MAX_CRASHES} times without getting further, most "
            "likely because memory ran out. Lower the micro-batch tokens or the response length, or free memory, "
            "then resume."
        )
    return f"The training process ended with exit code {exit_code} and no word; the worker's log says more."
