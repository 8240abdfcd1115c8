"""Critiques: drafts that are never lost, revisions that never change, submission that keeps the overlap exact."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend import forms
from backend.domain import assignments, form_versions, guidelines, journal, spans
from backend.domain.form_versions import FormRow
from backend.domain.spans import MAX_SPANS, Span
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.forms import Answer, Key
from backend.models import (
    AuthorKind,
    Checkpoint,
    Comparison,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Project,
    Prompt,
    ReviewState,
    Rollout,
    Verdict,
)  # fmt: skip

MAX_TEXT = 20_000


class Draft(BaseModel):
    """What an author has written so far. ``rating`` is in [0, 1]; ``edit`` is the corrected answer in full.

    ``answers`` are by key of question; ``form_version`` is the form that the author saw, None for the newest.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field("", max_length=MAX_TEXT)
    rating: float | None = Field(None, ge=0, le=1)
    tags: list[str] = Field(default_factory=list, max_length=20)
    edit: str | None = Field(None, max_length=MAX_TEXT)
    spans: list[Span] = Field(default_factory=list, max_length=MAX_SPANS)
    answers: dict[Key, Answer] = Field(default_factory=dict, max_length=100)
    form_version: int | None = Field(None, ge=1)


@dataclass(frozen=True)
class Redraft:
    """A second attempt under a critique, with what its author says of it."""

    rollout: Rollout
    comparison: Comparison | None


def own(session: Session, *, critique_id: int, user_id: int) -> Critique:
    """A person's own critique, locked; somebody else's or a deleted one does not exist for them."""
    critique = session.scalar(
        select(Critique)
        .where(Critique.id == critique_id, Critique.author_id == user_id, Critique.state != CritiqueState.deleted)
        .with_for_update()
    )
    if critique is None:
        raise NotFoundError("This assignment does not exist, or it is somebody else's.")
    return critique


def save_draft(session: Session, *, critique: Critique, draft: Draft, version: int) -> int:
    """Overwrite the draft if ``version`` is the newest; returns the new version.

    Raises:
        ConflictError: another tab saved meanwhile (details hold its text), or the critique is submitted.
        MismatchError: a span does not stand in the answer as its anchor says.
        InvalidError: an answer is to a question that the project never asked.
    """
    if critique.state == CritiqueState.submitted:
        raise ConflictError("This critique is submitted; reopen it to change it.", state=critique.state)
    if critique.draft_version != version:
        raise ConflictError(
            "This draft was changed elsewhere since you opened it. Both texts are kept; choose one.",
            server={"draft": critique.draft, "version": critique.draft_version},
        )
    if draft.spans:
        spans.refuse_misplaced(draft.spans, session.get_one(Rollout, critique.rollout_id).text)
    if draft.answers:
        form_versions.refuse_unknown(session, project_id=critique.project_id, answers=draft.answers)
    critique.draft = draft.model_dump()
    critique.draft_version = version + 1
    session.flush()
    return critique.draft_version


def freeze(
    session: Session, *, critique: Critique, corrector_id: int | None = None, form: FormRow | None = None
) -> CritiqueRevision:
    """The immutable revision of the draft as it stands; an unchanged draft keeps its revision.

    ``form`` is the one in force, where the caller has read it already.
    """
    draft = _as_answered(session, critique, form)
    if not draft.text.strip() and not (draft.edit or "").strip():
        raise InvalidError("Write what is wrong, or edit the answer, first.", field="text")
    last = _last_revision(session, critique)
    if last is not None and _content(last) == draft:
        return last
    revision = CritiqueRevision(
        critique_id=critique.id,
        number=1 if last is None else last.number + 1,
        text=draft.text,
        rating=draft.rating,
        tags=draft.tags,
        edit=draft.edit,
        spans=[span.model_dump() for span in draft.spans],
        corrector_id=corrector_id,
        answers=draft.answers,
        form_version=draft.form_version,
        guideline_version=_guidelines_in_force(session, critique),
    )
    session.add(revision)
    session.flush()
    critique.current_revision_id = revision.id
    return revision


def _last_revision(session: Session, critique: Critique) -> CritiqueRevision | None:
    if critique.current_revision_id is None:
        return None
    return session.scalar(
        select(CritiqueRevision)
        .where(CritiqueRevision.critique_id == critique.id)
        .order_by(CritiqueRevision.number.desc())
        .limit(1)
    )


def _as_answered(session: Session, critique: Critique, form: FormRow | None) -> Draft:
    """The draft under the form in force, which only people fill in."""
    draft = Draft.model_validate(critique.draft)
    if critique.author_kind != AuthorKind.annotator:
        return draft
    now = form or form_versions.current(session, project_id=critique.project_id)
    return draft.model_copy(update={"answers": forms.frozen(now.form, draft.answers), "form_version": now.number})


