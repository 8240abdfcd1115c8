"""Annotation: assignments, drafts, live redrafts, submission, review."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from backend.api import redrafts
from backend.api.critique_shapes import (
    AssignmentShape,
    CritiquePage,
    CritiqueShape,
    RedraftShape,
    assignment_shape,
    critique_page,
    deletion_shape,
    redraft_shape,
)  # fmt: skip
from backend.api.deps import (
    ActorDep,
    AnnotatorDep,
    EngineDep,
    ReviewerDep,
    SessionDep,
    SessionsDep,
    SettingsDep,
)  # fmt: skip
from backend.api.shapes import Body, Limit, Shape, error_response
from backend.api.streaming import respond
from backend.database import transaction
from backend.domain import assignments, critiques, projects, rollouts
from backend.domain.critiques import Draft
from backend.errors import DomainError
from backend.models import AuthorKind, Critique, CritiqueState, Project, ReviewState, Role, Verdict

router = APIRouter(prefix="/api", tags=["critiques"])

MOST_RETURNED = 500
Reason = Annotated[str, StringConstraints(max_length=500)]


class DraftBody(Body):
    """A draft and the version it was made from."""

    draft: Draft
    version: Annotated[int, Field(ge=0)]


class CompareBody(Body):
    """Better, same or worse; and a rating of the redraft, if you like."""

    verdict: Verdict | None = None
    rating: Annotated[float | None, Field(ge=0, le=1)] = None


class ReasonBody(Body):
    """Why, in a few words."""

    reason: Reason = ""


class SavedShape(Shape):
    """The version a draft was saved as."""

    version: int
    saved_at: datetime


class LeaseShape(Shape):
    """Until when the answer is yours."""

    lease_expires_at: datetime


def _own(session: Session, actor: ActorDep, critique_id: int) -> tuple[Project, Critique]:
    critique = critiques.own(session, critique_id=critique_id, user_id=actor.user.id)
    access = projects.authorise(session, actor, at_least=Role.annotator, project_id=critique.project_id)
    return access.project, critique


@router.post("/projects/{project}/assignments/next", responses={204: {"description": "Nothing to do"}})
def next_assignment(
    access: AnnotatorDep, actor: ActorDep, session: SessionDep, settings: SettingsDep
) -> AssignmentShape:
    """The next answer to critique, leased to me; 204 when there is none."""
    critique = assignments.lease_next(session, project=access.project, user=actor.user, minutes=settings.lease_minutes)
    if critique is None:
        return Response(status_code=204)  # type: ignore[return-value]
    return assignment_shape(session, actor, access.project, critique)


@router.get("/critiques/{critique_id}")
def get_critique(critique_id: int, actor: ActorDep, session: SessionDep) -> AssignmentShape:
    """A critique of mine; reviewers see everybody's."""
    critique = critiques.get(session, critique_id)
    mine = critique.author_id == actor.user.id
    role = Role.annotator if mine else Role.reviewer
    access = projects.authorise(session, actor, at_least=role, project_id=critique.project_id)
    return assignment_shape(
        session, actor, access.project, critique, deletion=deletion_shape(session, access, critique)
    )  # fmt: skip


@router.put("/critiques/{critique_id}/draft")
def save_draft(critique_id: int, body: DraftBody, actor: ActorDep, session: SessionDep) -> SavedShape:
    """Autosave; 409 with the server's text when another tab saved meanwhile."""
    _, critique = _own(session, actor, critique_id)
    version = critiques.save_draft(session, critique=critique, draft=body.draft, version=body.version)
    return SavedShape(version=version, saved_at=datetime.now().astimezone())


@router.post("/critiques/{critique_id}/heartbeat")
def renew_lease(critique_id: int, actor: ActorDep, session: SessionDep, settings: SettingsDep) -> LeaseShape:
    """Hold the answer longer."""
    project, critique = _own(session, actor, critique_id)
    assignments.renew(session, project=project, critique=critique, minutes=settings.lease_minutes)
    return LeaseShape.model_validate(critique)


@router.post("/critiques/{critique_id}/redraft", response_class=StreamingResponse)
def redraft(
    critique_id: int, body: DraftBody, actor: ActorDep, sessions: SessionsDep, engine: EngineDep
) -> StreamingResponse:
    """Stream the model's second attempt under the critique as it stands (server-sent events)."""
    with transaction(sessions) as session:
        _, critique = _own(session, actor, critique_id)
        plan = rollouts.begin_redraft(session, critique=critique, draft=body.draft, version=body.version)
    return respond(redrafts.stream(sessions, engine, plan))


