"""Changing many prompts or critiques at once: one journal entry, which can be undone.

A change keeps what each thing was before and what it was made. Undoing it touches only what is still as it was made;
what somebody has changed since is left alone and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain import assignments, journal
from backend.domain.projects import Access
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import (
    AuthorKind,
    BulkChange,
    ChangeKind,
    Critique,
    CritiqueState,
    Project,
    Prompt,
    Role,
    Split,
)  # fmt: skip

MOST = 2000
MOST_TAGS = 20
LONGEST_TAG = 50
ROLES = {
    ChangeKind.move: Role.admin,
    ChangeKind.tag: Role.reviewer,
    ChangeKind.untag: Role.reviewer,
    ChangeKind.discard: Role.reviewer,
    ChangeKind.restore: Role.reviewer,
}
MOVES = {
    ChangeKind.discard: (CritiqueState.submitted, CritiqueState.discarded),
    ChangeKind.restore: (CritiqueState.discarded, CritiqueState.submitted),
}
OF_CRITIQUES = tuple(MOVES)


@dataclass(frozen=True)
class Outcome:
    """What a change or its undoing did: how many it changed, and how many it had to leave."""

    change: BulkChange
    changed: int
    left: int


def apply(session: Session, access: Access, *, kind: ChangeKind, ids: Sequence[int], value: str | None) -> Outcome:
    """Change prompts or critiques by id; those of other projects do not exist.

    Raises:
        InvalidError: the value does not fit the kind of change.
        NotFoundError: a thing is not of this project.
    """
    said = _checked(kind, value)
    things = _locked(session, access.project, kind, ids)
    if len(things) != len(set(ids)):
        raise NotFoundError(f"{len(set(ids)) - len(things)} of them are not in this project.")
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for thing in things:
        old, new = _read(kind, thing), _made(kind, thing, said)
        if new != old and _write(session, access.project, thing, new):
            before[str(thing.id)], after[str(thing.id)] = old, new
    change = BulkChange(
        project_id=access.project.id, user_id=access.user_id, kind=kind, before=before, after=after
    )  # fmt: skip
    session.add(change)
    session.flush()
    _note(session, access, change, f"bulk.{kind}", value=said, changed=len(before))
    return Outcome(change=change, changed=len(before), left=len(things) - len(before))


def undo(session: Session, access: Access, change: BulkChange) -> Outcome:
    """Bring back what the change found, where nobody has changed it since.

    Raises:
        ConflictError: it was undone already.
    """
    session.refresh(change, with_for_update=True)
    if change.undone_at is not None:
        raise ConflictError("This change was undone already.")
    things = _locked(session, access.project, change.kind, [int(number) for number in change.before])
    changed = 0
    for thing in things:
        number = str(thing.id)
        is_as_made = _read(change.kind, thing) == change.after[number]
        changed += is_as_made and _write(session, access.project, thing, change.before[number])
    change.undone_at = func.clock_timestamp()
    _note(session, access, change, "bulk.undone", kind=change.kind, changed=changed)
    return Outcome(change=change, changed=changed, left=len(change.before) - changed)


def get(session: Session, change_id: int) -> BulkChange:
    """One change."""
    change = session.get(BulkChange, change_id)
    if change is None:
        raise NotFoundError(f"There is no change {change_id}.")
    return change


def _checked(kind: ChangeKind, value: str | None) -> str:
    said = " ".join((value or "").split())
    if kind == ChangeKind.move and said not in tuple(Split):
        raise InvalidError(f"A split is one of {', '.join(Split)}.", field="value")
    if kind in (ChangeKind.tag, ChangeKind.untag) and not 0 < len(said) <= LONGEST_TAG:
        raise InvalidError(f"A tag has 1 to {LONGEST_TAG} characters.", field="value")
    return said


def _locked(session: Session, project: Project, kind: ChangeKind, ids: Sequence[int]) -> Sequence[Prompt | Critique]:
    """The things in the order of their ids, held for this transaction; of critiques their places too."""
    if kind not in OF_CRITIQUES:
        prompts = select(Prompt).where(Prompt.project_id == project.id, Prompt.id.in_(ids)).order_by(Prompt.id)
        return session.scalars(prompts.with_for_update(key_share=True)).all()
    query = select(Critique).where(Critique.project_id == project.id, Critique.id.in_(ids)).order_by(Critique.id)
    critiques = session.scalars(query.with_for_update()).all()
    for rollout_id in sorted({critique.rollout_id for critique in critiques}):
        assignments.lock_places(session, project=project, rollout_id=rollout_id)
    return critiques


def _read(kind: ChangeKind, thing: Prompt | Critique) -> object:
    if isinstance(thing, Critique):
        return str(thing.state)
    return str(thing.split) if kind == ChangeKind.move else list(thing.tags)


def _made(kind: ChangeKind, thing: Prompt | Critique, said: str) -> object:
    """What the thing shall be; the same as it is where the change does not apply to it."""
    if isinstance(thing, Critique):
        source, target = MOVES[kind]
        return str(target if thing.state == source else thing.state)
    if kind == ChangeKind.move:
        return said
    others = [known for known in thing.tags if known != said]
    if kind == ChangeKind.untag:
        return others
    return list(thing.tags) if said in thing.tags or len(others) >= MOST_TAGS else [*thing.tags, said]


def _write(session: Session, project: Project, thing: Prompt | Critique, value: object) -> bool:
    """Make the thing so; False where a critique cannot count again."""
    if isinstance(thing, Critique):
        if value == CritiqueState.submitted and not _can_count(session, project, thing):
            return False
        thing.state = CritiqueState(str(value))
        session.flush()
        assignments.settle(session, project=project, rollout_id=thing.rollout_id)
    elif isinstance(value, list):
        thing.tags = value
    else:
        thing.split = Split(str(value))
    session.flush()
    return True


def _can_count(session: Session, project: Project, critique: Critique) -> bool:
    """Whether its author let it stand as submitted, and others have not filled its place."""
    if critique.submitted_at is None or critique.author_kind != AuthorKind.annotator:
        return critique.submitted_at is not None
    return assignments.has_slot(session, project=project, critique=critique)


def _note(session: Session, access: Access, change: BulkChange, action: str, **details: object) -> None:
    journal.record(
        session, action=action, subject=f"change {change.id}", user_id=access.user_id, project_id=access.project.id,
        **details,
    )  # fmt: skip
    session.flush()
