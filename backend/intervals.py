"""Confidence intervals of mean scores and of paired differences, over the prompts of a suite.

The bias-corrected and accelerated bootstrap, BCa (Efron, "Better bootstrap confidence intervals", 1987): resample the
prompts with replacement, take the mean of each resample, and read the ends off its quantiles at levels corrected for
skew, which matters for scores near 0 or 1. Resamples are seeded, so the same scores give the same interval.

The bootstrap knows only what it saw: scores that are all equal resample to themselves, though 32 zeros do not prove
that the true mean is zero. Wilson's interval (Wilson, "Probable inference, the law of succession, and statistical
inference", 1927) bounds the share of prompts that would score otherwise although none of n did, by z² / (n + z²);
were that share at either end of the scale, the mean would reach the ends given here. For scores that are all 0 or all
1 this is Wilson's own interval of the proportion.
"""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean
from typing import TypeVar

RESAMPLES = 2000
STATISTIC_RESAMPLES = 400  # many figures stand on one page, and each resample computes its statistic anew
CONFIDENCE = 0.95

T = TypeVar("T")

_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True)
class Interval:
    """A mean with the ends of its 95 % confidence interval."""

    mean: float
    low: float
    high: float


def mean_interval(scores: Sequence[float]) -> Interval:
    """The mean of scores in [0, 1], one per prompt, with its interval.

    Raises:
        ValueError: there are no scores, or one lies outside [0, 1].
    """
    _check(scores)
    return _interval(scores, lowest=0.0)


def wilson(passed: int, n: int) -> Interval:
    """The share ``passed / n`` with Wilson's interval.

    Raises:
        ValueError: there is nothing to count, or more passed than there were.

    >>> found = wilson(8, 10)
    >>> round(found.low, 3), round(found.high, 3)
    (0.49, 0.943)
    """
    if not 0 <= passed <= n or n == 0:
        raise ValueError(f"{passed} of {n} is no share")
    share, weight = passed / n, _Z**2 / n
    centre = (share + weight / 2) / (1 + weight)
    half = _Z * (share * (1 - share) / n + weight / (4 * n)) ** 0.5 / (1 + weight)
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def paired_interval(before: Sequence[float], after: Sequence[float]) -> Interval:
    """The mean of ``after - before`` over the same prompts in the same order, with its interval.

    Raises:
        ValueError: the lengths differ, there are no scores, or one lies outside [0, 1].
    """
    if len(before) != len(after):
        raise ValueError(f"a paired difference needs the same prompts: got {len(before)} and {len(after)} scores")
    _check(before)
    _check(after)
    return _interval([b - a for a, b in zip(before, after, strict=True)], lowest=-1.0)


def resampled_ends(units: Sequence[T], statistic: Callable[[Sequence[T]], float | None]) -> tuple[float, float] | None:
    """The ends of the percentile bootstrap interval of any statistic over ``units`` that are independent.

    Resamples on which the statistic is not defined (None) are left out. None when that is more than half of them, or
    when all give the same: then nothing is known of what was not seen.
    """
    generator = random.Random(0)  # noqa: S311 - a fixed seed, as below
    found = (statistic(generator.choices(units, k=len(units))) for _ in range(STATISTIC_RESAMPLES))
    values = sorted(value for value in found if value is not None)
    if len(values) < STATISTIC_RESAMPLES / 2 or values[0] == values[-1]:
        return None
    return _quantile(values, (1 - CONFIDENCE) / 2), _quantile(values, (1 + CONFIDENCE) / 2)


def _check(scores: Sequence[float]) -> None:
    if not scores:
        raise ValueError("an interval needs at least one score")
    if not all(0 <= score <= 1 for score in scores):
        raise ValueError("scores lie in [0, 1]")


def _interval(values: Sequence[float], *, lowest: float) -> Interval:
    """The interval of the mean of values in [lowest, 1]."""
    if min(values) == max(values):
        mean, unseen = values[0], _Z**2 / (len(values) + _Z**2)
        return Interval(mean, mean - unseen * (mean - lowest), mean + unseen * (1.0 - mean))
    generator = random.Random(0)  # noqa: S311 - a fixed seed, so that a figure does not change when it is looked at again
    means = sorted(fmean(generator.choices(values, k=len(values))) for _ in range(RESAMPLES))
    low, high = (_quantile(means, _corrected_level(values, means, z)) for z in (-_Z, _Z))
    return Interval(fmean(values), low, high)


def _corrected_level(values: Sequence[float], means: Sequence[float], z: float) -> float:
    """The level at which BCa reads the quantiles of the resampled means, in place of the normal level of ``z``."""
    mean = fmean(values)
    deviations = [value - mean for value in values]
    acceleration = sum(d**3 for d in deviations) / (6 * sum(d**2 for d in deviations) ** 1.5)
    # Scores of 0 and 1 make many resampled means equal to the mean itself: half of these count as below it.
    below = (bisect_left(means, mean) + bisect_right(means, mean)) / (2 * len(means))
    bias = _NORMAL.inv_cdf(min(max(below, 1 / len(means)), 1 - 1 / len(means)))
    shifted = bias + z
    return _NORMAL.cdf(bias + shifted / (1 - acceleration * shifted))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between the two order statistics around ``share``.

    >>> _quantile([0.0, 1.0, 2.0], 0.25)
    0.5
    """
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
