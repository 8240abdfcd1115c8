"""Handing out pairs and taking what people prefer: exactly as many answers per pair as its set wants.

A lease is a draft preference whose ``lease_expires_at`` lies ahead. The pair's row is the lock of its places, taken
before the preference's; one hand-out at a time goes through a set, so that nobody is sent away while a place is free.
"""

import secrets
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import Checkpoint, ComparisonSet, Pair, Preference, PreferenceState, Prompt, Rollout, User

MAX_TEXT = 5000
SAME = 4


class PreferenceDraft(BaseModel):
    """What somebody has said so far; ``choice`` 1 is left much better, 4 the same, 7 right much better."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    choice: int | None = Field(None, ge=1, le=7)
    text: str = Field("", max_length=MAX_TEXT)


def favour_of_a(preference: Preference) -> int:
    """How much better A is, from -3 to 3, wherever it was shown; 0 is the same."""
    choice = SAME if preference.choice is None else preference.choice
    return SAME - choice if preference.a_is_left else choice - SAME


def lease_next(session: Session, *, made: ComparisonSet, user: User, minutes: float) -> Preference | None:
    """The person's open draft of this set, else a lease on its first pair with a free place; None when all is done."""
    session.execute(select(ComparisonSet.id).where(ComparisonSet.id == made.id).with_for_update(key_share=True))
    if not made.is_open:
        return None
    own = _open_draft(session, made=made, user=user)
    if own is not None:
        own.lease_expires_at = _expiry(minutes)
        session.flush()
        return own
    refused: list[int] = []
    while (pair_id := _lock_candidate(session, made=made, user=user, refused=refused)) is not None:
        if _taken(session, pair_id=pair_id) < made.overlap:
            return _open(session, user=user, pair_id=pair_id, minutes=minutes)
        refused.append(pair_id)
    return None


def _open(session: Session, *, user: User, pair_id: int, minutes: float) -> Preference:
    preference = Preference(
        pair_id=pair_id,
        author_id=user.id,
        a_is_left=secrets.choice((True, False)),
        draft=PreferenceDraft().model_dump(),
        lease_expires_at=_expiry(minutes),
    )
    session.add(preference)
    session.flush()
    return preference


def _open_draft(session: Session, *, made: ComparisonSet, user: User) -> Preference | None:
    drafts = session.scalars(
        select(Preference)
        .join(Pair, Pair.id == Preference.pair_id)
        .where(
            Pair.set_id == made.id, Preference.author_id == user.id, Preference.state == PreferenceState.draft
        )
        .order_by(Preference.id.desc())
    ).all()  # fmt: skip
    for draft in drafts:
        lock_pair(session, draft.pair_id)
        session.refresh(draft)  # another tab may have submitted it meanwhile
        if draft.state == PreferenceState.draft and _has_place(session, made=made, preference=draft):
            return draft
    return None


def _expiry(minutes: float) -> ColumnElement[datetime]:
    return func.clock_timestamp() + timedelta(minutes=minutes)


def _lock_candidate(session: Session, *, made: ComparisonSet, user: User, refused: list[int]) -> int | None:
    mine = select(Preference.id).where(Preference.pair_id == Pair.id, Preference.author_id == user.id).exists()
    taken = select(func.count()).select_from(Preference).where(Preference.pair_id == Pair.id, _occupies())
    return session.scalar(
        select(Pair.id)
        .where(Pair.set_id == made.id, ~mine, taken.scalar_subquery() < made.overlap, Pair.id.not_in(refused))
        .order_by(Pair.id)
        .limit(1)
        .with_for_update()
    )


def _occupies() -> ColumnElement[bool]:
    return (Preference.state == PreferenceState.submitted) | (
        (Preference.state == PreferenceState.draft) & (Preference.lease_expires_at > func.clock_timestamp())
    )


def _taken(session: Session, *, pair_id: int, but: int | None = None) -> int:
    query = select(func.count()).select_from(Preference).where(Preference.pair_id == pair_id, _occupies())
    if but is not None:
        query = query.where(Preference.id != but)
    return session.scalar(query) or 0


def lock_pair(session: Session, pair_id: int) -> None:
    """Hold the pair's places for the rest of the transaction."""
    session.execute(select(Pair.id).where(Pair.id == pair_id).with_for_update())


def _has_place(session: Session, *, made: ComparisonSet, preference: Preference) -> bool:
    return _taken(session, pair_id=preference.pair_id, but=preference.id) < made.overlap


