"""Where rules come from: the critiques linked to them, and critiques that keep saying the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from backend.domain import similarity
from backend.errors import InvalidError, NotFoundError
from backend.models import (
    AuthorKind,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Rollout,
    RolloutSource,
    Rule,
    RuleCritique,
    RuleState,
)  # fmt: skip
from backend.models.base import Json

NEWEST_CRITIQUES = 2000
MOST_GROUPS = 50
EXAMPLES = 3
EXAMPLE_LENGTH = 300


@dataclass(frozen=True)
class Source:
    """A critique that a rule came of, in the words it had when it was linked."""

    critique: Critique
    revision: CritiqueRevision
    linked_at: datetime


@dataclass(frozen=True)
class Group:
    """Critiques that say much the same, newest first, with the beginnings of up to three different ones."""

    critique_ids: list[int]
    examples: list[str]


def link(session: Session, *, rule: Rule, critique_ids: Sequence[int]) -> int:
    """Link a rule to the newest text of each critique; those linked before are passed over. Returns the number added.

    Raises:
        InvalidError: a critique is not a submitted one of the rule's project.
    """
    query = select(Critique.id, Critique.current_revision_id).where(
        Critique.id.in_(critique_ids),
        Critique.project_id == rule.project_id,
        Critique.state == CritiqueState.submitted,
        Critique.current_revision_id.is_not(None),
    )
    found = dict(session.execute(query).all())
    if unknown := sorted(set(critique_ids) - set(found)):
        names = ", ".join(str(number) for number in unknown[:10])
        raise InvalidError(
            f"Only submitted critiques of this project can be linked; these are not: {names}.",
            field="critique_ids", critiques=unknown,
        )  # fmt: skip
    linked = select(CritiqueRevision.critique_id).join(
        RuleCritique, RuleCritique.critique_revision_id == CritiqueRevision.id
    )
    known = set(session.scalars(linked.where(RuleCritique.rule_id == rule.id)))
    fresh = sorted(set(found) - known)
    session.add_all(RuleCritique(rule_id=rule.id, critique_revision_id=found[number]) for number in fresh)
    session.flush()
    return len(fresh)


def unlink(session: Session, *, rule: Rule, critique_id: int) -> None:
    """Remove the link between a rule and a critique."""
    revisions = select(CritiqueRevision.id).where(CritiqueRevision.critique_id == critique_id)
    removed = session.scalars(
        delete(RuleCritique)
        .where(RuleCritique.rule_id == rule.id, RuleCritique.critique_revision_id.in_(revisions))
        .returning(RuleCritique.id)
    ).all()
    if not removed:
        raise NotFoundError(f"Critique {critique_id} is not linked to rule {rule.id}.")


def of(session: Session, *, rule_id: int, after: int, limit: int) -> list[Source]:
    """The critiques that a rule came of, by critique id."""
    query = (
        select(Critique, CritiqueRevision, RuleCritique.created_at)
        .join(CritiqueRevision, CritiqueRevision.critique_id == Critique.id)
        .join(RuleCritique, RuleCritique.critique_revision_id == CritiqueRevision.id)
        .where(RuleCritique.rule_id == rule_id, Critique.id > after, Critique.state != CritiqueState.deleted)
        .order_by(Critique.id)
        .limit(limit)
    )
    return [Source(*row) for row in session.execute(query)]


def count_for(rule_id: InstrumentedAttribute[int]) -> ScalarSelect[int]:
    """How many critiques a rule came of, as part of another query."""
    return (
        select(func.count())
        .select_from(RuleCritique)
        .join(CritiqueRevision, CritiqueRevision.id == RuleCritique.critique_revision_id)
        .join(Critique, Critique.id == CritiqueRevision.critique_id)
        .where(RuleCritique.rule_id == rule_id, Critique.state != CritiqueState.deleted)
        .scalar_subquery()
    )


def texts(session: Session, *, project_id: int, critique_ids: Sequence[int]) -> list[str]:
    """What submitted critiques of the project say, in their own words, those that say the same once,
    where it was last said, oldest first; long ones as their beginnings.

    Raises:
        NotFoundError: one of them is not a submitted critique of the project.
    """
    query = (
        select(Critique.id, CritiqueRevision.text, CritiqueRevision.spans)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(
            Critique.id.in_(critique_ids),
            Critique.project_id == project_id,
            Critique.state == CritiqueState.submitted,
        )
        .order_by(Critique.id)
    )
    said = {number: _words(text, spans) for number, text, spans in session.execute(query)}
    if unknown := set(critique_ids) - set(said):
        raise NotFoundError(f"{len(unknown)} of them are no submitted critiques of this project.")
    different: dict[similarity.Words, str] = {}
    for text in filter(None, said.values()):
        words = similarity.words_of(text)
        different.pop(words, None)  # what is said again takes the place of its newest saying
        different[words] = _clipped(text)
    return list(different.values())


def recurring(session: Session, *, project_id: int) -> list[Group]:
    """Groups of at least two submitted critiques that say much the same, largest first, at most 50.

    Looks at the newest 2,000 by people and judges. Left out are verifiers (code is a rule already), critiques
    without words, and those that an active rule came of.
    """
    ruled = (
        select(CritiqueRevision.critique_id)
        .join(RuleCritique, RuleCritique.critique_revision_id == CritiqueRevision.id)
        .join(Rule, Rule.id == RuleCritique.rule_id)
        .where(Rule.project_id == project_id, Rule.state == RuleState.active)
    )
    query = (
        select(Critique.id, CritiqueRevision.text, CritiqueRevision.spans)
        .join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .where(
            Critique.project_id == project_id,
            Critique.state == CritiqueState.submitted,
            Rollout.source != RolloutSource.known,
            Critique.author_kind != AuthorKind.verifier,
            or_(CritiqueRevision.text.regexp_match(r"\S"), CritiqueRevision.spans != []),
            Critique.id.not_in(ruled),
        )
        .order_by(Critique.id.desc())
        .limit(NEWEST_CRITIQUES)
    )
    said = {number: _words(text, spans) for number, text, spans in session.execute(query)}
    texts = {number: text for number, text in said.items() if text}
    found = [ids for ids in similarity.groups(texts) if len(ids) > 1]
    return [_group(ids[::-1], texts) for ids in found[:MOST_GROUPS]]


def _words(text: str, spans: Sequence[Json]) -> str:
    """What a critique says: its text and the notes of its spans; not the quotes, which are the answer's words."""
    return "\n".join([text, *(str(span["note"]) for span in spans)]).strip()


def _group(newest_first: list[int], texts: dict[int, str]) -> Group:
    different: dict[similarity.Words, str] = {}
    for number in newest_first:
        different.setdefault(similarity.words_of(texts[number]), texts[number])
    return Group(critique_ids=newest_first, examples=[_clipped(text) for text in list(different.values())[:EXAMPLES]])


def _clipped(text: str) -> str:
    return text if len(text) <= EXAMPLE_LENGTH else f"{text[: EXAMPLE_LENGTH - 1]}…"
