"""Confidence intervals of scores: against a naive reference, by coverage, and at the edges."""

import math
import random
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.intervals import mean_interval, paired_interval

scores = st.lists(st.floats(0, 1), min_size=1, max_size=40)
MIXED = [0.0, 0.1, 0.1, 0.4, 0.2, 0.9, 0.0, 0.3, 0.15, 0.05]


def naive_bca(values: list[float], confidence: float, resamples: int) -> tuple[float, float]:
    """BCa written with loops, the jackknife and another random generator."""
    generator = random.Random(7)
    n, mean = len(values), sum(values) / len(values)
    means = sorted(sum(generator.choice(values) for _ in range(n)) / n for _ in range(resamples))
    below = sum(1.0 if m < mean - 1e-12 else 0.5 if m <= mean + 1e-12 else 0.0 for m in means) / resamples
    bias = NormalDist().inv_cdf(below)
    left_out = [(sum(values) - value) / (n - 1) for value in values]
    centre = sum(left_out) / n
    cubes = sum((centre - value) ** 3 for value in left_out)
    squares = sum((centre - value) ** 2 for value in left_out)
    acceleration = cubes / (6 * squares**1.5)
    ends = []
    for tail in ((1 - confidence) / 2, (1 + confidence) / 2):
        shifted = bias + NormalDist().inv_cdf(tail)
        level = NormalDist().cdf(bias + shifted / (1 - acceleration * shifted))
        ends.append(means[min(resamples - 1, int(level * resamples))])
    return ends[0], ends[1]


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's interval at 95 %, as in any textbook."""
    z, share = 1.959964, successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return centre - half, centre + half


def test_the_interval_agrees_with_a_naive_bootstrap() -> None:
    low, high = naive_bca(MIXED, 0.95, 20_000)
    interval = mean_interval(MIXED)
    assert interval.mean == pytest.approx(sum(MIXED) / len(MIXED))
    assert interval.low == pytest.approx(low, abs=0.03)
    assert interval.high == pytest.approx(high, abs=0.03)


@pytest.mark.parametrize("truth", [0.1, 0.5, 0.9])
def test_about_95_in_100_intervals_hold_the_true_mean(truth: float) -> None:
    generator = random.Random(3)
    held = 0
    for _ in range(100):
        sample = [float(generator.random() < truth) for _ in range(32)]
        interval = mean_interval(sample)
        held += interval.low <= truth <= interval.high
    assert 0.9 <= held / 100 <= 1.0


@pytest.mark.parametrize(("score", "successes"), [(0.0, 0), (1.0, 32)])
def test_scores_that_are_all_0_or_all_1_get_wilsons_interval(score: float, successes: int) -> None:
    interval = mean_interval([score] * 32)
    assert (interval.low, interval.high) == pytest.approx(wilson(successes, 32), abs=1e-6)


def test_the_upper_end_grows_with_each_success() -> None:
    ends = [mean_interval([1.0] * successes + [0.0] * (32 - successes)).high for successes in range(5)]
    assert ends == sorted(ends)
    assert len(set(ends)) == 5


def test_more_equal_scores_give_a_narrower_interval_that_is_never_empty() -> None:
    widths = [mean_interval([0.5] * n).high - mean_interval([0.5] * n).low for n in (1, 8, 64)]
    assert widths[0] > widths[1] > widths[2] > 0


@settings(max_examples=50, deadline=None)
@given(scores)
def test_an_interval_holds_its_mean_lies_in_the_scale_and_has_width(values: list[float]) -> None:
    interval = mean_interval(values)
    assert -1e-12 <= interval.low <= interval.mean + 0.05
    assert interval.mean - 0.05 <= interval.high <= 1 + 1e-12


def test_the_same_scores_always_give_the_same_interval() -> None:
    assert mean_interval(MIXED) == mean_interval(MIXED)


def test_a_paired_difference_is_narrower_than_its_parts_when_prompts_differ_more_than_checkpoints() -> None:
    before = [0.1, 0.9, 0.2, 0.8, 0.1, 0.9, 0.3, 0.7]
    after = [score + 0.05 + 0.01 * (place % 2) for place, score in enumerate(before)]
    difference, alone = paired_interval(before, after), mean_interval(before)
    assert difference.mean == pytest.approx(0.055)
    assert difference.low > 0
    assert difference.high - difference.low < alone.high - alone.low


def test_swapping_the_checkpoints_mirrors_a_difference_of_nothing() -> None:
    interval = paired_interval([0.0] * 32, [0.0] * 32)
    assert interval.mean == 0.0
    assert interval.low == -interval.high
    assert interval.high == pytest.approx(wilson(0, 32)[1], abs=1e-6)


def test_a_difference_of_all_for_nothing_still_leaves_doubt_below_but_not_above() -> None:
    interval = paired_interval([0.0] * 32, [1.0] * 32)
    assert interval.high == 1.0
    assert 0.7 < interval.low < 1.0


@pytest.mark.parametrize("bad", [[], [1.2], [float("nan")]])
def test_scores_that_are_none_or_outside_the_scale_are_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="score"):
        mean_interval(bad)


def test_scores_of_different_prompts_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="same prompts"):
        paired_interval([0.0], [0.0, 1.0])