def own(session: Session, *, preference_id: int, user_id: int) -> tuple[Preference, ComparisonSet]:
    """A person's own preference with its pair locked; somebody else's does not exist for them."""
    row = session.execute(
        select(Preference, ComparisonSet)
        .join(Pair, Pair.id == Preference.pair_id)
        .join(ComparisonSet, ComparisonSet.id == Pair.set_id)
        .where(Preference.id == preference_id, Preference.author_id == user_id)
    ).first()
    if row is None:
        raise NotFoundError("This pair does not exist, or it is somebody else's.")
    preference, made = row
    lock_pair(session, preference.pair_id)
    session.refresh(preference)
    return preference, made


def save_draft(session: Session, *, preference: Preference, draft: PreferenceDraft, version: int) -> int:
    """Overwrite the draft if ``version`` is the newest; returns the new version.

    Raises:
        ConflictError: it is submitted or skipped, or another tab saved meanwhile (details hold its text).
    """
    _refuse_over(preference)
    if preference.draft_version != version:
        raise ConflictError(
            "This was changed elsewhere since you opened it. Both texts are kept; choose one.",
            server={"draft": preference.draft, "version": preference.draft_version},
        )
    preference.draft = draft.model_dump()
    preference.draft_version = version + 1
    session.flush()
    return preference.draft_version


def renew(session: Session, *, made: ComparisonSet, preference: Preference, minutes: float) -> None:
    """Heartbeat: hold the pair longer."""
    _refuse_over(preference)
    _refuse_filled(session, made=made, preference=preference)
    preference.lease_expires_at = _expiry(minutes)
    session.flush()
    session.refresh(preference, ["lease_expires_at"])


def submit(session: Session, *, made: ComparisonSet, preference: Preference, key: str) -> Preference:
    """Make the draft count, for good: what was written blind is not changed afterwards.

    Sent twice with the same key it counts once.

    Raises:
        InvalidError: nothing was chosen.
        ConflictError: submitted or skipped before, or others have filled the pair's places since the lease ran out.
    """
    if preference.state == PreferenceState.submitted and preference.submission_key == key:
        return preference
    _refuse_over(preference)
    _refuse_filled(session, made=made, preference=preference)
    draft = PreferenceDraft.model_validate(preference.draft)
    if draft.choice is None:
        raise InvalidError("Say first which answer is better, or that both are the same.", field="choice")
    preference.state = PreferenceState.submitted
    preference.choice, preference.text = draft.choice, draft.text
    preference.submission_key = key
    preference.submitted_at = func.clock_timestamp()
    preference.lease_expires_at = None
    session.flush()
    session.refresh(preference)
    return preference


def skip(session: Session, *, preference: Preference, reason: str) -> Preference:
    """Leave the pair to others; the person does not get it again."""
    _refuse_over(preference)
    preference.state = PreferenceState.skipped
    preference.reason = reason or None
    preference.lease_expires_at = None
    session.flush()
    return preference


def _refuse_over(preference: Preference) -> None:
    if preference.state != PreferenceState.draft:
        raise ConflictError(f"This pair is {preference.state} already.", state=preference.state)


def _refuse_filled(session: Session, *, made: ComparisonSet, preference: Preference) -> None:
    if not _has_place(session, made=made, preference=preference):
        raise ConflictError(
            "The time for this pair ran out and others have answered it. Take the next one.", reason="slot_filled"
        )


def shown(session: Session, preference: Preference) -> tuple[Prompt, str, str]:
    """The prompt and the texts of the left and the right answer, as this person sees them."""
    pair = session.get_one(Pair, preference.pair_id)
    a, b = session.get_one(Rollout, pair.rollout_a_id).text, session.get_one(Rollout, pair.rollout_b_id).text
    return session.get_one(Prompt, pair.prompt_id), *((a, b) if preference.a_is_left else (b, a))


def origins(session: Session, preference: Preference, made: ComparisonSet) -> tuple[Checkpoint, Checkpoint] | None:
    """Who wrote the left and the right answer; None while the person has not answered, or if the set keeps it."""
    if preference.state != PreferenceState.submitted or not made.reveals:
        return None
    pair = session.get_one(Pair, preference.pair_id)
    a, b = (
        session.get_one(Checkpoint, session.get_one(Rollout, number).checkpoint_id)
        for number in (pair.rollout_a_id, pair.rollout_b_id)
    )
    return (a, b) if preference.a_is_left else (b, a)
