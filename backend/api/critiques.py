"""Annotation: assignments, drafts, live redrafts, submission, review."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Self

from fastapi import APIRouter, Header, Response
from fastapi.responses import StreamingResponse
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from backend.api import redrafts
from backend.api.deps import (
    ActorDep,
    AnnotatorDep,
    EngineDep,
    ReviewerDep,
    SessionDep,
    SessionsDep,
    SettingsDep,
)  # fmt: skip
from backend.api.forms import FormShape
from backend.api.guidelines import StandingShape
from backend.api.shapes import Body, Limit, PromptShape, RolloutShape, Shape, prompt_text
from backend.api.streaming import respond
from backend.database import transaction
from backend.domain import assignments, critiques, form_versions, guidelines, known_items, projects, reviews, rollouts
from backend.domain.critiques import CritiqueRow, Draft, Redraft
from backend.domain.spans import Span
from backend.domain.users import Actor
from backend.errors import DomainError
from backend.forms import Answer
from backend.models import (
    AuthorKind,
    Checkpoint,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Project,
    ReviewState,
    Role,
    Verdict,
)  # fmt: skip

router = APIRouter(prefix="/api", tags=["critiques"])

MOST_RETURNED = 500
Reason = Annotated[str, StringConstraints(max_length=500)]


class AuthorShape(Shape):
    """Who critiques: a person, a model or code, always said."""

    kind: AuthorKind
    name: str


class RevisionShape(Shape):
    """A frozen critique."""

    id: int
    number: int
    text: str
    rating: float | None
    tags: list[str]
    edit: str | None
    spans: list[Span]
    corrector_id: int | None
    form_version: int | None
    guideline_version: int | None
    answers: dict[str, Answer]
    created_at: datetime


class CritiqueShape(Shape):
    """A critique with its draft and its newest revision."""

    id: int
    rollout_id: int
    author: AuthorShape
    state: CritiqueState
    review: ReviewState
    draft: Draft
    draft_version: int
    revision: RevisionShape | None
    lease_expires_at: datetime | None
    postponed_at: datetime | None
    reason: str | None
    created_at: datetime
    submitted_at: datetime | None

    @classmethod
    def of(cls, critique: Critique, revision: CritiqueRevision | None) -> Self:
        """From the rows."""
        return cls(
            id=critique.id,
            rollout_id=critique.rollout_id,
            author=AuthorShape(kind=critique.author_kind, name=critique.author_name),
            state=critique.state,
            review=critique.review,
            draft=Draft.model_validate(critique.draft),
            draft_version=critique.draft_version,
            revision=RevisionShape.model_validate(revision) if revision else None,
            lease_expires_at=critique.lease_expires_at,
            postponed_at=critique.postponed_at,
            reason=critique.reason,
            created_at=critique.created_at,
            submitted_at=critique.submitted_at,
        )


class CritiqueRowShape(CritiqueShape):
    """A line of a list."""

    prompt_text: str
    answer_text: str


class CritiquePage(Shape):
    """Critiques, newest first, and where to go on (``before``)."""

    items: list[CritiqueRowShape]
    next: int | None


class RedraftShape(Shape):
    """A second attempt and what its author says of it."""

    rollout: RolloutShape
    revision_id: int | None
    verdict: Verdict | None
    rating: float | None


class ReviewShape(Shape):
    """What a reviewer said of a critique, and when."""

    verdict: ReviewState
    note: str
    reviewer: str
    created_at: datetime


class PracticeShape(Shape):
    """This is a practice item: which one, of how many; feedback comes at once after it."""

    number: int
    of: int


class OtherShape(Shape):
    """What somebody else said of the same answer."""

    author: str
    text: str
    rating: float | None


class AssignmentShape(Shape):
    """Everything the annotate page needs; ``review`` is the newest, ``answered_under`` the newest revision's form."""

    critique: CritiqueShape
    is_mine: bool
    review: ReviewShape | None
    prompt: PromptShape
    rollout: RolloutShape
    redrafts: list[RedraftShape]
    guidelines: str
    guideline_standing: StandingShape
    rating_levels: int
    tags: list[str]
    form: FormShape
    answered_under: FormShape | None
    practice: PracticeShape | None
    others: list[OtherShape]


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


def _redraft(session: Session, redraft: Redraft) -> RedraftShape:
    checkpoint = session.get_one(Checkpoint, redraft.rollout.checkpoint_id)
    return RedraftShape(
        rollout=RolloutShape.of(redraft.rollout, checkpoint),
        revision_id=redraft.rollout.critique_revision_id,
        verdict=redraft.comparison.verdict if redraft.comparison else None,
        rating=redraft.comparison.rating if redraft.comparison else None,
    )


