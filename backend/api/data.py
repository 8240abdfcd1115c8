"""Everything that was collected, searched and changed in bulk: three lists over one filter, saved views, undo."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints, model_validator
from sqlalchemy.orm import Session

from backend.api.critique_shapes import AuthorShape
from backend.api.deps import ActorDep, ReviewerDep, SessionDep, SettingsDep, ViewerDep
from backend.api.judgements import picked
from backend.api.shapes import Body, Shape, prompt_text
from backend.domain import bulk_changes, judgements, projects, search, views
from backend.domain.bulk_changes import Outcome
from backend.domain.critiques import Draft
from backend.domain.filters import LARGEST, Filter
from backend.domain.projects import Access
from backend.models import ChangeKind, CritiqueState, Listed, ReviewState, Role, RolloutSource, Split

router = APIRouter(prefix="/api", tags=["data"])

EXCERPT = 300

Cursor = Annotated[int | None, Query(ge=1, le=LARGEST)]
PageSize = Annotated[int, Query(ge=1, le=200)]
Number = Annotated[int, Field(ge=1, le=LARGEST)]


class DataQuery(Filter):
    """A filter, and which page: what comes ``before`` an id, newest first."""

    before: Cursor = None
    limit: PageSize = 100


class FoundPrompt(Shape):
    """A prompt in a list: the beginning of what the model answers."""

    id: int
    text: str
    split: Split
    tags: list[str]
    attempts: int
    critiques: int


class FoundRollout(Shape):
    """A rollout in a list; texts are beginnings. ``spread`` is how far people's ratings are apart."""

    id: int
    prompt_id: int
    prompt_text: str
    text: str
    split: Split
    tags: list[str]
    checkpoint: str
    source: RolloutSource
    critiques: int
    spread: float | None


class FoundCritique(Shape):
    """A critique in a list; texts are beginnings."""

    id: int
    rollout_id: int
    prompt_id: int
    prompt_text: str
    answer_text: str
    text: str
    author: AuthorShape
    state: CritiqueState
    review: ReviewState
    rating: float | None
    tags: list[str]
    spans: int


class FoundPrompts(Shape):
    """A page of prompts, and where to go on (``before``)."""

    items: list[FoundPrompt]
    next: int | None


class FoundRollouts(Shape):
    """A page of rollouts, and where to go on (``before``)."""

    items: list[FoundRollout]
    next: int | None


class FoundCritiques(Shape):
    """A page of critiques, and where to go on (``before``)."""

    items: list[FoundCritique]
    next: int | None