def _guidelines_in_force(session: Session, critique: Critique) -> int | None:
    if critique.author_kind != AuthorKind.annotator:
        return None
    return guidelines.newest(session, project_id=critique.project_id) or None


def _content(revision: CritiqueRevision) -> Draft:
    return Draft.model_validate(
        {name: getattr(revision, name) for name in Draft.model_fields if name != "spans"}
        | {"spans": spans.of(revision)}
    )


def submit(session: Session, *, project: Project, critique: Critique, key: str) -> CritiqueRevision:
    """Make the draft count; returns the revision that counts. Sent twice with the same key it counts once.

    Raises:
        ConflictError: submitted before under another key, or the slot was filled after the lease ran out; the draft
            stays in the person's history; or the form has changed since they saw it.
        InvalidError: the critique says nothing, or an answer is missing or not allowed.
    """
    if critique.state == CritiqueState.submitted:
        if critique.submission_key == key and (counted := revision_of(session, critique)) is not None:
            return counted
        raise ConflictError("This critique was submitted already.", state=critique.state)
    assignments.lock_places(session, project=project, rollout_id=critique.rollout_id)
    if not assignments.has_slot(session, project=project, critique=critique):
        raise ConflictError(
            "Others have filled this answer's places since your time ran out. Your text is kept in your history.",
            reason="slot_filled",
        )
    draft = Draft.model_validate(critique.draft)
    form = form_versions.refuse_incomplete(
        session, project_id=project.id, answered_under=draft.form_version, rating=draft.rating, tags=draft.tags,
        answers=draft.answers,
    )  # fmt: skip
    revision = freeze(session, critique=critique, form=form)
    critique.state = CritiqueState.submitted
    critique.submission_key = key
    critique.submitted_at = func.clock_timestamp()
    critique.first_submitted_at = func.coalesce(Critique.first_submitted_at, func.clock_timestamp())
    critique.review = ReviewState.unreviewed
    critique.lease_expires_at = None
    critique.postponed_at = None
    critique.reason = None
    journal.record_critique(session, critique=critique, verb="submitted", user_id=critique.author_id)
    session.flush()
    assignments.settle(session, project=project, rollout_id=critique.rollout_id)
    session.refresh(critique)
    return revision


def put_aside(session: Session, *, project: Project, critique: Critique, state: CritiqueState, reason: str) -> Critique:
    """Skip or discard: the slot is free for others, the text stays with its author."""
    if critique.state == CritiqueState.submitted and state == CritiqueState.skipped:
        raise ConflictError("This critique is submitted; discard it instead.", state=critique.state)
    assignments.lock_places(session, project=project, rollout_id=critique.rollout_id)
    critique.state = state
    critique.submitted_at = None  # what its author withdrew, nobody else brings back
    critique.review = ReviewState.unreviewed
    critique.reason = reason.strip() or None
    critique.lease_expires_at = None
    journal.record_critique(session, critique=critique, verb=state, user_id=critique.author_id)
    session.flush()
    assignments.settle(session, project=project, rollout_id=critique.rollout_id)
    return critique


def reopen(session: Session, *, project: Project, critique: Critique, minutes: float) -> Critique:
    """Take a submitted, skipped or discarded critique up again, if there is a place for it."""
    if critique.review == ReviewState.returned:
        assignments.renew(session, project=project, critique=critique, minutes=minutes)
        return critique
    assignments.lock_places(session, project=project, rollout_id=critique.rollout_id)
    if not assignments.has_slot(session, project=project, critique=critique):
        raise ConflictError("Others have filled this answer's places; your text stays here.", reason="slot_filled")
    critique.state = CritiqueState.draft
    critique.review = ReviewState.unreviewed
    critique.submitted_at = None
    critique.submission_key = None
    session.flush()
    assignments.settle(session, project=project, rollout_id=critique.rollout_id)
    assignments.renew(session, project=project, critique=critique, minutes=minutes)
    journal.record_critique(session, critique=critique, verb="reopened", user_id=critique.author_id)
    return critique


def add_by_code(
    session: Session,
    *,
    rollout: Rollout,
    kind: AuthorKind,
    name: str,
    text: str,
    rating: float,
    run_id: int | None = None,
) -> CritiqueRevision:
    """A submitted critique by a verifier or judge; these do not count towards the overlap."""
    critique = Critique(
        project_id=rollout.project_id,
        rollout_id=rollout.id,
        run_id=run_id,
        author_kind=kind,
        author_name=name,
        draft=Draft(text=text, rating=rating).model_dump(),
        state=CritiqueState.submitted,
        submitted_at=func.clock_timestamp(),
        first_submitted_at=func.clock_timestamp(),
    )
    session.add(critique)
    session.flush()
    return freeze(session, critique=critique)


