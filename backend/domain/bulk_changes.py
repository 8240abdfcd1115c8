"""Changing many prompts or critiques, or having many answers verified or judged: one journal entry, can be undone.

A change keeps what each thing was before and what it was made. Undoing it touches only what is still as it was made;
what somebody has changed since is left alone and counted. What is too much for one request is done by a job, which
goes through the ids as they were when it was asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from sqlalchemy import BigInteger, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from backend.domain import bulk, changed_things, journal, verifications
from backend.domain.bulk import ChangeRequest, CritiqueRequest, JudgeRequest, VerifyRequest
from backend.domain.projects import Access
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import (
    BulkChange,
    ChangeKind,
    Critique,
    Job,
    Listed,
    Project,
    Prompt,
    Role,
    Rollout,
    Split,
)  # fmt: skip
from backend.verifiers import VERIFIERS

AT_ONCE = 2000
MOST = 100_000
BATCH = 500
LONGEST_TAG = 50
ROLES = {
    ChangeKind.move: Role.admin,
    ChangeKind.tag: Role.reviewer,
    ChangeKind.untag: Role.reviewer,
    ChangeKind.discard: Role.reviewer,
    ChangeKind.restore: Role.reviewer,
    ChangeKind.verify: Role.admin,
    ChangeKind.judge: Role.admin,
}
SUBJECTS = {
    ChangeKind.move: Listed.prompts,
    ChangeKind.tag: Listed.prompts,
    ChangeKind.untag: Listed.prompts,
    ChangeKind.discard: Listed.critiques,
    ChangeKind.restore: Listed.critiques,
    ChangeKind.verify: Listed.rollouts,
    ChangeKind.judge: Listed.rollouts,
}
CRITIQUING = (ChangeKind.verify, ChangeKind.judge)
TABLES: dict[Listed, type[Prompt | Critique | Rollout]] = {
    Listed.prompts: Prompt,
    Listed.critiques: Critique,
    Listed.rollouts: Rollout,
}


@dataclass(frozen=True)
class Outcome:
    """What a change or its undoing did: how many it changed, how many it had to leave, or the job that does it."""

    change: BulkChange
    changed: int
    left: int
    job: Job | None = None


class Told(BaseModel):
    """What a change's job has done so far, as its result says."""

    changed: int = 0
    left: int = 0


def apply(
    session: Session, access: Access, *, kind: ChangeKind, ids: Sequence[int], value: str | None,
    judging: JudgeRequest | None = None,
) -> Outcome:  # fmt: skip
    """Change prompts or critiques by id, or have rollouts verified or judged; those of other projects do not exist.

    More than ``AT_ONCE`` are changed by a job, and so is verifying and judging; the outcome then names the job.
    ``judging`` says what a judge is told.

    Raises:
        InvalidError: the value does not fit the kind of change.
        NotFoundError: a thing is not of this project.
    """
    said = _checked(kind, value)
    chosen = sorted(set(ids))
    _refuse_foreign(session, access.project, kind, chosen)
    change = BulkChange(project_id=access.project.id, user_id=access.user_id, kind=kind)
    session.add(change)
    session.flush()
    if kind in CRITIQUING or len(chosen) > AT_ONCE:
        change.ids = chosen
        job = _queue(session, access, change, said, judging)
        change.job_id = job.id
        outcome = Outcome(change=change, changed=0, left=0, job=job)
    else:
        outcome = _apply_batch(session, access.project, change, said, chosen)
    _note(session, access, change, f"bulk.{kind}", value=said, asked=len(chosen), changed=outcome.changed)
    return outcome


def undo(session: Session, access: Access, change: BulkChange) -> Outcome:
    """Bring back what the change found, where nobody has changed it since; a job of it that goes on is cancelled.

    Critiques that a verifier or judge wrote for it are discarded: nothing learns from them or from their redrafts.

    Raises:
        ConflictError: it was undone already.
    """
    if change.job_id is not None:
        # Held before the change, as the worker does, so that the two never wait for one another.
        bulk.stop(session, change.job_id)
    session.refresh(change, with_for_update=True)
    if change.undone_at is not None:
        raise ConflictError("This change was undone already.")
    change.undone_at = func.clock_timestamp()
    ids = _made_by(session, change)
    if len(ids) > AT_ONCE:
        request = ChangeRequest(change_id=change.id, undo=True)
        outcome = Outcome(change=change, changed=0, left=0, job=_follow(session, access, request, len(ids)))
    else:
        outcome = _undo_batch(session, access.project, change, ids)
    _note(session, access, change, "bulk.undone", kind=change.kind, asked=len(ids), changed=outcome.changed)
    return outcome


