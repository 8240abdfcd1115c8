"""Known items for reviewers, feedback on practice for annotators, and how well each of them sees."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from backend.api.deps import ActorDep, AdminDep, EngineDep, ReviewerDep, SessionDep, SessionsDep
from backend.api.shapes import Body, Shape
from backend.database import transaction
from backend.domain import annotator_quality, critiques, journal, known_items, projects, rollouts
from backend.domain.annotator_quality import Feedback, Share
from backend.domain.critiques import MAX_TEXT
from backend.domain.known_items import Expectation
from backend.domain.spans import Span
from backend.errors import NotFoundError
from backend.forms import Label
from backend.models import Checkpoint, KnownItem, KnownKind, Project, Role, Rollout

router = APIRouter(prefix="/api", tags=["known items"])

Rating = Annotated[float, Field(ge=0, le=1)]


class ExpectationBody(Body):
    """Which ratings are right (in [0, 1]), what an annotator should learn from it, and whether it is for practice."""

    rating_low: Rating | None = None
    rating_high: Rating | None = None
    note: Annotated[str, StringConstraints(max_length=2_000)] = ""
    is_practice: bool = False

    def expectation(self) -> Expectation:
        """For the domain."""
        return Expectation(self.rating_low, self.rating_high, self.note, self.is_practice)


class GoldBody(ExpectationBody):
    """The submitted critique that says what is right."""

    critique_id: int


class SeededBody(ExpectationBody):
    """An answer with mistakes put into it: where they stand, and words that name them."""

    rollout_id: int
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT)]
    mistakes: Annotated[list[Span], Field(min_length=1, max_length=20)]
    words: Annotated[list[Label], Field(default_factory=list, max_length=20)]


class KnownPatch(Body):
    """Where an item is used from now on; what is left out stays."""

    is_practice: bool | None = None
    is_retired: bool | None = None


class KnownSettings(Body):
    """How many practice items a new annotator gets, and of how many hand-outs one is known (0: none)."""

    practice_items: Annotated[int, Field(ge=0, le=50)]
    known_every: Annotated[int, Field(ge=0, le=1000)]


class KnownItemShape(Shape):
    """A known item with its answer."""

    id: int
    kind: KnownKind
    answer: str
    is_practice: bool
    is_retired: bool
    rating_low: float | None
    rating_high: float | None
    tags: list[str]
    spans: list[Span]
    words: list[str]
    note: str
    created_at: datetime

    @classmethod
    def of(cls, item: KnownItem, rollout: Rollout) -> Self:
        """From the rows."""
        fields = {name: getattr(item, name) for name in cls.model_fields if name != "answer"}
        return cls.model_validate({**fields, "answer": rollout.text})


class KnownItemsShape(Shape):
    """The project's known items, newest first, and how they are handed out."""

    practice_items: int
    known_every: int
    items: list[KnownItemShape]


class FeedbackShape(Shape):
    """What was expected of a practice item, and what the critique said."""

    kind: KnownKind
    passed: bool
    in_range: bool | None
    rating_low: float | None
    rating_high: float | None
    rating: float | None
    spans: list[Span]
    spans_found: list[bool]
    words_found: bool
    tags: list[str]
    tags_missing: list[str]
    note: str

    @classmethod
    def of(cls, feedback: Feedback) -> Self:
        """From the item, the critique and the verdict."""
        item = feedback.item
        return cls.model_validate({
            **asdict(feedback.verdict), "kind": item.kind, "rating_low": item.rating_low,
            "rating_high": item.rating_high, "rating": feedback.revision.rating, "spans": item.spans,
            "tags": item.tags, "note": item.note,
        })  # fmt: skip


class ShareShape(Shape):
    """``passed`` of ``n`` with Wilson's 95 % interval; null without items."""

    passed: int
    n: int
    low: float | None
    high: float | None

    @classmethod
    def of(cls, share: Share) -> Self:
        """From the counts."""
        interval = share.interval
        return cls(passed=share.passed, n=share.n, low=interval and interval.low, high=interval and interval.high)


class QualityShape(Shape):
    """How well a person sees: ratings in range on gold items, mistakes found in seeded ones, practice passed."""

    user_id: int
    name: str
    gold: ShareShape
    seeded: ShareShape
    practice: ShareShape


