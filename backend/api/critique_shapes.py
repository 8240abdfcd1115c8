"""What a critique looks like from outside: alone, in a list, and as an assignment with all that stands beside it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session

from backend.api.forms import FormShape
from backend.api.guidelines import StandingShape
from backend.api.shapes import PromptShape, RolloutShape, Shape, prompt_text
from backend.domain import critique_history, critiques, form_versions, guidelines, known_items, reviews
from backend.domain.critiques import CritiqueRow, Draft, Redraft
from backend.domain.projects import Access
from backend.domain.spans import Span
from backend.domain.users import Actor
from backend.forms import Answer
from backend.models import (
    AuthorKind,
    Checkpoint,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Project,
    ReviewState,
    RolloutSource,
    Verdict,
)  # fmt: skip


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


class DeletionShape(Shape):
    """Who deleted a critique and when, as far as is known here, and whether the person may bring it back."""

    by: str | None
    at: datetime | None
    may_restore: bool


class AssignmentShape(Shape):
    """Everything the annotate page needs; ``review`` is the newest, ``answered_under`` the newest revision's form."""

    critique: CritiqueShape
    is_mine: bool
    deletion: DeletionShape | None
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


def redraft_shape(session: Session, redraft: Redraft) -> RedraftShape:
    """A redraft with the checkpoint that wrote it."""
    checkpoint = session.get_one(Checkpoint, redraft.rollout.checkpoint_id)
    return RedraftShape(
        rollout=RolloutShape.of(redraft.rollout, checkpoint),
        revision_id=redraft.rollout.critique_revision_id,
        verdict=redraft.comparison.verdict if redraft.comparison else None,
        rating=redraft.comparison.rating if redraft.comparison else None,
    )


def assignment_shape(
    session: Session, actor: Actor, project: Project, critique: Critique, deletion: DeletionShape | None = None
) -> AssignmentShape:
    """A critique with everything that is shown beside it."""
    session.refresh(critique)
    prompt, rollout, checkpoint = critiques.subject(session, critique)
    revision = critiques.revision_of(session, critique)
    # Only a frozen critique can have been reviewed or redrafted.
    review = reviews.latest(session, critique_id=critique.id) if revision else None
    redrafts = critiques.redrafts(session, critique_id=critique.id) if revision else []
    return AssignmentShape(
        critique=CritiqueShape.of(critique, revision),
        is_mine=critique.author_id == actor.user.id,
        deletion=deletion,
        review=ReviewShape.model_validate(review) if review else None,
        prompt=PromptShape.of(prompt),
        rollout=RolloutShape.of(rollout, checkpoint),
        redrafts=[redraft_shape(session, redraft) for redraft in redrafts],
        guidelines=project.guidelines,
        guideline_standing=_guideline_standing(session, critique),
        rating_levels=project.rating_levels,
        tags=project.tags,
        form=FormShape.of(form_versions.current(session, project_id=project.id)),
        answered_under=_answered_under(session, critique, revision),
        practice=_practice(session, project, critique) if rollout.source == RolloutSource.known else None,
        others=_others(session, critique) if project.open_critiques else [],
    )


def deletion_shape(session: Session, access: Access, critique: Critique) -> DeletionShape | None:
    """None where it is not deleted."""
    if critique.state != CritiqueState.deleted:
        return None
    found = critique_history.deleted(session, critique=critique)
    return DeletionShape(
        by=found and found[1].who, at=found and found[1].at,
        may_restore=reviews.may_restore(session, access=access, critique=critique),
    )  # fmt: skip


def _others(session: Session, critique: Critique) -> list[OtherShape]:
    return [
        OtherShape(author=other.author_name, text=revision.text, rating=revision.rating)
        for other, revision in critiques.others(session, critique=critique)
    ]


def _practice(session: Session, project: Project, critique: Critique) -> PracticeShape | None:
    standing = known_items.practice_standing(session, project=project, critique=critique)
    return PracticeShape.model_validate(standing) if standing else None


def _guideline_standing(session: Session, critique: Critique) -> StandingShape:
    """Of the critique's author; nobody but people ticks off what was read."""
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


def critique_page(found: Sequence[CritiqueRow], limit: int) -> CritiquePage:
    """Lines of a list, and where it goes on."""
    items = [
        CritiqueRowShape(
            **CritiqueShape.of(row.critique, row.revision).model_dump(),
            prompt_text=prompt_text(row.prompt),
            answer_text=row.rollout.text,
        )
        for row in found
    ]
    return CritiquePage(items=items, next=items[-1].id if len(items) == limit else None)
