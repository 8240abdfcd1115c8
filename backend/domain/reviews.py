"""Reviews: a reviewer accepts a submitted critique, returns it to its author, or corrects it; and deletion.

A returned critique is a draft again, first in its author's queue, and keeps its place: nobody else gets it meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain import assignments, critique_history, critiques, form_versions, journal, spans
from backend.domain.critiques import Draft
from backend.domain.projects import Access
from backend.errors import ConflictError, ForbiddenError, InvalidError
from backend.models import (
    AuthorKind,
    Critique,
    CritiqueReview,
    CritiqueState,
    Membership,
    Project,
    ReviewState,
    Role,
    Rollout,
    User,
)  # fmt: skip


@dataclass(frozen=True)
class ReviewRow:
    """What a reviewer said of a critique, and when."""

    verdict: ReviewState
    note: str
    reviewer: str
    created_at: datetime


def latest(session: Session, *, critique_id: int) -> ReviewRow | None:
    """The newest review of a critique."""
    row = session.execute(
        select(
            CritiqueReview.verdict, CritiqueReview.note, func.coalesce(User.name, CritiqueReview.reviewer_name),
            CritiqueReview.created_at,
        )
        .outerjoin(User, User.id == CritiqueReview.reviewer_id)
        .where(CritiqueReview.critique_id == critique_id)
        .order_by(CritiqueReview.id.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    return None if row is None else ReviewRow(*row)


def accept(session: Session, *, critique: Critique, user_id: int, revision_id: int, note: str = "") -> Critique:
    """Say that a critique is right as it stands; accepting it again changes nothing.

    Raises:
        ForbiddenError: it is the reviewer's own.
        ConflictError: it is not submitted, or was changed since it was read.
    """
    _check(session, critique, user_id, revision_id)
    if critique.review != ReviewState.accepted:
        _record(session, critique, user_id, ReviewState.accepted, note)
    return critique


def give_back(session: Session, *, critique: Critique, user_id: int, revision_id: int, note: str) -> Critique:
    """Return a critique to its author with a note on what to mend; it is a draft again and keeps its place.

    Raises:
        InvalidError: there is no note.
        ForbiddenError: it is the reviewer's own.
        ConflictError: it is not submitted, was changed since it was read, or nobody here can mend it.
    """
    if not note.strip():
        raise InvalidError("Say what its author should mend.", field="note")
    _check(session, critique, user_id, revision_id)
    if not _can_mend(session, critique):
        raise ConflictError(
            "Its author cannot mend it here: it was written by code or a model, or imported, or its author has left. "
            "Correct it yourself, or have it deleted."
        )
    critique.state = CritiqueState.draft
    critique.reason = note.strip()
    critique.submitted_at = None
    critique.submission_key = None
    _record(session, critique, user_id, ReviewState.returned, note)
    return critique


def correct(
    session: Session, *, critique: Critique, user_id: int, revision_id: int, draft: Draft, note: str = ""
) -> Critique:
    """Write a corrected revision in the reviewer's name; training and snapshots use it, the author's stays.

    Raises:
        InvalidError: there is neither a text nor an edit, nothing was changed, or the form never had such a tag or
            question.
        MismatchError: a span does not stand in the answer as its anchor says.
        ForbiddenError: it is the reviewer's own.
        ConflictError: it is not submitted, or was changed since it was read.
    """
    _check(session, critique, user_id, revision_id)
    spans.refuse_misplaced(draft.spans, session.get_one(Rollout, critique.rollout_id).text)
    form_versions.refuse_unknown(session, project_id=critique.project_id, answers=draft.answers, tags=draft.tags)
    critique.draft = draft.model_dump()
    critique.draft_version += 1
    revision = critiques.freeze(session, critique=critique, corrector_id=user_id)
    if revision.id == revision_id:
        raise InvalidError("Nothing is changed; accept the critique if it is right.", field="draft")
    _record(session, critique, user_id, ReviewState.corrected, note)
    return critique


def _can_mend(session: Session, critique: Critique) -> bool:
    membership = select(Membership.id).where(
        Membership.project_id == critique.project_id,
        Membership.user_id == critique.author_id,
        Membership.role != Role.viewer,
    )
    return session.scalar(membership) is not None


def let_go(session: Session, access: Access, *, author_id: int) -> None:
    """Free the places of what was returned to somebody who can no longer mend it; the texts stay."""
    returned = session.scalars(
        select(Critique)
        .where(
            Critique.project_id == access.project.id, Critique.author_id == author_id,
            Critique.state == CritiqueState.draft, Critique.review == ReviewState.returned,
        )
        .order_by(Critique.id)
        .with_for_update()
    ).all()  # fmt: skip
    for critique in sorted(returned, key=lambda found: found.rollout_id):
        assignments.lock_places(session, project=access.project, rollout_id=critique.rollout_id)
        critique.state, critique.review = CritiqueState.discarded, ReviewState.unreviewed
        critique.lease_expires_at = None
        journal.record_critique(
            session,
            critique=critique,
            user_id=access.user_id,
            verb=CritiqueState.discarded,
            note="Its author has left.",
        )
        session.flush()
        assignments.settle(session, project=access.project, rollout_id=critique.rollout_id)


def delete(session: Session, *, project: Project, critique: Critique, user_id: int) -> Critique:
    """Hide a critique everywhere and keep it out of snapshots; its place is free, and it can be restored."""
    _lock(session, critique)
    assignments.lock_places(session, project=project, rollout_id=critique.rollout_id)
    if critique.state == CritiqueState.deleted:
        return critique
    critique.state_before_deletion = critique.state
    critique.state = CritiqueState.deleted
    critique.lease_expires_at = None
    journal.record_critique(session, critique=critique, user_id=user_id, verb="deleted")
    session.flush()
    assignments.settle(session, project=project, rollout_id=critique.rollout_id)
    return critique


def may_restore(session: Session, *, access: Access, critique: Critique) -> bool:
    """Admins may bring back anything, authors what they deleted themselves."""
    if access.role.covers(Role.admin):
        return True
    deletion = critique_history.deleted(session, critique=critique)
    return critique.author_id == access.user_id and deletion is not None and deletion[0] == access.user_id


def restore(session: Session, *, access: Access, critique: Critique) -> Critique:
    """Bring a deleted critique back to the state it was in.

    Raises:
        ForbiddenError: somebody else deleted it, and the person is no admin.
        ConflictError: it is not deleted, or others have filled its place meanwhile.
    """
    project = access.project
    _lock(session, critique)
    assignments.lock_places(session, project=project, rollout_id=critique.rollout_id)
    before = critique.state_before_deletion
    if critique.state != CritiqueState.deleted or before is None:
        raise ConflictError("This critique is not deleted.", state=critique.state)
    if not may_restore(session, access=access, critique=critique):
        raise ForbiddenError("An admin deleted this critique; ask one of the project's admins to restore it.")
    needs_place = critique.author_kind == AuthorKind.annotator and _held_a_place(critique)
    if needs_place and not assignments.has_slot(session, project=project, critique=critique):
        raise ConflictError(
            "Others have filled this answer's places since it was deleted. Delete one of theirs, or raise the "
            "project's overlap, to restore it.",
            reason="slot_filled",
        )
    critique.state = before
    critique.state_before_deletion = None
    journal.record_critique(session, critique=critique, user_id=access.user_id, verb="restored")
    session.flush()
    assignments.settle(session, project=project, rollout_id=critique.rollout_id)
    return critique


def _held_a_place(critique: Critique) -> bool:
    if critique.state_before_deletion == CritiqueState.submitted:
        return True
    return critique.review == ReviewState.returned and not critique.imported


def _lock(session: Session, critique: Critique) -> None:
    session.flush()
    session.refresh(critique, with_for_update=True)


def _check(session: Session, critique: Critique, user_id: int, revision_id: int) -> None:
    _lock(session, critique)
    if critique.author_id == user_id:
        raise ForbiddenError("Somebody else reviews what you wrote.")
    if critique.state != CritiqueState.submitted:
        raise ConflictError("Only a submitted critique can be reviewed.", state=critique.state)
    if critique.current_revision_id != revision_id:
        raise ConflictError("This critique was changed since you opened it; read it again.", reason="changed")


def _record(session: Session, critique: Critique, user_id: int, verdict: ReviewState, note: str) -> None:
    critique.review = verdict
    session.add(
        CritiqueReview(
            critique_id=critique.id, revision_id=critique.current_revision_id, reviewer_id=user_id, verdict=verdict,
            note=note.strip(),
        )
    )  # fmt: skip
    journal.record_critique(session, critique=critique, user_id=user_id, verb=verdict, note=note.strip())
    session.flush()
