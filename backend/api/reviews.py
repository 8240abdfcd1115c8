"""Review: accept, return or correct a critique; see all of one answer side by side; history, deletion, restoring."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from backend.api.critique_shapes import CritiqueShape, RevisionShape
from backend.api.deps import ActorDep, ReviewerDep, SessionDep
from backend.api.shapes import After, Body, Limit, PromptShape, RolloutShape, Shape, prompt_text
from backend.domain import adjudication, critique_history, critiques, projects, reviews
from backend.domain.adjudication import Contested
from backend.domain.critique_history import Event
from backend.domain.critiques import Draft
from backend.domain.projects import Access
from backend.domain.users import Actor
from backend.models import Checkpoint, Critique, Role, Verdict

router = APIRouter(prefix="/api", tags=["reviews"])

Note = Annotated[str, StringConstraints(max_length=2_000)]


class ReviewBody(Body):
    """Which revision was read, and a note if you like."""

    revision_id: int
    note: Note = ""


class ReturnBody(Body):
    """Which revision was read, and what its author should mend."""

    revision_id: int
    note: Note


class CorrectBody(ReviewBody):
    """The critique as it should be."""

    draft: Draft


class RedraftedShape(Shape):
    """A redraft in a critique's history."""

    id: int
    text: str


class CritiqueEventShape(Shape):
    """One thing that happened to a critique: who did what, when, in which words."""

    at: datetime
    what: str
    who: str
    note: str
    revision: RevisionShape | None
    redraft: RedraftedShape | None
    verdict: Verdict | None

    @classmethod
    def of(cls, event: Event) -> Self:
        """From the rows."""
        return cls.model_validate(event)


class ReviewableShape(CritiqueShape):
    """A critique of an answer with whether the person may review it."""

    is_mine: bool


class AdjudicationShape(Shape):
    """An answer and everything that people, judges and verifiers say of it."""

    prompt: PromptShape
    rollout: RolloutShape
    critiques: list[ReviewableShape]
    rating_levels: int
    tags: list[str]


class ContestedShape(Shape):
    """An answer with several critiques, and the lowest and highest of their ratings."""

    rollout_id: int
    prompt_text: str
    answer_text: str
    critiques: int
    accepted: int
    lowest: float | None
    highest: float | None

    @classmethod
    def of(cls, found: Contested) -> Self:
        """From the rows."""
        return cls(
            rollout_id=found.rollout.id, prompt_text=prompt_text(found.prompt), answer_text=found.rollout.text,
            critiques=found.critiques, accepted=found.accepted, lowest=found.lowest, highest=found.highest,
        )  # fmt: skip


class ContestedPage(Shape):
    """Answers by id, and where to go on (``after``)."""

    items: list[ContestedShape]
    next: int | None


def _reviewed(session: Session, actor: Actor, critique_id: int) -> Critique:
    critique = critiques.get(session, critique_id)
    projects.authorise(session, actor, at_least=Role.reviewer, project_id=critique.project_id)
    return critique


def _removable(session: Session, actor: Actor, critique_id: int) -> tuple[Access, Critique]:
    """A critique that the person may delete: their own, or any for an admin."""
    critique = critiques.get(session, critique_id)
    role = Role.annotator if critique.author_id == actor.user.id else Role.admin
    return projects.authorise(session, actor, at_least=role, project_id=critique.project_id), critique


def _shape(session: Session, critique: Critique) -> CritiqueShape:
    session.refresh(critique)
    return CritiqueShape.of(critique, critiques.revision_of(session, critique))


@router.post("/critiques/{critique_id}/accept")
def accept_critique(critique_id: int, body: ReviewBody, actor: ActorDep, session: SessionDep) -> CritiqueShape:
    """Say that a submitted critique is right as it stands."""
    critique = _reviewed(session, actor, critique_id)
    reviews.accept(
        session, critique=critique, user_id=actor.user.id, revision_id=body.revision_id, note=body.note
    )  # fmt: skip
    return _shape(session, critique)