def go_on(session: Session, job: Job) -> bool:
    """Do the next batch of a change's job; False when it was the last. Its place is kept with what it writes."""
    request = ChangeRequest.model_validate(job.request)
    change = session.get_one(BulkChange, request.change_id)
    project = session.get_one(Project, change.project_id)
    ids = _made_by(session, change) if request.undo else change.ids
    batch = ids[job.done : job.done + BATCH]
    if request.undo:
        outcome = _undo_batch(session, project, change, batch)
    else:
        outcome = _apply_batch(session, project, change, request.value, batch)
    told = Told.model_validate(job.result)
    job.result = Told(changed=told.changed + outcome.changed, left=told.left + outcome.left).model_dump()
    job.done += len(batch)
    session.flush()
    return job.done < len(ids)


def _queue(session: Session, access: Access, change: BulkChange, said: str, judging: JudgeRequest | None) -> Job:
    if judging is not None:
        request = judging.model_copy(update={"split": None, "change_id": change.id, "redraft": False})
        return _follow(session, access, request, len(change.ids))
    if change.kind == ChangeKind.verify:
        verifying = VerifyRequest(verifier=said, split=None, change_id=change.id, redraft=False)
        return _follow(session, access, verifying, len(change.ids))
    return _follow(session, access, ChangeRequest(change_id=change.id, value=said), len(change.ids))


def _follow(session: Session, access: Access, request: ChangeRequest | CritiqueRequest, total: int) -> Job:
    return bulk.follow(session, access, request=request, total=total)


def _apply_batch(session: Session, project: Project, change: BulkChange, said: str, ids: Sequence[int]) -> Outcome:
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    things = changed_things.locked(session, project, change.kind, ids)
    for thing in things:
        old, new = changed_things.read(change.kind, thing), changed_things.made(change.kind, thing, said)
        if new != old and changed_things.write(session, project, thing, new):
            before[str(thing.id)], after[str(thing.id)] = old, new
    session.flush()
    # The database adds to what earlier batches noted; all of it is not carried to and fro for each.
    noted = {
        "before": BulkChange.before.op("||")(cast(before, JSONB)),
        "after": BulkChange.after.op("||")(cast(after, JSONB)),
    }
    session.execute(update(BulkChange).where(BulkChange.id == change.id).values(noted))
    return Outcome(change=change, changed=len(before), left=len(things) - len(before))


def _undo_batch(session: Session, project: Project, change: BulkChange, ids: Sequence[int]) -> Outcome:
    if change.kind in CRITIQUING:
        changed = verifications.discard(session, job_id=change.job_id or 0, ids=ids)
        return Outcome(change=change, changed=changed, left=len(ids) - changed)
    changed = 0
    for thing in changed_things.locked(session, project, change.kind, ids):
        number = str(thing.id)
        is_as_made = changed_things.read(change.kind, thing) == change.after[number]
        changed += is_as_made and changed_things.write(session, project, thing, change.before[number])
    session.flush()
    return Outcome(change=change, changed=changed, left=len(ids) - changed)


def _made_by(session: Session, change: BulkChange) -> list[int]:
    """What the change has made: prompts or critiques that it changed, or critiques that were written for it."""
    if change.kind in CRITIQUING:
        return verifications.written_by(session, job_id=change.job_id or 0)
    return sorted(int(number) for number in change.before)


def get(session: Session, change_id: int) -> BulkChange:
    """One change."""
    change = session.get(BulkChange, change_id)
    if change is None:
        raise NotFoundError(f"There is no change {change_id}.")
    return change


def _refuse_foreign(session: Session, project: Project, kind: ChangeKind, ids: Sequence[int]) -> None:
    table = TABLES[SUBJECTS[kind]]
    ours = select(func.count()).where(
        table.project_id == project.id, table.id == func.any(bindparam(None, ids, ARRAY(BigInteger)))
    )
    known = session.scalar(ours) or 0
    if known != len(ids):
        raise NotFoundError(f"{len(ids) - known} of them are not in this project.")


def _checked(kind: ChangeKind, value: str | None) -> str:
    said = " ".join((value or "").split())
    if kind == ChangeKind.move and said not in tuple(Split):
        raise InvalidError(f"A split is one of {', '.join(Split)}.", field="value")
    if kind in (ChangeKind.tag, ChangeKind.untag) and not 0 < len(said) <= LONGEST_TAG:
        raise InvalidError(f"A tag has 1 to {LONGEST_TAG} characters.", field="value")
    if kind == ChangeKind.verify and said not in VERIFIERS:
        raise InvalidError(f"There is no verifier '{said}'; there is: {', '.join(VERIFIERS)}.", field="value")
    return said


def _note(session: Session, access: Access, change: BulkChange, action: str, **details: object) -> None:
    journal.record(
        session, action=action, subject=f"change {change.id}", user_id=access.user_id, project_id=access.project.id,
        **details,
    )  # fmt: skip
    session.flush()