def compare(
    session: Session, *, critique: Critique, redraft_id: int, verdict: Verdict | None, rating: float | None
) -> Redraft:
    """Record what the author says of a redraft made under this critique."""
    rollout = session.scalar(
        select(Rollout)
        .join(CritiqueRevision, CritiqueRevision.id == Rollout.critique_revision_id)
        .where(Rollout.id == redraft_id, CritiqueRevision.critique_id == critique.id)
    )
    if rollout is None:
        raise NotFoundError(f"Redraft {redraft_id} was not made under this critique.")
    comparison = session.scalar(
        select(Comparison).where(Comparison.critique_id == critique.id, Comparison.redraft_id == redraft_id)
    )
    if comparison is None:
        comparison = Comparison(critique_id=critique.id, redraft_id=redraft_id)
        session.add(comparison)
    comparison.verdict = verdict
    comparison.rating = rating
    session.flush()
    return Redraft(rollout=rollout, comparison=comparison)


def redrafts(session: Session, *, critique_id: int) -> list[Redraft]:
    """Every second attempt under a critique, oldest first."""
    query = (
        select(Rollout, Comparison)
        .join(CritiqueRevision, CritiqueRevision.id == Rollout.critique_revision_id)
        .outerjoin(
            Comparison, (Comparison.redraft_id == Rollout.id) & (Comparison.critique_id == CritiqueRevision.critique_id)
        )
        .where(CritiqueRevision.critique_id == critique_id, Rollout.run_id.is_(None))
        .order_by(Rollout.id)
    )
    return [Redraft(rollout=r, comparison=c) for r, c in session.execute(query)]


def get(session: Session, critique_id: int) -> Critique:
    """One critique."""
    critique = session.get(Critique, critique_id)
    if critique is None:
        raise NotFoundError(f"There is no critique {critique_id}.")
    return critique


def subject(session: Session, critique: Critique) -> tuple[Prompt, Rollout, Checkpoint]:
    """The prompt and the answer that a critique is about, and which checkpoint gave it."""
    row = session.execute(
        select(Prompt, Rollout, Checkpoint)
        .join(Rollout, Rollout.prompt_id == Prompt.id)
        .join(Checkpoint, Checkpoint.id == Rollout.checkpoint_id)
        .where(Rollout.id == critique.rollout_id)
    ).one()
    return row[0], row[1], row[2]


def others(session: Session, *, critique: Critique) -> list[tuple[Critique, CritiqueRevision]]:
    """What other people submitted on the same answer, oldest first."""
    query = (
        select(Critique, CritiqueRevision)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(
            Critique.rollout_id == critique.rollout_id,
            Critique.id != critique.id,
            Critique.author_kind == AuthorKind.annotator,
            Critique.state == CritiqueState.submitted,
        )
        .order_by(Critique.id)
    )
    return [(other, revision) for other, revision in session.execute(query)]


def revision_of(session: Session, critique: Critique) -> CritiqueRevision | None:
    """The newest revision of a critique."""
    if critique.current_revision_id is None:
        return None
    return session.get(CritiqueRevision, critique.current_revision_id)


@dataclass(frozen=True)
class CritiqueRow:
    """A line of a list of critiques."""

    critique: Critique
    revision: CritiqueRevision | None
    prompt: Prompt
    rollout: Rollout


def page(
    session: Session,
    *,
    project_id: int,
    author_id: int | None = None,
    author_kind: AuthorKind | None = None,
    state: CritiqueState | None = None,
    reviews: Sequence[ReviewState] = tuple(ReviewState),
    before: int | None = None,
    limit: int = 50,
) -> Sequence[CritiqueRow]:
    """Critiques of a project, newest first; deleted ones only where that state is asked for."""
    query = (
        select(Critique, CritiqueRevision, Prompt, Rollout)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .outerjoin(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(Critique.project_id == project_id)
        .where(Critique.state == state if state is not None else Critique.state != CritiqueState.deleted)
        .where(Critique.review.in_(reviews))
        .order_by(Critique.id.desc())
        .limit(limit)
    )
    if author_id is not None:
        query = query.where(Critique.author_id == author_id)
    if author_kind is not None:
        query = query.where(Critique.author_kind == author_kind)
    if before is not None:
        query = query.where(Critique.id < before)
    return [CritiqueRow(critique=c, revision=r, prompt=p, rollout=a) for c, r, p, a in session.execute(query)]