def _assignment(session: Session, actor: Actor, project: Project, critique: Critique) -> AssignmentShape:
    session.refresh(critique)
    review = reviews.latest(session, critique_id=critique.id)
    prompt, rollout = critiques.subject(session, critique)
    checkpoint = session.get_one(Checkpoint, rollout.checkpoint_id)
    revision = critiques.revision_of(session, critique)
    return AssignmentShape(
        critique=CritiqueShape.of(critique, revision),
        is_mine=critique.author_id == actor.user.id,
        review=ReviewShape.model_validate(review) if review else None,
        prompt=PromptShape.of(prompt),
        rollout=RolloutShape.of(rollout, checkpoint),
        redrafts=[_redraft(session, redraft) for redraft in critiques.redrafts(session, critique_id=critique.id)],
        guidelines=project.guidelines,
        guideline_standing=_guideline_standing(session, critique),
        rating_levels=project.rating_levels,
        tags=project.tags,
        form=FormShape.of(form_versions.current(session, project_id=project.id)),
        answered_under=_answered_under(session, critique, revision),
        practice=_practice(session, project, critique),
        others=_others(session, critique) if project.open_critiques else [],
    )


def _others(session: Session, critique: Critique) -> list[OtherShape]:
    return [
        OtherShape(author=other.author_name, text=revision.text, rating=revision.rating)
        for other, revision in critiques.others(session, critique=critique)
    ]


def _practice(session: Session, project: Project, critique: Critique) -> PracticeShape | None:
    standing = known_items.practice_standing(session, project=project, critique=critique)
    return PracticeShape.model_validate(standing) if standing else None


def _guideline_standing(session: Session, critique: Critique) -> StandingShape:
    """Of the critique's author; verifiers and judges read no guidelines."""
    if critique.author_id is None:
        return StandingShape(number=guidelines.newest(session, project_id=critique.project_id), read=None)
    return StandingShape.model_validate(
        guidelines.standing(session, project_id=critique.project_id, user_id=critique.author_id)
    )


def _answered_under(session: Session, critique: Critique, revision: CritiqueRevision | None) -> FormShape | None:
    if revision is None or revision.form_version is None:
        return None
    number = revision.form_version
    return FormShape.of(form_versions.numbered(session, project_id=critique.project_id, number=number))


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
    return _assignment(session, actor, access.project, critique)


@router.get("/critiques/{critique_id}")
def get_critique(critique_id: int, actor: ActorDep, session: SessionDep) -> AssignmentShape:
    """A critique of mine; reviewers see everybody's."""
    critique = critiques.get(session, critique_id)
    mine = critique.author_id == actor.user.id
    role = Role.annotator if mine else Role.reviewer
    access = projects.authorise(session, actor, at_least=role, project_id=critique.project_id)
    return _assignment(session, actor, access.project, critique)


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
    return _redraft(session, found)


@router.post("/critiques/{critique_id}/submit")
def submit(
    critique_id: int,
    body: DraftBody,
    actor: ActorDep,
    sessions: SessionsDep,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=200)],
) -> CritiqueShape:
    """Make the critique count. The text is saved first, before a savepoint, so a refusal loses nothing."""
    with transaction(sessions) as session:
        project, critique = _own(session, actor, critique_id)
        if critique.state != CritiqueState.submitted:
            critiques.save_draft(session, critique=critique, draft=body.draft, version=body.version)
        try:
            with session.begin_nested():
                critiques.submit(session, project=project, critique=critique, key=idempotency_key)
            return CritiqueShape.of(critique, critiques.revision_of(session, critique))
        except DomainError as error:
            refusal = error
    raise refusal


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
    return _assignment(session, actor, project, critique)


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
    return _page(found, limit)


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
    rest = _page(others, limit)
    return CritiquePage(items=[*_page(returned, limit).items, *rest.items], next=rest.next)


def _page(found: Sequence[CritiqueRow], limit: int) -> CritiquePage:
    items = [
        CritiqueRowShape(
            **CritiqueShape.of(row.critique, row.revision).model_dump(),
            prompt_text=prompt_text(row.prompt),
            answer_text=row.rollout.text,
        )
        for row in found
    ]
    return CritiquePage(items=items, next=items[-1].id if len(items) == limit else None)
