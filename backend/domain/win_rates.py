"""What a comparison set shows: how often A is preferred to B, whether the place on the screen decided, and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from backend import intervals
from backend.domain.preferences import favour_of_a
from backend.intervals import Interval
from backend.models import ComparisonSet, Pair, Preference, PreferenceState, Prompt, Rollout, User


@dataclass(frozen=True)
class Rate:
    """How often something was preferred, ties counted half, with the interval over prompts; ``n`` counts answers."""

    interval: Interval
    n: int
    prompts: int


@dataclass(frozen=True)
class Given:
    """A submitted preference and who gave it."""

    preference: Preference
    author: str


@dataclass(frozen=True)
class PairResult:
    """A pair with what people said of it."""

    pair: Pair
    prompt: Prompt
    a_text: str
    b_text: str
    given: list[Given]


@dataclass(frozen=True)
class Result:
    """The rate of A over B, overall and by the side that A stood on; the rate of left over right; all strengths.

    ``strengths`` counts the answers from B much better (-3) over the same (0) to A much better (3).
    """

    a_wins: Rate | None
    a_wins_left: Rate | None
    a_wins_right: Rate | None
    left_wins: Rate | None
    strengths: dict[int, int]


def of_set(session: Session, made: ComparisonSet) -> tuple[Result, list[PairResult]]:
    """The result of a set and its answered pairs, in their order."""
    pairs = _pairs(session, made)
    return result([(pair.prompt.id, given.preference) for pair in pairs for given in pair.given]), pairs


def result(given: Sequence[tuple[int, Preference]]) -> Result:
    """The result of submitted preferences, each with the prompt it is about."""
    left = [one for one in given if one[1].a_is_left]
    right = [one for one in given if not one[1].a_is_left]
    strengths = dict.fromkeys(range(-3, 4), 0)
    for _, preference in given:
        strengths[favour_of_a(preference)] += 1
    return Result(
        a_wins=_rate(given, favour_of_a),
        a_wins_left=_rate(left, favour_of_a),
        a_wins_right=_rate(right, favour_of_a),
        left_wins=_rate(given, _favour_of_left),
        strengths=strengths,
    )


def _favour_of_left(preference: Preference) -> int:
    favour = favour_of_a(preference)
    return favour if preference.a_is_left else -favour


def _rate(given: Sequence[tuple[int, Preference]], favour: Callable[[Preference], int]) -> Rate | None:
    """A prompt counts once, however many people answered it: its people agree more than prompts do."""
    by_prompt: dict[int, list[float]] = {}
    for prompt_id, preference in given:
        by_prompt.setdefault(prompt_id, []).append(_score(favour(preference)))
    if not by_prompt:
        return None
    means = [sum(scores) / len(scores) for scores in by_prompt.values()]
    return Rate(interval=intervals.mean_interval(means), n=len(given), prompts=len(means))


def _score(favour: int) -> float:
    """1 for the winner, 0 for the loser, a half each for a tie.

    >>> [_score(favour) for favour in (3, 1, 0, -2)]
    [1.0, 1.0, 0.5, 0.0]
    """
    return 0.5 if favour == 0 else float(favour > 0)


def _pairs(session: Session, made: ComparisonSet) -> list[PairResult]:
    a, b = aliased(Rollout), aliased(Rollout)
    query = (
        select(Pair, Prompt, a.text, b.text, Preference, func.coalesce(User.name, Preference.author_name))
        .join(Prompt, Prompt.id == Pair.prompt_id)
        .join(a, a.id == Pair.rollout_a_id)
        .join(b, b.id == Pair.rollout_b_id)
        .join(Preference, Preference.pair_id == Pair.id)
        .outerjoin(User, User.id == Preference.author_id)
        .where(Pair.set_id == made.id, Preference.state == PreferenceState.submitted)
        .order_by(Pair.id, Preference.id)
    )
    found: dict[int, PairResult] = {}
    for pair, prompt, a_text, b_text, preference, author in session.execute(query):
        row = found.setdefault(pair.id, PairResult(pair=pair, prompt=prompt, a_text=a_text, b_text=b_text, given=[]))
        row.given.append(Given(preference=preference, author=author))
    return list(found.values())
