"""Coefficients of agreement between ratings. A pair holds what two annotators gave one answer.

Where a coefficient is not defined (nothing to compare, or no difference that chance could not explain) it raises
``UndefinedError`` with the reason in words, and is never a NaN.
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

Pair = tuple[float, float]
Distance = Callable[[Counter[float]], float]


class UndefinedError(ValueError):
    """A coefficient has no value for this data; the message says why."""


def percent(pairs: Sequence[Pair]) -> float:
    """The share of answers that both gave the same.

    >>> percent([(1, 1), (0, 1), (0, 0), (1, 1)])
    0.75
    """
    _refuse_none(pairs)
    return sum(a == b for a, b in pairs) / len(pairs)


def kappa(pairs: Sequence[Pair]) -> float:
    """Cohen's kappa, unweighted (Cohen, "A coefficient of agreement for nominal scales", 1960).

    Two agree on 3 of 4 answers. The first says 1 twice in 4, the second three times, so that chance alone would make
    them agree on 2/4 * 3/4 + 2/4 * 1/4 = 1/2: kappa is (3/4 - 1/2) / (1 - 1/2).

    >>> kappa([(1, 1), (0, 1), (0, 0), (1, 1)])
    0.5
    """
    observed = percent(pairs)
    firsts, seconds = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(count * seconds[value] for value, count in firsts.items()) / len(pairs) ** 2
    if expected == 1:
        raise UndefinedError("Both gave one and the same rating throughout; chance would agree as well.")
    return (observed - expected) / (1 - expected)


def tau_b(pairs: Sequence[Pair]) -> float:
    """Kendall's rank correlation with ties, tau-b (Kendall, "The treatment of ties in ranking problems", 1945).

    Of the 6 pairs of these 4 answers 3 are ordered alike, 2 the other way, and 1 is tied by the second: the
    coefficient is (3 - 2) / sqrt(6 * 5).

    >>> round(tau_b([(1, 1), (2, 3), (3, 3), (4, 2)]), 4)
    0.1826
    """
    _refuse_none(pairs)
    untied = [_pairs_of(len(pairs)) - _tied(side) for side in zip(*pairs, strict=True)]
    if 0 in untied:
        raise UndefinedError("One of them gave all answers the same rating; there is no order to compare.")
    return _concordance(pairs) / math.sqrt(untied[0] * untied[1])


def _concordance(pairs: Sequence[Pair]) -> int:
    """Pairs of answers that both order alike, less those that they order differently."""
    score, earlier = 0, list[float]()
    for _, group in groupby(sorted(pairs), key=lambda pair: pair[0]):
        seconds = [b for _, b in group]
        score += sum(bisect_left(earlier, b) + bisect_right(earlier, b) - len(earlier) for b in seconds)
        for b in seconds:
            insort(earlier, b)
    return score


def _tied(values: Sequence[float]) -> int:
    return sum(_pairs_of(count) for count in Counter(values).values())


def _pairs_of(count: int) -> int:
    return count * (count - 1) // 2


def alpha_nominal(units: Sequence[Sequence[float]]) -> float:
    """Krippendorff's alpha where ratings are equal or not. A unit holds the ratings that one answer got, in any order.

    Answers with fewer than two ratings say nothing. Here 4 ratings stand in 2 answers, one of which is disputed: the
    observed disagreement is 2/4, the expected one, over all 12 ordered pairs of {1, 1, 1, 2}, is 6/12.

    >>> alpha_nominal([(1, 1), (1, 2), (2,)])
    0.0

    Source: Krippendorff, "Content Analysis", 3rd edition, 2013, chapter 12.
    """
    return _alpha(units, _different)


def alpha_interval(units: Sequence[Sequence[float]]) -> float:
    """Krippendorff's alpha where the square of the difference counts; units as for ``alpha_nominal``.

    The observed squared difference is (0 + 0 + 1 + 1) / 4, the expected one, over the 12 ordered pairs of {1, 1, 2, 3},
    is 2 * (1 + 4 + 1 + 4 + 1) / 12: alpha is 1 - 0.5 / (22 / 12).

    >>> round(alpha_interval([(1, 1), (2, 3)]), 4)
    0.7273
    """
    return _alpha(units, _squared)


def _alpha(units: Sequence[Sequence[float]], distance: Distance) -> float:
    counts = [Counter(unit) for unit in units if len(unit) > 1]
    if not counts:
        raise UndefinedError("No answer was rated by two of them.")
    pooled = Counter[float]()
    for count in counts:
        pooled.update(count)
    total = pooled.total()
    expected = distance(pooled) / (total - 1)
    if expected == 0:
        raise UndefinedError("All ratings are equal; there is no disagreement that chance could make.")
    return 1 - sum(distance(count) / (count.total() - 1) for count in counts) / expected


def _different(counts: Counter[float]) -> float:
    """Over all ordered pairs of the ratings: how many differ."""
    return counts.total() ** 2 - sum(count**2 for count in counts.values())


def _squared(counts: Counter[float]) -> float:
    """Over all ordered pairs of the ratings: the sum of their squared differences.

    Differences are taken from the mean, since sums of large squares would cancel to noise.
    """
    mean = math.fsum(value * count for value, count in counts.items()) / counts.total()
    spread = math.fsum(count * (value - mean) ** 2 for value, count in counts.items()) if len(counts) > 1 else 0.0
    return 2 * counts.total() * spread


def _refuse_none(pairs: Sequence[Pair]) -> None:
    if not pairs:
        raise UndefinedError("No answer was rated by both.")
