"""How one prompt or critique is changed in bulk: held, read, and written as it shall be."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import assignments
from backend.models import AuthorKind, ChangeKind, Critique, CritiqueState, Project, Prompt, Split

MOST_TAGS = 20
MOVES = {
    ChangeKind.discard: (CritiqueState.submitted, CritiqueState.discarded),
    ChangeKind.restore: (CritiqueState.discarded, CritiqueState.submitted),
}


def locked(session: Session, project: Project, kind: ChangeKind, ids: Sequence[int]) -> Sequence[Prompt | Critique]:
    """The things in the order of their ids, held for this transaction; of critiques their places too."""
    if kind not in MOVES:
        prompts = select(Prompt).where(Prompt.project_id == project.id, Prompt.id.in_(ids)).order_by(Prompt.id)
        return session.scalars(prompts.with_for_update(key_share=True)).all()
    query = select(Critique).where(Critique.project_id == project.id, Critique.id.in_(ids)).order_by(Critique.id)
    critiques = session.scalars(query.with_for_update()).all()
    for rollout_id in sorted({critique.rollout_id for critique in critiques}):
        assignments.lock_places(session, project=project, rollout_id=rollout_id)
    return critiques


def read(kind: ChangeKind, thing: Prompt | Critique) -> object:
    """What the thing is now, as JSON."""
    if isinstance(thing, Critique):
        return str(thing.state)
    return str(thing.split) if kind == ChangeKind.move else list(thing.tags)


def made(kind: ChangeKind, thing: Prompt | Critique, said: str) -> object:
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


def write(session: Session, project: Project, thing: Prompt | Critique, value: object) -> bool:
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
    return True


def _can_count(session: Session, project: Project, critique: Critique) -> bool:
    """Whether its author let it stand as submitted, and others have not filled its place."""
    if critique.submitted_at is None or critique.author_kind != AuthorKind.annotator:
        return critique.submitted_at is not None
    return assignments.has_slot(session, project=project, critique=critique)
