"""Confidence intervals of mean scores and of paired differences, over the prompts of a suite.

The bias-corrected and accelerated bootstrap, BCa (Efron, "Better bootstrap confidence intervals", 1987): resample the
prompts with replacement, take the mean of each resample, and read the ends off its quantiles at levels corrected for
skew, which matters for scores near 0 or 1. Resamples are seeded: the same scores give the same interval.

The bootstrap knows only what it saw: scores that are all equal resample to themselves, though 32 zeros do not prove
that the true mean is zero. Wilson's interval (Wilson, "Probable inference, the law of succession, and statistical
inference", 1927) bounds the share of prompts that would score otherwise although none of n did, by z² / (n + z²);
were that share at either bound of the scale, the mean would reach the ends given here. For scores that are all 0 or
all 1 this is Wilson's own interval of the proportion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Interval:
    """A mean over ``n`` prompts with the ends of its confidence interval."""

    mean: float
    low: float
    high: float
    n: int


def mean_interval(
    scores: Sequence[float], *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Give the mean of scores in [0, 1], one per prompt, with its interval.

    Raises ValueError when there are no scores or one lies outside [0, 1].
    """
    return _interval(_checked(scores), 0.0, confidence, resamples, seed)


def paired_interval(
    before: Sequence[float],
    after: Sequence[float],
    *,
    confidence: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> Interval:
    """Give the mean of ``after - before`` over the same prompts in the same order, with its interval.

    Raises ValueError when the lengths differ, there are no scores, or one lies outside [0, 1].
    """
    if len(before) != len(after):
        raise ValueError(f"a paired difference needs the same prompts: got {len(before)} and {len(after)} scores")
    return _interval(_checked(after) - _checked(before), -1.0, confidence, resamples, seed)


def _checked(scores: Sequence[float]) -> Floats:
    values = np.asarray(scores, dtype=np.float64)
    if values.size == 0:
        raise ValueError("an interval needs at least one score")
    if not ((values >= 0.0) & (values <= 1.0)).all():
        raise ValueError("scores lie in [0, 1]")
    return values


def _interval(values: Floats, lowest: float, confidence: float, resamples: int, seed: int) -> Interval:
    """Interval of the mean of values in [lowest, 1]."""
    mean, n = float(values.mean()), len(values)
    z = _NORMAL.inv_cdf((1 + confidence) / 2)
    if np.ptp(values) == 0:
        unseen = z**2 / (n + z**2)
        return Interval(mean, mean - unseen * (mean - lowest), mean + unseen * (1.0 - mean), n)
    means = np.sort(np.random.default_rng(seed).choice(values, (resamples, n)).mean(axis=1))
    low, high = np.quantile(means, [_corrected_level(values, means, -z), _corrected_level(values, means, z)])
    return Interval(mean, float(low), float(high), n)


def _corrected_level(values: Floats, means: Floats, z: float) -> float:
    """The quantile level of the resampled means that BCa reads in place of the normal level of ``z``."""
    centred = values - values.mean()
    acceleration = float((centred**3).sum() / (6 * (centred**2).sum() ** 1.5))
    # Scores of 0 and 1 make many resampled means equal to the mean itself: half of these count as below it.
    below = (np.mean(means < values.mean()) + np.mean(means <= values.mean())) / 2
    bias = _NORMAL.inv_cdf(float(np.clip(below, 1 / len(means), 1 - 1 / len(means))))
    shifted = bias + z
    return _NORMAL.cdf(bias + shifted / (1 - acceleration * shifted))
