"""Coefficients of agreement against naive references, a library, worked examples and laws."""

import doctest
import math
import random
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations, permutations

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend import intervals
from backend.agreement import coefficients, figures, overlap
from backend.agreement.coefficients import (
    UndefinedError,
    alpha_interval,
    alpha_nominal,
    kappa,
    percent,
    tau_b,
)
from backend.agreement.figures import figure
from backend.agreement.overlap import Overlap, of_points, of_stretches, share_alike

RATING = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
PAIRS = st.lists(st.tuples(RATING, RATING), min_size=1, max_size=30)
MAYBE = st.one_of(st.none(), RATING)
TABLE = st.integers(2, 4).flatmap(lambda raters: st.lists(st.tuples(*[MAYBE] * raters), min_size=1, max_size=15))


def or_none(coefficient: Callable[[], float]) -> float | None:
    try:
        return coefficient()
    except UndefinedError:
        return None


def same(found: float | None, wanted: float | None) -> bool:
    if found is None or wanted is None:
        return found is wanted
    return math.isclose(found, wanted, abs_tol=1e-9)


@pytest.mark.parametrize("module", [coefficients, overlap, figures])
def test_the_worked_examples_come_out(module: object) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted > 0
    assert tried.failed == 0


def naive_kappa(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Chance agreement by asking every answer of the first against every answer of the second."""
    observed = sum(a == b for a, b in pairs) / len(pairs)
    chance = sum(a == b for a, _ in pairs for _, b in pairs) / len(pairs) ** 2
    return None if chance == 1 else (observed - chance) / (1 - chance)


@given(PAIRS)
def test_kappa_is_what_asking_every_answer_against_every_other_gives(pairs: list[tuple[float, float]]) -> None:
    assert same(or_none(lambda: kappa(pairs)), naive_kappa(pairs))


def naive_tau_b(pairs: Sequence[tuple[float, float]]) -> float | None:
    signs = [
        ((a > c) - (a < c), (b > d) - (b < d)) for (a, b), (c, d) in combinations(pairs, 2)
    ]  # fmt: skip
    norm = math.sqrt(sum(s * s for s, _ in signs) * sum(t * t for _, t in signs))
    return sum(s * t for s, t in signs) / norm if norm else None


@given(PAIRS)
def test_tau_b_is_what_comparing_every_two_answers_gives(pairs: list[tuple[float, float]]) -> None:
    assert same(or_none(lambda: tau_b(pairs)), naive_tau_b(pairs))


def naive_alpha(units: Sequence[Sequence[float]], distance: Callable[[float, float], float]) -> float | None:
    """By the definition: all ordered pairs within an answer against all ordered pairs of what can be paired."""
    paired = [unit for unit in units if len(unit) > 1]
    pooled = [value for unit in paired for value in unit]
    if not pooled:
        return None
    within = sum(distance(a, b) / (len(unit) - 1) for unit in paired for a, b in permutations(unit, 2)) / len(pooled)
    among = sum(distance(a, b) for a, b in permutations(pooled, 2)) / (len(pooled) * (len(pooled) - 1))
    return None if among == 0 else 1 - within / among


def unequal(a: float, b: float) -> float:
    return float(a != b)


def squared(a: float, b: float) -> float:
    return (a - b) ** 2


def present(table: list[tuple[float | None, ...]]) -> list[list[float]]:
    return [[value for value in row if value is not None] for row in table]


@given(TABLE)
def test_alpha_with_missing_ratings_is_what_its_definition_gives(table: list[tuple[float | None, ...]]) -> None:
    units = present(table)
    assert same(or_none(lambda: alpha_nominal(units)), naive_alpha(units, unequal))
    assert same(or_none(lambda: alpha_interval(units)), naive_alpha(units, squared))


@settings(deadline=None)
@given(TABLE)
def test_alpha_is_what_the_library_gives(table: list[tuple[float | None, ...]]) -> None:
    units = present(table)
    data = np.array([[math.nan if value is None else value for value in row] for row in table]).T
    levels: tuple[tuple[str, Callable[[Sequence[Sequence[float]]], float]], ...] = (
        ("nominal", alpha_nominal), ("interval", alpha_interval),
    )  # fmt: skip
    for level, ours in levels:
        found = or_none(partial(ours, units))
        if found is not None:
            assert math.isclose(found, krippendorff.alpha(data, level_of_measurement=level), abs_tol=1e-9)


@given(PAIRS)
def test_who_is_first_does_not_matter(pairs: list[tuple[float, float]]) -> None:
    swapped = [(b, a) for a, b in pairs]
    for coefficient in (percent, kappa, tau_b):
        assert same(or_none(partial(coefficient, pairs)), or_none(partial(coefficient, swapped)))


@given(PAIRS)
def test_coefficients_stay_within_their_bounds_and_perfect_agreement_is_one(pairs: list[tuple[float, float]]) -> None:
    for coefficient, low in ((percent, 0), (kappa, -1), (tau_b, -1)):
        found = or_none(partial(coefficient, pairs))
        assert found is None or low - 1e-9 <= found <= 1 + 1e-9
        perfect = or_none(partial(coefficient, [(a, a) for a, _ in pairs]))
        assert perfect is None or math.isclose(perfect, 1)


@pytest.mark.parametrize(
    ("coefficient", "units", "why"),
    [
        (percent, [], "No answer was rated by both"),
        (kappa, [(1, 1), (1, 1)], "one and the same rating"),
        (tau_b, [(1, 0), (1, 1)], "no order to compare"),
        (tau_b, [(1, 0)], "no order to compare"),
        (alpha_nominal, [(1,), ()], "rated by two"),
        (alpha_interval, [(0.1, 0.1), (0.1, 0.1, 0.1)], "All ratings are equal"),
        (overlap.f1, [Overlap(0, 0, 0)], "Neither marked"),
        (overlap.precision, [Overlap(0, 0, 3)], "made no point"),
        (overlap.recall, [Overlap(0, 3, 0)], "made no point"),
        (overlap.recall, [], "made no point"),
    ],
)
def test_what_is_not_defined_has_no_value_but_a_reason(
    coefficient: Callable[[object], float], units: list[object], why: str
) -> None:
    found = figure(units, coefficient)
    assert (found.value, found.low, found.high, found.n) == (None, None, None, len(units))
    assert found.reason is not None
    assert why in found.reason


STRETCH = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda at: (at[0], at[0] + at[1]))
STRETCHES = st.lists(STRETCH, max_size=5)


@given(STRETCHES, STRETCHES)
def test_the_overlap_of_spans_is_counted_character_by_character(
    first: list[tuple[int, int]], second: list[tuple[int, int]]
) -> None:
    ours, theirs = ([any(a <= place < b for a, b in marked) for place in range(50)] for marked in (first, second))
    both = sum(a and b for a, b in zip(ours, theirs, strict=True))
    assert of_stretches(first, second) == Overlap(both, sum(ours), sum(theirs))


@given(STRETCHES)
def test_spans_agree_wholly_with_themselves(stretches: list[tuple[int, int]]) -> None:
    found = or_none(lambda: overlap.f1([of_stretches(stretches, stretches)]))
    assert found == (1.0 if stretches else None)


@given(STRETCH, STRETCH)
def test_being_alike_is_mutual(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert share_alike(one, other) == share_alike(other, one)
    assert share_alike(one, one)


@given(st.integers(0, 4), st.integers(0, 4), st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_the_most_points_are_paired_off_that_any_pairing_could(
    first: int, second: int, edges: set[tuple[int, int]]
) -> None:
    def most(i: int, free: frozenset[int]) -> int:
        if i == first:
            return 0
        taken = [1 + most(i + 1, free - {j}) for j in free if (i, j) in edges]
        return max([most(i + 1, free), *taken])

    found = of_points(first, second, lambda i, j: (i, j) in edges)
    assert found == Overlap(most(0, frozenset(range(second))), first, second)


def test_the_interval_of_a_coefficient_covers_the_truth_about_as_often_as_it_says() -> None:
    truth, hits, rounds = 0.6, 0, 60  # two who agree on 4 of 5 answers, each says 0 and 1 equally often
    generator = random.Random(3)
    for _ in range(rounds):
        pairs = [(a, a if generator.random() < 0.8 else 1 - a) for a in (generator.randint(0, 1) for _ in range(60))]
        found = figure(pairs, kappa)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= truth <= found.high
    assert hits / rounds > 0.85


def test_the_same_answers_give_the_same_interval_and_no_interval_where_resampling_knows_nothing() -> None:
    pairs = [(0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)] * 4
    assert figure(pairs, kappa) == figure(pairs, kappa)
    alike = figure([(0.0, 0.0), (1.0, 1.0)] * 5, kappa)
    assert (alike.value, alike.low, alike.high) == (1.0, None, None)
    assert intervals.resampled_ends([1, 2], lambda _: None) is None
