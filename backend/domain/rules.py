"""Rules of a project: one sentence of house style each, in an order, with the critiques they came from.

Whoever changes the list holds the project's row, so that two reviewers change it one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from backend.domain import journal, rule_sources
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import Project, Rule, RuleEdit, RuleState, User

MAX_TEXT = 300
MOST_ACTIVE = 100


@dataclass(frozen=True)
class RuleRow:
    """A line of the list of rules; ``critiques`` counts those it came from, ``edits`` how often its text changed."""

    rule: Rule
    author: str
    critiques: int
    edits: int
    edited_at: datetime | None


@dataclass(frozen=True)
class EditRow:
    """What a rule said before somebody changed it."""

    text_before: str
    author: str
    created_at: datetime


def active(session: Session, *, project_id: int) -> list[Rule]:
    """The rules to be followed, in the order that people gave them."""
    query = select(Rule).where(Rule.project_id == project_id, Rule.state == RuleState.active)
    return list(session.scalars(query.order_by(Rule.position, Rule.id)))


def get(session: Session, *, rule_id: int) -> Rule:
    """One rule."""
    rule = session.get(Rule, rule_id)
    if rule is None:
        raise NotFoundError(f"There is no rule {rule_id}.")
    return rule


def listed(session: Session, *, project_id: int, state: RuleState) -> list[RuleRow]:
    """The rules of a state in their order, with their counts."""
    query = _rows().where(Rule.project_id == project_id, Rule.state == state).order_by(Rule.position, Rule.id)
    return [RuleRow(*found) for found in session.execute(query)]


def row(session: Session, *, rule_id: int) -> RuleRow:
    """One rule as a line of the list."""
    return RuleRow(*session.execute(_rows().where(Rule.id == rule_id)).one())


def _rows() -> Select[Rule, str, int, int, datetime | None]:
    links = rule_sources.count_for(Rule.id)
    edits = select(func.count()).where(RuleEdit.rule_id == Rule.id).scalar_subquery()
    edited_at = select(func.max(RuleEdit.created_at)).where(RuleEdit.rule_id == Rule.id).scalar_subquery()
    author = func.coalesce(User.name, Rule.author_name)
    return select(Rule, author, links, edits, edited_at).outerjoin(User, User.id == Rule.author_id)


def edits(session: Session, *, rule_id: int) -> list[EditRow]:
    """What a rule said before, newest first, and who changed it when."""
    query = (
        select(RuleEdit.text_before, func.coalesce(User.name, RuleEdit.author_name), RuleEdit.created_at)
        .outerjoin(User, User.id == RuleEdit.author_id)
        .where(RuleEdit.rule_id == rule_id)
        .order_by(RuleEdit.id.desc())
    )
    return [EditRow(*found) for found in session.execute(query)]


def create(
    session: Session, *, project_id: int, user_id: int, text: str, critique_ids: Sequence[int] = (),
    proposed_by: str | None = None,
) -> Rule:  # fmt: skip
    """A new active rule at the end of the list, linked to the critiques it came from.

    ``proposed_by`` is the model whose proposal its author took up.

    Raises:
        InvalidError: the text is not a sentence, or a critique is not a submitted one of the project.
        ConflictError: there is an active rule of that text, or too many rules.
    """
    _hold(session, project_id)
    said = _sentence(text)
    _check_place(session, project_id=project_id, text=said)
    last = session.scalar(select(func.max(Rule.position)).where(Rule.project_id == project_id)) or 0
    rule = Rule(project_id=project_id, text=said, position=last + 1, author_id=user_id, proposed_by=proposed_by)
    session.add(rule)
    session.flush()
    linked = rule_sources.link(session, rule=rule, critique_ids=critique_ids)
    _note(session, rule, "rule.created", user_id, text=said, critiques=linked, proposed_by=proposed_by)
    return rule


def edit(session: Session, *, rule: Rule, user_id: int, text: str) -> Rule:
    """Change what a rule says; what it said before is kept. The same text again changes nothing."""
    _take(session, rule)
    said = _sentence(text)
    if said == rule.text:
        return rule
    if rule.state == RuleState.active:
        _refuse_double(session, project_id=rule.project_id, text=said, but=rule.id)
    before = rule.text
    session.add(RuleEdit(rule_id=rule.id, author_id=user_id, text_before=before))
    rule.text = said
    _note(session, rule, "rule.edited", user_id, before=before, text=said)
    return rule


def retire(session: Session, *, rule: Rule, user_id: int) -> Rule:
    """Models no longer read the rule; it keeps its place for the case that it is restored."""
    _take(session, rule)
    if rule.state != RuleState.retired:
        rule.state = RuleState.retired
        _note(session, rule, "rule.retired", user_id)
    return rule


def restore(session: Session, *, rule: Rule, user_id: int) -> Rule:
    """Make a retired rule active again, where it stood.

    Raises:
        ConflictError: there is an active rule of that text by now, or too many rules.
    """
    _take(session, rule)
    if rule.state != RuleState.active:
        _check_place(session, project_id=rule.project_id, text=rule.text)
        rule.state = RuleState.active
        _note(session, rule, "rule.restored", user_id)
    return rule


def reorder(session: Session, *, project_id: int, user_id: int, rule_ids: Sequence[int]) -> list[Rule]:
    """Bring the active rules into this order.

    Raises:
        ConflictError: ``rule_ids`` are not the active rules, each once: somebody changed the list meanwhile.
    """
    _hold(session, project_id)
    found = {rule.id: rule for rule in active(session, project_id=project_id)}
    if sorted(rule_ids) != sorted(found):
        raise ConflictError(
            "The list of rules was changed meanwhile; look at it again, then order it.",
            field="rule_ids", active=list(found),
        )  # fmt: skip
    if list(rule_ids) != list(found):
        for position, number in enumerate(rule_ids, 1):
            found[number].position = position
        journal.record(
            session, action="rule.reordered", subject=f"{len(found)} rules", user_id=user_id, project_id=project_id,
            order=list(rule_ids),
        )  # fmt: skip
        session.flush()
    return [found[number] for number in rule_ids]


def link(session: Session, *, rule: Rule, user_id: int, critique_ids: Sequence[int]) -> int:
    """Say that a rule came of critiques too; returns how many were not linked before."""
    _take(session, rule)
    added = rule_sources.link(session, rule=rule, critique_ids=critique_ids)
    if added:
        _note(session, rule, "rule.linked", user_id, critiques=added)
    return added


def unlink(session: Session, *, rule: Rule, user_id: int, critique_id: int) -> None:
    """Take back that a rule came of a critique."""
    _take(session, rule)
    rule_sources.unlink(session, rule=rule, critique_id=critique_id)
    _note(session, rule, "rule.unlinked", user_id, critique=critique_id)


def _hold(session: Session, project_id: int) -> None:
    # The weaker lock: work that only refers to the project goes on meanwhile.
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))


def _take(session: Session, rule: Rule) -> None:
    _hold(session, rule.project_id)
    session.refresh(rule)


def _sentence(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise InvalidError("Write the rule as one sentence.", field="text")
    if len(said) > MAX_TEXT:
        raise InvalidError(
            f"A rule is one sentence of at most {MAX_TEXT} characters; this has {len(said)}.", field="text"
        )
    return said


def _check_place(session: Session, *, project_id: int, text: str) -> None:
    _refuse_double(session, project_id=project_id, text=text)
    if len(active(session, project_id=project_id)) >= MOST_ACTIVE:
        raise ConflictError(f"A project has at most {MOST_ACTIVE} active rules; retire one first.")


def _refuse_double(session: Session, *, project_id: int, text: str, but: int | None = None) -> None:
    for rule in active(session, project_id=project_id):
        if rule.id != but and rule.text.casefold() == text.casefold():
            raise ConflictError("There is an active rule that says so already.", field="text", rule_id=rule.id)


def _note(session: Session, rule: Rule, action: str, user_id: int, **details: object) -> None:
    journal.record(
        session, action=action, subject=f"rule {rule.id}", user_id=user_id, project_id=rule.project_id, **details
    )
    session.flush()
