"""A figure of agreement with its uncertainty: over how many answers, and between which ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from backend import intervals
from backend.agreement.coefficients import Pair, UndefinedError, percent

T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """A value with the ends of its 95 % interval and the number of answers behind it.

    ``value`` is None with a ``reason`` where it is not defined; the ends are None where resampling cannot tell them.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None


def figure(units: Sequence[T], coefficient: Callable[[Sequence[T]], float]) -> Figure:
    """A coefficient over answers, with the ends of its bootstrap interval.

    >>> figure([], percent)
    Figure(value=None, low=None, high=None, n=0, reason='No answer was rated by both.')
    """
    try:
        value = coefficient(units)
    except UndefinedError as undefined:
        return Figure(None, None, None, len(units), str(undefined))
    low, high = intervals.resampled_ends(units, lambda sample: _defined(coefficient, sample)) or (None, None)
    return Figure(value, low, high, len(units))


def percent_figure(pairs: Sequence[Pair]) -> Figure:
    """``percent`` with the interval of a mean, which holds where all agree, too.

    >>> figure = percent_figure([(1, 1)] * 4)
    >>> figure.value, round(figure.low, 2), figure.high
    (1.0, 0.51, 1.0)
    """
    if not pairs:
        return figure(pairs, percent)
    found = intervals.mean_interval([float(a == b) for a, b in pairs])
    return Figure(found.mean, found.low, found.high, len(pairs))


def _defined(coefficient: Callable[[Sequence[T]], float], sample: Sequence[T]) -> float | None:
    try:
        return coefficient(sample)
    except UndefinedError:
        return None
