"""Work by given shares: which stretch of all work falls to whom. Pure.

Every answer has a point on a circle of ``CIRCLE`` points, spread evenly (multiplicative hashing with the golden ratio:
Knuth, The Art of Computer Programming 3, 6.4), and a turn of the circle for each critique that it wants. On the line of
all turns everybody has one stretch, as long as their share and never longer than a turn, so an answer falls to exactly
as many people as it wants critiques (systematic sampling with unequal probabilities: Madow 1949).
"""

from collections.abc import Mapping

CIRCLE = 2**32
STEP = 2_654_435_769

Stretch = tuple[int, int]


def point(number: int) -> int:
    """Where answer ``number`` lies on the circle."""
    return number * STEP % CIRCLE


def turns(weights: Mapping[int, int], places: int) -> dict[int, float]:
    """How many turns fall to each person; together ``places``, or one for each where there are no more people.

    Who would get more than a turn gets one, and the others share the rest by their weights.
    """
    left = {person: weight for person, weight in weights.items() if weight > 0}
    found: dict[int, float] = {}
    while left:
        rest, total = places - len(found), sum(left.values())
        full = [person for person, weight in left.items() if weight * rest >= total]
        if not full:
            return found | {person: weight * rest / total for person, weight in left.items()}
        for person in full:
            found[person] = 1.0
            del left[person]
    return found


def stretches(weights: Mapping[int, int], places: int) -> dict[int, list[Stretch]]:
    """The half-open stretches of the circle that fall to each person, the same whatever the order of ``weights``."""
    found: dict[int, list[Stretch]] = {}
    begin, at = 0, 0.0
    for person, length in sorted(turns(weights, places).items()):
        at += length
        end = round(at * CIRCLE)
        found[person] = _on_circle(begin, end)
        begin = end
    return found


def _on_circle(begin: int, end: int) -> list[Stretch]:
    start = begin % CIRCLE
    stop = start + end - begin
    return [(start, stop)] if stop <= CIRCLE else [(start, CIRCLE), (0, stop - CIRCLE)]
