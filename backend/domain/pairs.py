"""Comparison sets: which pairs of answers people shall compare, blind."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from backend.domain import checkpoints, journal
from backend.domain.projects import Access
from backend.errors import InvalidError, NotFoundError
from backend.models import (
    ComparisonSet,
    Pair,
    Preference,
    PreferenceState,
    Prompt,
    Rollout,
    RolloutSource,
    RolloutState,
    Split,
)  # fmt: skip

MOST_PAIRS = 2000
LIKE_EVALUATIONS = (RolloutSource.evaluation, RolloutSource.attempt)

Number = Annotated[int, Field(ge=1, le=2**62)]
Count = Annotated[int, Field(ge=1, le=MOST_PAIRS)]


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfCheckpoints(_Source):
    """Answers of checkpoint ``a`` against those of ``b`` to ``n`` prompts of a split, from what is stored."""

    kind: Literal["checkpoints"]
    a: Number
    b: Number
    split: Split
    n: Count


class OfAttempts(_Source):
    """Two different first attempts at each of ``n`` prompts of a split, whoever wrote them."""

    kind: Literal["attempts"]
    split: Split
    n: Count


class OfRollouts(_Source):
    """The pairs of rollouts named here."""

    kind: Literal["rollouts"]
    pairs: list[tuple[Number, Number]] = Field(min_length=1, max_length=MOST_PAIRS)


Source = OfCheckpoints | OfAttempts | OfRollouts


@dataclass(frozen=True)
class Candidate:
    """Two answers to a prompt that may become a pair."""

    prompt_id: int
    a: int
    b: int
    same: bool


@dataclass(frozen=True)
class SetRow:
    """A comparison set with how far it is; ``mine`` and ``left`` are one person's submitted and still open pairs."""

    set: ComparisonSet
    pairs: int
    submitted: int
    mine: int
    left: int


def create(
    session: Session, access: Access, *, name: str, source: Source, overlap: int, reveals: bool
) -> ComparisonSet:
    """A comparison set with its pairs.

    Raises:
        InvalidError: there is nothing to compare, or a pair is not two different answers to one prompt.
        NotFoundError: a checkpoint is not of this project.
    """
    candidates = _candidates(session, access, source)
    different = [candidate for candidate in candidates if not candidate.same]
    if not different:
        raise InvalidError(_nothing(source, identical=len(candidates)), field="source")
    made = ComparisonSet(
        project_id=access.project.id,
        name=name,
        checkpoint_a_id=source.a if isinstance(source, OfCheckpoints) else None,
        checkpoint_b_id=source.b if isinstance(source, OfCheckpoints) else None,
        overlap=overlap,
        reveals=reveals,
        identical=len(candidates) - len(different),
        created_by=access.user_id,
    )
    session.add(made)
    session.flush()
    session.add_all(
        Pair(set_id=made.id, prompt_id=found.prompt_id, rollout_a_id=found.a, rollout_b_id=found.b)
        for found in different
    )
    _note(session, access, made, "comparison_set.created", pairs=len(different))
    return made


def _candidates(session: Session, access: Access, source: Source) -> list[Candidate]:
    match source:
        case OfCheckpoints():
            if source.a == source.b:
                raise InvalidError("Choose two different checkpoints.", field="source.b")
            for number in (source.a, source.b):
                checkpoints.get(session, project_id=access.project.id, checkpoint_id=number)
            return _drawn(_of_checkpoints(session, access.project.id, source), source.n)
        case OfAttempts():
            return _drawn(_of_attempts(session, access.project.id, source.split), source.n)
        case OfRollouts():
            return _named(session, access.project.id, source.pairs)


def _drawn(candidates: Sequence[Candidate], n: int) -> list[Candidate]:
    """At most ``n`` of the candidates, drawn evenly, always the same for the same candidates."""
    generator = random.Random(0)  # noqa: S311 - a draw that can be repeated, not a secret
    return sorted(generator.sample(candidates, min(n, len(candidates))), key=lambda found: found.prompt_id)


def _of_checkpoints(session: Session, project_id: int, source: OfCheckpoints) -> list[Candidate]:
    """One pair a prompt: the newest answers of both that were sampled alike, those of evaluations first."""
    a, b = aliased(Rollout), aliased(Rollout)
    query = (
        select(a.prompt_id, a.id, b.id, a.text == b.text)
        .join(b, (b.prompt_id == a.prompt_id) & (b.source == a.source))
        .join(Prompt, Prompt.id == a.prompt_id)
        .where(
            a.project_id == project_id,
            b.project_id == project_id,
            Prompt.split == source.split,
            a.source.in_(LIKE_EVALUATIONS),
            a.checkpoint_id == source.a,
            b.checkpoint_id == source.b,
            a.state == RolloutState.complete,
            b.state == RolloutState.complete,
            a.sampling.op("-")("seed") == b.sampling.op("-")("seed"),
        )
        .ext(distinct_on(a.prompt_id))
        .order_by(a.prompt_id, a.source.desc(), a.id.desc(), b.id.desc())
    )
    return _as_candidates(session.execute(query))