@router.post("/critiques/{critique_id}/return")
def return_critique(critique_id: int, body: ReturnBody, actor: ActorDep, session: SessionDep) -> CritiqueShape:
    """Give a submitted critique back to its author with a note on what to mend."""
    critique = _reviewed(session, actor, critique_id)
    reviews.give_back(
        session, critique=critique, user_id=actor.user.id, revision_id=body.revision_id, note=body.note
    )  # fmt: skip
    return _shape(session, critique)


@router.post("/critiques/{critique_id}/correct")
def correct_critique(critique_id: int, body: CorrectBody, actor: ActorDep, session: SessionDep) -> CritiqueShape:
    """Write a corrected revision; training uses it, and the author's words stay in the history."""
    critique = _reviewed(session, actor, critique_id)
    reviews.correct(
        session, critique=critique, user_id=actor.user.id, revision_id=body.revision_id, draft=body.draft,
        note=body.note,
    )  # fmt: skip
    return _shape(session, critique)


@router.delete("/critiques/{critique_id}")
def delete_critique(critique_id: int, actor: ActorDep, session: SessionDep) -> CritiqueShape:
    """Hide a critique everywhere and keep it out of training; who deleted it or an admin can restore it."""
    access, critique = _removable(session, actor, critique_id)
    reviews.delete(session, project=access.project, critique=critique, user_id=actor.user.id)
    return _shape(session, critique)


@router.post("/critiques/{critique_id}/restore")
def restore_critique(critique_id: int, actor: ActorDep, session: SessionDep) -> CritiqueShape:
    """Bring a deleted critique back; 403 when an admin deleted it, 409 when its place was filled meanwhile."""
    access, critique = _removable(session, actor, critique_id)
    reviews.restore(session, access=access, critique=critique)
    return _shape(session, critique)


@router.get("/critiques/{critique_id}/history")
def list_critique_history(critique_id: int, actor: ActorDep, session: SessionDep) -> list[CritiqueEventShape]:
    """Everything that happened to a critique, oldest first; for its author and for reviewers."""
    critique = critiques.get(session, critique_id)
    role = Role.annotator if critique.author_id == actor.user.id else Role.reviewer
    projects.authorise(session, actor, at_least=role, project_id=critique.project_id)
    return [CritiqueEventShape.of(event) for event in critique_history.of(session, critique=critique)]


@router.get("/projects/{project}/adjudications")
def list_adjudications(
    access: ReviewerDep, session: SessionDep, is_open: bool = True, after: After = 0, limit: Limit = 50
) -> ContestedPage:
    """Answers with several submitted critiques; ``is_open``: only those of which none is accepted yet."""
    found = adjudication.contested(session, project_id=access.project.id, is_open=is_open, after=after, limit=limit)
    items = [ContestedShape.of(row) for row in found]
    return ContestedPage(items=items, next=items[-1].rollout_id if len(items) == limit else None)


@router.get("/rollouts/{rollout_id}/critiques")
def get_adjudication(rollout_id: int, actor: ActorDep, session: SessionDep) -> AdjudicationShape:
    """One answer with all its critiques side by side."""
    prompt, rollout = adjudication.answer(session, rollout_id=rollout_id)
    access = projects.authorise(session, actor, at_least=Role.reviewer, project_id=rollout.project_id)
    found = adjudication.of(session, rollout_id=rollout_id)
    return AdjudicationShape(
        prompt=PromptShape.of(prompt),
        rollout=RolloutShape.of(rollout, session.get_one(Checkpoint, rollout.checkpoint_id)),
        critiques=[
            ReviewableShape(
                **CritiqueShape.of(critique, revision).model_dump(), is_mine=critique.author_id == actor.user.id
            )
            for critique, revision in found
        ],
        rating_levels=access.project.rating_levels,
        tags=access.project.tags,
    )