@router.get("/projects/{project}/known-items")
def list_known_items(access: ReviewerDep, session: SessionDep) -> KnownItemsShape:
    """Known items, newest first."""
    return _all(session, access.project)


def _all(session: SessionDep, project: Project) -> KnownItemsShape:
    found = known_items.listed(session, project_id=project.id)
    return KnownItemsShape(
        practice_items=project.practice_items,
        known_every=project.known_every,
        items=[KnownItemShape.of(item, rollout) for item, rollout in found],
    )


@router.put("/projects/{project}/known-items/settings")
def change_known_settings(body: KnownSettings, access: AdminDep, session: SessionDep) -> KnownItemsShape:
    """How known items are handed out from now on."""
    access.project.practice_items, access.project.known_every = body.practice_items, body.known_every
    journal.record(
        session, action="known.settings", subject=access.project.slug, user_id=access.user_id,
        project_id=access.project.id, **body.model_dump(),
    )  # fmt: skip
    return _all(session, access.project)


@router.post("/projects/{project}/known-items/gold", status_code=201)
def mark_gold(body: GoldBody, access: ReviewerDep, session: SessionDep) -> KnownItemShape:
    """Make the answer of a submitted critique a gold item; it is not trained on from now on."""
    item = known_items.mark_gold(session, access, critique_id=body.critique_id, expectation=body.expectation())
    return KnownItemShape.of(item, rollouts.get(session, item.rollout_id))


@router.post("/projects/{project}/known-items/seeded", status_code=201)
def seed(project: str, body: SeededBody, actor: ActorDep, sessions: SessionsDep, engine: EngineDep) -> KnownItemShape:
    """Make an answer with known mistakes in it; the engine must answer, since it counts the new text's tokens."""
    with transaction(sessions) as session:
        access = projects.authorise(session, actor, at_least=Role.reviewer, slug=project)
        original = rollouts.get(session, body.rollout_id)
        if original.project_id != access.project.id:
            raise NotFoundError(f"There is no rollout {body.rollout_id}.")
        checkpoint = session.get_one(Checkpoint, original.checkpoint_id)
    engine.ensure_adapter(checkpoint.name, checkpoint.path)
    token_ids = engine.tokenize_text(checkpoint.name, body.text)
    with transaction(sessions) as session:
        access = projects.authorise(session, actor, at_least=Role.reviewer, slug=project)
        item = known_items.seed(
            session, access, rollout_id=body.rollout_id, text=body.text, token_ids=token_ids,
            mistakes=body.mistakes, words=body.words, expectation=body.expectation(),
        )  # fmt: skip
        return KnownItemShape.of(item, rollouts.get(session, item.rollout_id))


@router.patch("/projects/{project}/known-items/{item_id}")
def change_known_item(item_id: int, body: KnownPatch, access: ReviewerDep, session: SessionDep) -> KnownItemShape:
    """Use an item for practice or not, or no longer at all; its answer is never trained on all the same."""
    item = known_items.get(session, item_id=item_id, project_id=access.project.id)
    for name, value in body.model_dump(exclude_none=True).items():
        setattr(item, name, value)
    return KnownItemShape.of(item, rollouts.get(session, item.rollout_id))


@router.get("/projects/{project}/quality")
def list_quality(access: ReviewerDep, session: SessionDep) -> list[QualityShape]:
    """How well each annotator sees what is known."""
    return [
        QualityShape(
            user_id=row.user_id, name=row.name, gold=ShareShape.of(row.gold), seeded=ShareShape.of(row.seeded),
            practice=ShareShape.of(row.practice),
        )
        for row in annotator_quality.of_annotators(session, project_id=access.project.id)
    ]  # fmt: skip


@router.get("/critiques/{critique_id}/feedback")
def get_feedback(critique_id: int, actor: ActorDep, session: SessionDep) -> FeedbackShape:
    """What was expected of a practice item that I have submitted; there is none for any other."""
    critique = critiques.own(session, critique_id=critique_id, user_id=actor.user.id)
    projects.authorise(session, actor, at_least=Role.annotator, project_id=critique.project_id)
    return FeedbackShape.of(annotator_quality.feedback(session, critique=critique))