def _of_attempts(session: Session, project_id: int, split: Split) -> list[Candidate]:
    """One pair a prompt: its two oldest first attempts that differ, else any two."""
    a, b = aliased(Rollout), aliased(Rollout)
    query = (
        select(a.prompt_id, a.id, b.id, a.text == b.text)
        .join(b, (b.prompt_id == a.prompt_id) & (b.id > a.id))
        .join(Prompt, Prompt.id == a.prompt_id)
        .where(a.project_id == project_id, Prompt.split == split)
        .ext(distinct_on(a.prompt_id))
        .order_by(a.prompt_id, a.text == b.text, a.id, b.id)
    )
    for side in (a, b):
        query = query.where(side.source == RolloutSource.attempt, side.state == RolloutState.complete, side.turn == 0)
    return _as_candidates(session.execute(query))


def _as_candidates(rows: Iterable[Row[int, int, int, bool]]) -> list[Candidate]:
    return [Candidate(prompt_id=prompt, a=a, b=b, same=same) for prompt, a, b, same in rows]


def _named(session: Session, project_id: int, named: Sequence[tuple[int, int]]) -> list[Candidate]:
    ids = {number for pair in named for number in pair}
    query = select(Rollout).where(
        Rollout.id.in_(ids), Rollout.project_id == project_id, Rollout.state == RolloutState.complete
    )
    found = {rollout.id: rollout for rollout in session.scalars(query)}
    candidates: dict[frozenset[int], Candidate] = {}
    for place, (a, b) in enumerate(named):
        field = f"source.pairs.{place}"
        if a not in found or b not in found:
            raise InvalidError(f"Rollout {b if a in found else a} is no finished rollout of this project.", field=field)
        if a == b or found[a].prompt_id != found[b].prompt_id:
            raise InvalidError(f"Rollouts {a} and {b} are not two answers to one prompt.", field=field)
        candidates[frozenset((a, b))] = Candidate(
            prompt_id=found[a].prompt_id, a=a, b=b, same=found[a].text == found[b].text
        )
    return list(candidates.values())


def _nothing(source: Source, *, identical: int) -> str:
    if identical:
        return f"All {identical} pairs are twice the same answer; there is nothing to compare."
    if isinstance(source, OfCheckpoints):
        return (
            f"No prompt of the split '{source.split}' has answers of both checkpoints that were sampled alike. "
            "Evaluate both, or sample first attempts of both."
        )
    return "No prompt of this split has two first attempts; sample more of them first."


def get(session: Session, set_id: int) -> ComparisonSet:
    """One comparison set."""
    found = session.get(ComparisonSet, set_id)
    if found is None:
        raise NotFoundError(f"There is no comparison set {set_id}.")
    return found


def set_open(session: Session, access: Access, *, made: ComparisonSet, is_open: bool) -> ComparisonSet:
    """Whether pairs of the set are handed out; what was leased before can still be submitted."""
    if made.is_open != is_open:
        made.is_open = is_open
        _note(session, access, made, "comparison_set.opened" if is_open else "comparison_set.closed")
    return made


def of_project(session: Session, *, project_id: int, user_id: int, set_id: int | None = None) -> list[SetRow]:
    """Comparison sets, newest first, with how far they are and what is left for one person."""
    submitted = (Preference.pair_id == Pair.id) & (Preference.state == PreferenceState.submitted)
    done = select(func.count()).select_from(Preference).where(submitted).correlate(Pair).scalar_subquery()
    by_me = select(Preference.id).where(Preference.pair_id == Pair.id, Preference.author_id == user_id)
    mine = by_me.where(Preference.state == PreferenceState.submitted).exists()
    settled = by_me.where(Preference.state != PreferenceState.draft).exists()
    query = (
        select(
            ComparisonSet,
            func.count(Pair.id),
            func.coalesce(func.sum(done), 0),
            func.count().filter(mine),
            func.count().filter(~settled & (done < ComparisonSet.overlap)),
        )
        .join(Pair, Pair.set_id == ComparisonSet.id)
        .where(ComparisonSet.project_id == project_id)
        .group_by(ComparisonSet.id)
        .order_by(ComparisonSet.id.desc())
    )
    if set_id is not None:
        query = query.where(ComparisonSet.id == set_id)
    return [
        SetRow(set=made, pairs=pairs, submitted=int(total), mine=own, left=left if made.is_open else 0)
        for made, pairs, total, own, left in session.execute(query)
    ]


def _note(session: Session, access: Access, made: ComparisonSet, action: str, **details: object) -> None:
    journal.record(
        session, action=action, subject=f"comparison set {made.id}", user_id=access.user_id,
        project_id=access.project.id, **details,
    )  # fmt: skip
    session.flush()
