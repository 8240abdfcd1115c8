"""Confidence intervals of mean scores and of paired differences, over the prompts of a suite.

The percentile bootstrap (Efron, "Bootstrap methods: another look at the jackknife", 1979): resample prompts with
replacement, take the mean of each resample, read the interval off the quantiles of these means. The resamples are
seeded, so the same scores give the same interval.

The bootstrap knows only what it saw: scores that are all equal resample to themselves, and the interval would have no
width, though 32 zeros do not prove that the true mean is zero. Scores lie in [0, 1], and of all distributions there
with the same mean the one on {0, 1} varies most; so Wilson's interval for a proportion (Wilson, "Probable inference,
the law of succession, and statistical inference", 1927) is a cautious one for such scores, and all-equal scores get
it. All-equal differences, which lie in [-1, 1], get it on their rescaled mean (d + 1) / 2.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

RESAMPLES = 2000
CONFIDENCE = 0.95


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
    _check(scores, low=0.0)
    if min(scores) == max(scores):
        return wilson_interval(scores[0], len(scores))
    return _bootstrap(scores)


def paired_interval(before: Sequence[float], after: Sequence[float]) -> Interval:
    """The mean of ``after - before`` over the same prompts in the same order, with its interval.

    Raises:
        ValueError: the lengths differ, there are no scores, or one lies outside [0, 1].
    """
    _check(before, low=0.0)
    _check(after, low=0.0)
    differences = [b - a for a, b in zip(before, after, strict=True)]
    if min(differences) != max(differences):
        return _bootstrap(differences)
    rescaled = wilson_interval((differences[0] + 1) / 2, len(differences))
    return Interval(differences[0], 2 * rescaled.low - 1, 2 * rescaled.high - 1)


def wilson_interval(proportion: float, n: int) -> Interval:
    """Wilson's score interval for a proportion of ``n``.

    >>> interval = wilson_interval(0.0, 32)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0, 0.1072)
    """
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    shrink = 1 + z * z / n
    centre = (proportion + z * z / (2 * n)) / shrink
    half = z * ((proportion * (1 - proportion) + z * z / (4 * n)) / n) ** 0.5 / shrink
    return Interval(proportion, max(0.0, centre - half), min(1.0, centre + half))


def _bootstrap(values: Sequence[float]) -> Interval:
    generator = random.Random(0)  # noqa: S311 - a fixed seed, so that a figure does not change when it is looked at again
    means = sorted(fmean(generator.choices(values, k=len(values))) for _ in range(RESAMPLES))
    tail = (1 - CONFIDENCE) / 2
    return Interval(fmean(values), _quantile(means, tail), _quantile(means, 1 - tail))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between the two order statistics around ``share``.

    >>> _quantile([0.0, 1.0, 2.0], 0.25)
    0.5
    """
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _check(scores: Sequence[float], *, low: float) -> None:
    if not scores:
        raise ValueError("an interval needs at least one score")
    if not all(low <= score <= 1 for score in scores):
        raise ValueError(f"scores lie in [{low:g}, 1]")