@router.put("/critiques/{critique_id}/redrafts/{rollout_id}")
def compare_redraft(
    critique_id: int, rollout_id: int, body: CompareBody, actor: ActorDep, session: SessionDep
) -> RedraftShape:
    """Say whether a redraft is better, the same or worse than the attempt."""
    _, critique = _own(session, actor, critique_id)
    found = critiques.compare(
        session, critique=critique, redraft_id=rollout_id, verdict=body.verdict, rating=body.rating
    )
    return redraft_shape(session, found)


@router.post("/critiques/{critique_id}/submit")
def submit(
    critique_id: int,
    body: DraftBody,
    actor: ActorDep,
    session: SessionDep,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=200)],
) -> CritiqueShape:
    """Make the critique count. The text is saved first, before a savepoint, so a refusal loses nothing."""
    project, critique = _own(session, actor, critique_id)
    if critique.state != CritiqueState.submitted:
        critiques.save_draft(session, critique=critique, draft=body.draft, version=body.version)
    try:
        with session.begin_nested():
            revision = critiques.submit(session, project=project, critique=critique, key=idempotency_key)
    except DomainError as refusal:
        return error_response(refusal)  # type: ignore[return-value]  # raised, it would take the text back too
    return CritiqueShape.of(critique, revision)


@router.post("/critiques/{critique_id}/skip")
def skip(critique_id: int, body: ReasonBody, actor: ActorDep, session: SessionDep) -> CritiqueShape:
    """Leave this answer to others; the text stays in my history."""
    return _put_aside(session, actor, critique_id, CritiqueState.skipped, body.reason)


@router.post("/critiques/{critique_id}/discard")
def discard(critique_id: int, body: ReasonBody, actor: ActorDep, session: SessionDep) -> CritiqueShape:
    """Withdraw a critique; it is not trained on. The text stays in my history."""
    return _put_aside(session, actor, critique_id, CritiqueState.discarded, body.reason)


def _put_aside(session: Session, actor: ActorDep, critique_id: int, state: CritiqueState, reason: str) -> CritiqueShape:
    project, critique = _own(session, actor, critique_id)
    critiques.put_aside(session, project=project, critique=critique, state=state, reason=reason)
    return CritiqueShape.of(critique, critiques.revision_of(session, critique))


@router.post("/critiques/{critique_id}/postpone")
def postpone(critique_id: int, actor: ActorDep, session: SessionDep) -> CritiqueShape:
    """Leave this answer for later: it comes back at the end of my queue, with what I wrote."""
    project, critique = _own(session, actor, critique_id)
    assignments.postpone(session, project=project, user=actor.user, critique=critique)
    return CritiqueShape.of(critique, critiques.revision_of(session, critique))


@router.post("/critiques/{critique_id}/reopen")
def reopen(critique_id: int, actor: ActorDep, session: SessionDep, settings: SettingsDep) -> AssignmentShape:
    """Take a critique up again, if its place is still free."""
    project, critique = _own(session, actor, critique_id)
    critiques.reopen(session, project=project, critique=critique, minutes=settings.lease_minutes)
    return assignment_shape(session, actor, project, critique)


@router.get("/projects/{project}/critiques")
def list_critiques(
    access: ReviewerDep, session: SessionDep, author_kind: AuthorKind | None = None,
    state: CritiqueState | None = None, review: ReviewState | None = None, before: int | None = None,
    limit: Limit = 50,
) -> CritiquePage:  # fmt: skip
    """All critiques of the project, newest first; deleted ones only where that state is asked for."""
    found = critiques.page(
        session, project_id=access.project.id, author_kind=author_kind, state=state,
        reviews=[review] if review else tuple(ReviewState), before=before, limit=limit,
    )  # fmt: skip
    return critique_page(found, limit)


@router.get("/projects/{project}/history")
def list_own_critiques(
    access: AnnotatorDep, session: SessionDep, state: CritiqueState | None = None, before: int | None = None,
    limit: Limit = 50,
) -> CritiquePage:  # fmt: skip
    """My critiques, those returned to me first, then newest first; deleted ones only where that state is asked for."""
    mine = partial(critiques.page, session, project_id=access.project.id, author_id=access.user_id, state=state)
    returned = mine(reviews=[ReviewState.returned], limit=MOST_RETURNED) if before is None else []
    others = mine(
        reviews=[review for review in ReviewState if review != ReviewState.returned], before=before, limit=limit
    )
    rest = critique_page(others, limit)
    return CritiquePage(items=[*critique_page(returned, limit).items, *rest.items], next=rest.next)
