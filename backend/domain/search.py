"""Finding rollouts, critiques and prompts among very many: one filter, three lists, newest first.

A filter has named fields and nothing else; what a client sends is never a path into the tables. All conditions on
critiques hold of one and the same critique.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Select, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from backend.domain import filters
from backend.domain.filters import Filter
from backend.domain.prompts import collected_by
from backend.errors import InvalidError
from backend.models import (
    Checkpoint,
    Critique,
    CritiqueRevision,
    CritiqueState,
    Listed,
    Prompt,
    Rollout,
    RolloutSearch,
)  # fmt: skip

Column = InstrumentedAttribute[int]
Found = tuple[Select[int], Column]
FEW = 2000


@dataclass(frozen=True)
class RolloutRow:
    """A line of the list of rollouts; ``critiques`` counts the submitted ones."""

    rollout: Rollout
    prompt: Prompt
    checkpoint: str
    spread: float | None
    critiques: int


@dataclass(frozen=True)
class CritiqueRow:
    """A line of the list of critiques."""

    critique: Critique
    revision: CritiqueRevision | None
    prompt: Prompt
    answer: str


@dataclass(frozen=True)
class PromptRow:
    """A line of the list of prompts, with its number of first attempts and of submitted critiques."""

    prompt: Prompt
    attempts: int
    critiques: int


def rollouts(session: Session, *, project_id: int, wanted: Filter, before: int | None, limit: int) -> list[RolloutRow]:
    """Rollouts that match, newest first, from before an id on."""
    ids = _page(session, *_rollout_ids(session, wanted, project_id), before, limit)
    submitted = (Critique.rollout_id == Rollout.id) & (Critique.state == CritiqueState.submitted)
    count = select(func.count()).select_from(Critique).where(submitted).scalar_subquery()
    found = (
        select(Rollout, Prompt, Checkpoint.name, RolloutSearch.spread, count)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .join(Checkpoint, Checkpoint.id == Rollout.checkpoint_id)
        .join(RolloutSearch, RolloutSearch.rollout_id == Rollout.id)
        .where(Rollout.id.in_(ids))
        .order_by(Rollout.id.desc())
    )
    return [RolloutRow(*row) for row in session.execute(found)]


def critiques(
    session: Session, *, project_id: int, wanted: Filter, before: int | None, limit: int
) -> list[CritiqueRow]:
    """Critiques that match, newest first, from before an id on."""
    ids = _page(session, *_critique_ids(session, wanted, project_id), before, limit)
    found = (
        select(Critique, CritiqueRevision, Prompt, Rollout.text)
        .join(Rollout, Rollout.id == Critique.rollout_id)
        .join(Prompt, Prompt.id == Rollout.prompt_id)
        .outerjoin(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
        .where(Critique.id.in_(ids))
        .order_by(Critique.id.desc())
    )
    return [CritiqueRow(*row) for row in session.execute(found)]


def prompts(session: Session, *, project_id: int, wanted: Filter, before: int | None, limit: int) -> list[PromptRow]:
    """Prompts that match, newest first, from before an id on; only words, split, tag and metadata count here."""
    ids = _page(session, *_prompt_ids(session, wanted, project_id), before, limit)
    found = select(Prompt, *collected_by(Prompt.id)).where(Prompt.id.in_(ids)).order_by(Prompt.id.desc())
    return [PromptRow(*row) for row in session.execute(found)]


def subjects(
    session: Session, *, project_id: int, listed: Listed, wanted: Filter, subject: Listed, most: int
) -> list[int]:
    """The ids of everything that a list with a filter holds; of its prompts where those are the subject.

    Raises:
        InvalidError: there are more than ``most``, or the list holds no such thing.
    """
    query = _subjects(session, project_id, listed, wanted, subject)
    found = list(session.scalars(query.limit(most + 1)))
    if len(found) > most:
        raise InvalidError(f"More than {most:,} match, which is too many for one change; narrow the filter.")
    return found


def count(session: Session, *, project_id: int, listed: Listed, wanted: Filter, most: int) -> int:
    """How many a list with a filter holds; ``most`` + 1 where there are more than ``most``."""
    found = _subjects(session, project_id, listed, wanted, listed).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _subjects(session: Session, project_id: int, listed: Listed, wanted: Filter, subject: Listed) -> Select[int]:
    ids = {Listed.rollouts: _rollout_ids, Listed.critiques: _critique_ids, Listed.prompts: _prompt_ids}[listed]
    query, _ = ids(session, wanted, project_id)
    if listed == subject:
        return query
    if subject != Listed.prompts:
        raise InvalidError(f"A list of {listed} holds no {subject}; open the list of {subject} first.")
    table = Rollout if listed == Listed.rollouts else Critique
    return select(table.prompt_id).where(table.id.in_(query)).distinct()


def _rollout_ids(session: Session, wanted: Filter, project_id: int) -> Found:
    said = filters.critique_conditions(wanted)
    if said:
        # From the critiques, in the order of their rollouts: the first page is found without reading them all.
        query = _of_critiques(
            session, Critique.rollout_id, select(Critique.rollout_id).distinct(), wanted, said, project_id
        )
        return query, Critique.rollout_id
    query = select(RolloutSearch.rollout_id).where(RolloutSearch.project_id == project_id)
    key = RolloutSearch.rollout_id
    if not filters.asks_search(wanted) and (filters.prompt_conditions(wanted) or filters.asks_rollout(wanted)):
        query, key = select(Rollout.id).where(Rollout.project_id == project_id), Rollout.id
    return _about(session, query, wanted, project_id, key), key


def _critique_ids(session: Session, wanted: Filter, project_id: int) -> Found:
    query = _of_critiques(
        session, Critique.id, select(Critique.id), wanted, filters.critique_conditions(wanted), project_id
    )
    return query, Critique.id


def _prompt_ids(_session: Session, wanted: Filter, project_id: int) -> Found:
    query = select(Prompt.id).where(Prompt.project_id == project_id, *filters.prompt_conditions(wanted))
    if wanted.words:
        query = query.where(func.prompt_words(Prompt.messages).op("@@")(filters.question(wanted.words)))
    return query, Prompt.id


def _page(session: Session, query: Select[int], key: Column, before: int | None, limit: int) -> Sequence[int]:
    """The ids of one page. Rows are read by id afterwards, so that sorting never carries their texts."""
    if before is not None:
        query = query.where(key < before)
    return session.scalars(query.order_by(key.desc()).limit(limit)).all()


def _of_critiques(
    session: Session, key: Column, query: Select[int], wanted: Filter, said: list[filters.Condition], project_id: int
) -> Select[int]:
    """Joins to the critiques what the conditions need, and no more; deleted ones are found only by asking for them."""
    query = query.where(Critique.project_id == project_id, *said)
    if wanted.state is None:
        query = query.where(Critique.state != CritiqueState.deleted)
    if filters.asks_revision(wanted):
        query = query.join(CritiqueRevision, CritiqueRevision.id == Critique.current_revision_id)
    if filters.asks_search(wanted):
        query = query.join(RolloutSearch, RolloutSearch.rollout_id == Critique.rollout_id)
    if filters.asks_rollout(wanted):
        query = query.join(Rollout, Rollout.id == Critique.rollout_id)
    return _narrowed(session, query, wanted, project_id, Critique.prompt_id, key)


def _about(session: Session, query: Select[int], wanted: Filter, project_id: int, rollout_id: Column) -> Select[int]:
    if rollout_id is not Rollout.id and (filters.prompt_conditions(wanted) or filters.asks_rollout(wanted)):
        query = query.join(Rollout, Rollout.id == rollout_id)
    return _narrowed(session, query, wanted, project_id, Rollout.prompt_id, rollout_id)


def _narrowed(
    session: Session, query: Select[int], wanted: Filter, project_id: int, prompt_id: Column, key: Column
) -> Select[int]:
    """The conditions on words, spread, rollout and prompt; what they need has been joined."""
    if wanted.words:
        query = query.where(RolloutSearch.document.op("@@")(filters.question(wanted.words)))
    if wanted.spread_from is not None:
        query = query.where(RolloutSearch.spread >= wanted.spread_from)
    if wanted.checkpoint_id is not None:
        query = query.where(Rollout.checkpoint_id == wanted.checkpoint_id)
    if wanted.source is not None:
        query = query.where(Rollout.source == wanted.source)
    about = filters.prompt_conditions(wanted)
    return query.where(_of_prompts(session, wanted, about, project_id, prompt_id, key)) if about else query


def _of_prompts(
    session: Session, wanted: Filter, about: list[filters.Condition], project_id: int, prompt_id: Column, key: Column
) -> filters.Condition:
    """What belongs to prompts that match: where that is little it is looked up first and begun from.

    Else, unless other conditions find less, the prompts are hashed once and the list is read along its index. The
    comparison with true keeps the planner from joining there: a join reads a prompt for every line, which takes long
    where the first match comes late or never.
    """
    matching = select(Prompt.id).where(Prompt.project_id == project_id, *about)
    few = session.scalars(matching.limit(FEW + 1)).all()
    if len(few) <= FEW:
        theirs = prompt_id == _any(few)
        keys = session.scalars(select(_beside(prompt_id, key)).where(theirs).limit(FEW + 1)).all()
        return key == _any(keys) if len(keys) <= FEW else theirs
    return prompt_id.in_(matching) if filters.finds_few(wanted) else prompt_id.in_(matching).is_(true())


def _beside(prompt_id: Column, key: Column) -> Column:
    """The key of a list in the table that holds the prompt."""
    return Rollout.id if prompt_id is Rollout.prompt_id else key


def _any(ids: Sequence[int]) -> ColumnElement[int]:
    return func.any(bindparam(None, ids, ARRAY(BigInteger)))