class ViewBody(Body):
    """A filter to keep under a name."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    listed: Listed
    filter: Filter
    is_shared: bool = False


class ViewShape(Shape):
    """A saved view."""

    id: int
    name: str
    listed: Listed
    filter: dict[str, str | float | bool]
    is_shared: bool
    is_mine: bool
    owner: str
    created_at: datetime


class ChangeBody(Body):
    """What to do with which prompts (move, tag, untag), critiques (discard, restore) or rollouts (verify, judge).

    The things are given by their ``ids``, or as everything that a ``list`` shows under a ``filter``. ``value`` is the
    split, the tag, the verifier or the judge.
    """

    kind: ChangeKind
    ids: Annotated[list[Number], Field(min_length=1, max_length=bulk_changes.AT_ONCE)] | None = None
    listed: Listed | None = None
    filter: Filter | None = None
    value: Annotated[str, StringConstraints(max_length=100)] | None = None

    @model_validator(mode="after")
    def _ids_or_filter(self) -> Self:
        if (self.ids is None) == (self.filter is None) or (self.listed is None) != (self.filter is None):
            raise ValueError("give either 'ids', or 'listed' and 'filter'")
        return self


class ChangeShape(Shape):
    """What a change, or its undoing, did; ``left`` counts what it did not apply to.

    Where a ``job_id`` is given, a job does it, and says so when it is done.
    """

    id: int
    kind: ChangeKind
    changed: int
    left: int
    undone: bool
    job_id: int | None

    @classmethod
    def of(cls, outcome: Outcome, *, undone: bool) -> "ChangeShape":
        """From what was done."""
        change = outcome.change
        return cls(
            id=change.id, kind=change.kind, changed=outcome.changed, left=outcome.left, undone=undone,
            job_id=outcome.job.id if outcome.job else None,
        )  # fmt: skip


class CountShape(Shape):
    """How many a list shows under a filter; there are more where ``is_more``."""

    count: int
    is_more: bool


def _wanted(query: DataQuery) -> Filter:
    return Filter.model_validate(query.model_dump(exclude={"before", "limit"}))


def _next(items: list[FoundRollout] | list[FoundCritique] | list[FoundPrompt], limit: int) -> int | None:
    return items[-1].id if len(items) == limit else None


@router.get("/projects/{project}/data/rollouts")
def find_rollouts(access: ReviewerDep, session: SessionDep, query: Annotated[DataQuery, Query()]) -> FoundRollouts:
    """Rollouts that match, newest first."""
    rows = search.rollouts(
        session, project_id=access.project.id, wanted=_wanted(query), before=query.before, limit=query.limit
    )
    items = [
        FoundRollout(
            id=row.rollout.id, prompt_id=row.prompt.id, prompt_text=prompt_text(row.prompt)[:EXCERPT],
            text=row.rollout.text[:EXCERPT], split=row.prompt.split, tags=row.prompt.tags, checkpoint=row.checkpoint,
            source=row.rollout.source, critiques=row.critiques, spread=row.spread,
        )
        for row in rows
    ]  # fmt: skip
    return FoundRollouts(items=items, next=_next(items, query.limit))


@router.get("/projects/{project}/data/critiques")
def find_critiques(access: ReviewerDep, session: SessionDep, query: Annotated[DataQuery, Query()]) -> FoundCritiques:
    """Critiques that match, newest first."""
    rows = search.critiques(
        session, project_id=access.project.id, wanted=_wanted(query), before=query.before, limit=query.limit
    )
    items = []
    for row in rows:
        critique, said = row.critique, row.revision
        draft = Draft.model_validate(critique.draft)
        items.append(
            FoundCritique(
                id=critique.id, rollout_id=critique.rollout_id, prompt_id=row.prompt.id,
                prompt_text=prompt_text(row.prompt)[:EXCERPT], answer_text=row.answer[:EXCERPT],
                text=((said and said.text) or draft.text)[:EXCERPT], rating=said.rating if said else None,
                author=AuthorShape(kind=critique.author_kind, name=critique.author_name), state=critique.state,
                review=critique.review, tags=said.tags if said else [], spans=len((said or draft).spans),
            )
        )  # fmt: skip
    return FoundCritiques(items=items, next=_next(items, query.limit))


@router.get("/projects/{project}/data/prompts")
def find_prompts(access: ViewerDep, session: SessionDep, query: Annotated[DataQuery, Query()]) -> FoundPrompts:
    """Prompts that match by words, split, tag and metadata, newest first."""
    rows = search.prompts(
        session, project_id=access.project.id, wanted=_wanted(query), before=query.before, limit=query.limit
    )
    items = [
        FoundPrompt(
            id=row.prompt.id, text=prompt_text(row.prompt)[:EXCERPT], split=row.prompt.split, tags=row.prompt.tags,
            attempts=row.attempts, critiques=row.critiques,
        )
        for row in rows
    ]  # fmt: skip
    return FoundPrompts(items=items, next=_next(items, query.limit))


@router.get("/projects/{project}/data/{listed}/count")
def count_found(
    listed: Listed, access: ReviewerDep, session: SessionDep, wanted: Annotated[Filter, Query()]
) -> CountShape:
    """How many a list shows under a filter, as far as one change may go."""
    found = search.count(
        session, project_id=access.project.id, listed=listed, wanted=wanted, most=bulk_changes.MOST
    )  # fmt: skip
    return CountShape(count=min(found, bulk_changes.MOST), is_more=found > bulk_changes.MOST)


@router.get("/projects/{project}/views")
def list_views(access: ReviewerDep, session: SessionDep) -> list[ViewShape]:
    """My views and the shared ones, by name."""
    return [
        ViewShape(
            id=view.id, name=view.name, listed=view.listed, filter=view.filter, is_shared=view.is_shared,
            is_mine=view.owner_id == access.user_id, owner=owner, created_at=view.created_at,
        )
        for view, owner in views.visible(session, access)
    ]  # fmt: skip


@router.put("/projects/{project}/views", status_code=204)
def save_view(body: ViewBody, access: ReviewerDep, session: SessionDep) -> None:
    """Keep a filter under a name; the same name of mine again replaces it."""
    views.save(session, access, name=body.name, listed=body.listed, wanted=body.filter, is_shared=body.is_shared)


@router.delete("/views/{view_id}", status_code=204)
def delete_view(view_id: int, actor: ActorDep, session: SessionDep) -> None:
    """Take a view away."""
    view = views.get(session, view_id)
    access = projects.authorise(session, actor, at_least=Role.reviewer, project_id=view.project_id)
    views.delete(session, access, view)


@router.post("/projects/{project}/changes", status_code=201)
def change_many(
    body: ChangeBody, access: ReviewerDep, actor: ActorDep, session: SessionDep, settings: SettingsDep
) -> ChangeShape:
    """Change many prompts or critiques at once; one journal entry, which can be undone."""
    needed = bulk_changes.ROLES[body.kind]
    access = projects.authorise(session, actor, at_least=needed, project_id=access.project.id)
    judging = None
    if body.kind == ChangeKind.judge:
        judging = judgements.request_for(session, access, judge=picked(session, access, settings, body.value))
    ids = _chosen(session, access, body)
    outcome = bulk_changes.apply(session, access, kind=body.kind, ids=ids, value=body.value, judging=judging)
    return ChangeShape.of(outcome, undone=False)


def _chosen(session: Session, access: Access, body: ChangeBody) -> list[int]:
    if body.listed is None or body.filter is None:
        return body.ids or []
    return search.subjects(
        session, project_id=access.project.id, listed=body.listed, wanted=body.filter,
        subject=bulk_changes.SUBJECTS[body.kind], most=bulk_changes.MOST,
    )  # fmt: skip


@router.post("/changes/{change_id}/undo")
def undo_change(change_id: int, actor: ActorDep, session: SessionDep) -> ChangeShape:
    """Bring back what the change found, where nobody has changed it since."""
    change = bulk_changes.get(session, change_id)
    needed = bulk_changes.ROLES[change.kind]
    access = projects.authorise(session, actor, at_least=needed, project_id=change.project_id)
    return ChangeShape.of(bulk_changes.undo(session, access, change), undone=True)
