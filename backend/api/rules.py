"""Rules: sentences of house style, their order, their history, and the critiques they came from."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from backend.api.critique_shapes import AuthorShape
from backend.api.deps import ActorDep, ReviewerDep, SessionDep, ViewerDep
from backend.api.shapes import After, Body, Limit, Shape
from backend.domain import projects, rule_proposals, rule_sources, rules, spans
from backend.domain.rule_sources import NEWEST_CRITIQUES, Source
from backend.domain.rules import MAX_TEXT, MOST_ACTIVE, RuleRow
from backend.domain.users import Actor
from backend.models import CritiqueState, Role, Rule, RuleState

router = APIRouter(prefix="/api", tags=["rules"])

Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT, strip_whitespace=True)]
JudgeName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
CritiqueIds = Annotated[list[int], Field(max_length=NEWEST_CRITIQUES)]


class RuleShape(Shape):
    """A rule with the number of critiques it came from and of changes to its text."""

    id: int
    text: str
    state: RuleState
    author: str
    proposed_by: str | None
    critiques: int
    edits: int
    created_at: datetime
    edited_at: datetime | None

    @classmethod
    def of(cls, row: RuleRow) -> Self:
        """From a line of the list."""
        return cls(
            id=row.rule.id, text=row.rule.text, state=row.rule.state, author=row.author,
            proposed_by=row.rule.proposed_by, critiques=row.critiques, edits=row.edits, created_at=row.rule.created_at,
            edited_at=row.edited_at,
        )  # fmt: skip


class RuleEditShape(Shape):
    """What a rule said until somebody changed it."""

    text_before: str
    author: str
    created_at: datetime


class SourceShape(Shape):
    """A critique that a rule came of; ``text`` is what it said when it was linked."""

    critique_id: int
    author: AuthorShape
    state: CritiqueState
    text: str
    changed_since: bool
    linked_at: datetime

    @classmethod
    def of(cls, source: Source) -> Self:
        """From the rows."""
        critique = source.critique
        return cls(
            critique_id=critique.id,
            author=AuthorShape(kind=critique.author_kind, name=critique.author_name),
            state=critique.state,
            text=source.revision.text.strip() or spans.as_read(source.revision),
            changed_since=critique.current_revision_id != source.revision.id,
            linked_at=source.linked_at,
        )


class SourcePage(Shape):
    """Linked critiques by id, and where to go on (``after``)."""

    items: list[SourceShape]
    next: int | None


class GroupShape(Shape):
    """Critiques that say much the same, newest first, with the beginnings of up to three different ones."""

    critique_ids: list[int]
    examples: list[str]


class NewRule(Body):
    """A rule to write and its critiques; ``proposed_by`` is the model that a proposal named, others sign nothing."""

    text: Text
    proposed_by: JudgeName | None = None
    critique_ids: CritiqueIds = Field(default_factory=list)


class RuleBody(Body):
    """What a rule shall say."""

    text: Text


class OrderBody(Body):
    """All active rules in their new order."""

    rule_ids: Annotated[list[int], Field(max_length=MOST_ACTIVE)]


class LinkBody(Body):
    """Critiques to link."""

    critique_ids: Annotated[CritiqueIds, Field(min_length=1)]


def _open(session: Session, actor: Actor, rule_id: int, *, at_least: Role) -> Rule:
    rule = rules.get(session, rule_id=rule_id)
    projects.authorise(session, actor, at_least=at_least, project_id=rule.project_id)
    return rule


def _shape(session: Session, rule: Rule) -> RuleShape:
    return RuleShape.of(rules.row(session, rule_id=rule.id))


@router.get("/projects/{project}/rules")
def list_rules(access: ViewerDep, session: SessionDep, state: RuleState = RuleState.active) -> list[RuleShape]:
    """The rules of a project in their order."""
    return [RuleShape.of(row) for row in rules.listed(session, project_id=access.project.id, state=state)]


@router.get("/projects/{project}/rules/recurring")
def list_recurring_critiques(access: ReviewerDep, session: SessionDep) -> list[GroupShape]:
    """Submitted critiques without a rule that say much the same, largest group first."""
    found = rule_sources.recurring(session, project_id=access.project.id)
    return [GroupShape.model_validate(group) for group in found]


@router.post("/projects/{project}/rules", status_code=201)
def create_rule(body: NewRule, access: ReviewerDep, session: SessionDep) -> RuleShape:
    """Write a rule; it is the last of the list."""
    model = body.proposed_by
    proposed_by = model if model and rule_proposals.was_made(session, access, model=model) else None
    rule = rules.create(
        session, project_id=access.project.id, user_id=access.user_id, text=body.text, critique_ids=body.critique_ids,
        proposed_by=proposed_by,
    )  # fmt: skip
    return _shape(session, rule)


@router.put("/projects/{project}/rules/order")
def order_rules(body: OrderBody, access: ReviewerDep, session: SessionDep) -> list[RuleShape]:
    """Bring the active rules into an order; 409 when the list was changed meanwhile."""
    project_id = access.project.id
    rules.reorder(session, project_id=project_id, user_id=access.user_id, rule_ids=body.rule_ids)
    return [RuleShape.of(row) for row in rules.listed(session, project_id=project_id, state=RuleState.active)]


@router.get("/rules/{rule_id}/edits")
def list_rule_edits(rule_id: int, actor: ActorDep, session: SessionDep) -> list[RuleEditShape]:
    """What a rule said before, newest first."""
    rule = _open(session, actor, rule_id, at_least=Role.viewer)
    return [RuleEditShape.model_validate(edit) for edit in rules.edits(session, rule_id=rule.id)]


@router.patch("/rules/{rule_id}")
def edit_rule(rule_id: int, body: RuleBody, actor: ActorDep, session: SessionDep) -> RuleShape:
    """Change what a rule says; what it said is kept."""
    rule = _open(session, actor, rule_id, at_least=Role.reviewer)
    return _shape(session, rules.edit(session, rule=rule, user_id=actor.user.id, text=body.text))


@router.post("/rules/{rule_id}/retire")
def retire_rule(rule_id: int, actor: ActorDep, session: SessionDep) -> RuleShape:
    """Let models no longer read a rule."""
    rule = _open(session, actor, rule_id, at_least=Role.reviewer)
    return _shape(session, rules.retire(session, rule=rule, user_id=actor.user.id))


@router.post("/rules/{rule_id}/restore")
def restore_rule(rule_id: int, actor: ActorDep, session: SessionDep) -> RuleShape:
    """Make a retired rule active again, where it stood."""
    rule = _open(session, actor, rule_id, at_least=Role.reviewer)
    return _shape(session, rules.restore(session, rule=rule, user_id=actor.user.id))


@router.get("/rules/{rule_id}/critiques")
def list_rule_critiques(
    rule_id: int, actor: ActorDep, session: SessionDep, after: After = 0, limit: Limit = 50
) -> SourcePage:
    """The critiques that a rule came from."""
    rule = _open(session, actor, rule_id, at_least=Role.reviewer)
    found = rule_sources.of(session, rule_id=rule.id, after=after, limit=limit)
    items = [SourceShape.of(source) for source in found]
    return SourcePage(items=items, next=items[-1].critique_id if len(items) == limit else None)


@router.post("/rules/{rule_id}/critiques")
def link_critiques(rule_id: int, body: LinkBody, actor: ActorDep, session: SessionDep) -> RuleShape:
    """Link critiques to a rule; those linked already stay as they are."""
    rule = _open(session, actor, rule_id, at_least=Role.reviewer)
    rules.link(session, rule=rule, user_id=actor.user.id, critique_ids=body.critique_ids)
    return _shape(session, rule)


@router.delete("/rules/{rule_id}/critiques/{critique_id}")
def unlink_critique(rule_id: int, critique_id: int, actor: ActorDep, session: SessionDep) -> RuleShape:
    """Take back that a rule came from a critique."""
    rule = _open(session, actor, rule_id, at_least=Role.reviewer)
    rules.unlink(session, rule=rule, user_id=actor.user.id, critique_id=critique_id)
    return _shape(session, rule)
