"""Comparing two answers side by side, blind: until somebody has answered, nothing here tells who wrote which."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from backend.api.deps import ActorDep, SessionDep, SessionsDep, SettingsDep
from backend.api.shapes import Body, ChatMessage, CheckpointRef, Shape
from backend.database import transaction
from backend.domain import pairs, preferences, projects
from backend.domain.preferences import PreferenceDraft
from backend.models import ComparisonSet, Preference, PreferenceState, Role

router = APIRouter(prefix="/api", tags=["comparisons"])


class PreferenceShape(Shape):
    """What I say of a pair."""

    id: int
    state: PreferenceState
    draft: PreferenceDraft
    draft_version: int
    lease_expires_at: datetime | None


class PairAssignmentShape(Shape):
    """A prompt with two answers, without who wrote them."""

    preference: PreferenceShape
    messages: list[ChatMessage]
    left: str
    right: str
    guidelines: str


class OriginShape(Shape):
    """Who wrote the left and the right answer."""

    left: CheckpointRef
    right: CheckpointRef


class AnsweredShape(Shape):
    """My answer counts; ``origin`` is there if the set reveals it."""

    preference: PreferenceShape
    origin: OriginShape | None


class PreferenceDraftBody(Body):
    """A draft and the version it was made from."""

    draft: PreferenceDraft
    version: Annotated[int, Field(ge=0)]


class SkipPairBody(Body):
    """Why, in a few words."""

    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class SavedPreferenceShape(Shape):
    """The version a draft was saved as."""

    version: int
    saved_at: datetime


@router.post("/comparison-sets/{set_id}/next", responses={204: {"description": "Nothing to do"}})
def next_pair(set_id: int, actor: ActorDep, session: SessionDep, settings: SettingsDep) -> PairAssignmentShape:
    """The next pair to compare, leased to me; 204 when there is none."""
    made = pairs.get(session, set_id)
    access = projects.authorise(session, actor, at_least=Role.annotator, project_id=made.project_id)
    preference = preferences.lease_next(session, made=made, user=actor.user, minutes=settings.lease_minutes)
    if preference is None:
        return Response(status_code=204)  # type: ignore[return-value]
    session.refresh(preference)
    prompt, left, right = preferences.shown(session, preference)
    return PairAssignmentShape(
        preference=PreferenceShape.model_validate(preference),
        messages=[ChatMessage.model_validate(message) for message in prompt.messages],
        left=left,
        right=right,
        guidelines=access.project.guidelines,
    )


def _own(session: Session, actor: ActorDep, preference_id: int) -> tuple[Preference, ComparisonSet]:
    preference, made = preferences.own(session, preference_id=preference_id, user_id=actor.user.id)
    projects.authorise(session, actor, at_least=Role.annotator, project_id=made.project_id)
    return preference, made


@router.put("/preferences/{preference_id}/draft")
def save_preference_draft(
    preference_id: int, body: PreferenceDraftBody, actor: ActorDep, session: SessionDep
) -> SavedPreferenceShape:
    """Autosave; 409 with the server's text when another tab saved meanwhile."""
    preference, _ = _own(session, actor, preference_id)
    version = preferences.save_draft(session, preference=preference, draft=body.draft, version=body.version)
    return SavedPreferenceShape(version=version, saved_at=datetime.now(UTC))


@router.post("/preferences/{preference_id}/heartbeat")
def renew_pair_lease(
    preference_id: int, actor: ActorDep, session: SessionDep, settings: SettingsDep
) -> PreferenceShape:
    """Hold the pair longer."""
    preference, made = _own(session, actor, preference_id)
    preferences.renew(session, made=made, preference=preference, minutes=settings.lease_minutes)
    return PreferenceShape.model_validate(preference)


@router.post("/preferences/{preference_id}/submit")
def submit_preference(
    preference_id: int,
    body: PreferenceDraftBody,
    actor: ActorDep,
    sessions: SessionsDep,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=200)],
) -> AnsweredShape:
    """Make it count. The draft is saved first, in a transaction of its own, so a refusal loses nothing."""
    with transaction(sessions) as session:
        preference, _ = _own(session, actor, preference_id)
        if preference.state != PreferenceState.submitted:
            preferences.save_draft(session, preference=preference, draft=body.draft, version=body.version)
    with transaction(sessions) as session:
        preference, made = _own(session, actor, preference_id)
        preferences.submit(session, made=made, preference=preference, key=idempotency_key)
        return AnsweredShape(
            preference=PreferenceShape.model_validate(preference), origin=_origin(session, preference, made)
        )


def _origin(session: Session, preference: Preference, made: ComparisonSet) -> OriginShape | None:
    found = preferences.origins(session, preference, made)
    if found is None:
        return None
    left, right = (CheckpointRef.model_validate(checkpoint) for checkpoint in found)
    return OriginShape(left=left, right=right)


@router.post("/preferences/{preference_id}/skip")
def skip_pair(preference_id: int, body: SkipPairBody, actor: ActorDep, session: SessionDep) -> PreferenceShape:
    """Leave this pair to others."""
    preference, _ = _own(session, actor, preference_id)
    return PreferenceShape.model_validate(preferences.skip(session, preference=preference, reason=body.reason))
