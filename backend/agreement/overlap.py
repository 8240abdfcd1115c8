"""Agreement on what is wrong and where: overlap of marked characters, and critiques that make the same point.

Counts are taken an answer at a time and summed over answers before anything is divided (micro average), so an answer
with much to say counts for more.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from backend.agreement.coefficients import UndefinedError

Stretch = tuple[int, int]


@dataclass(frozen=True)
class Overlap:
    """On one answer: what both have in common, what the first has, what the second has."""

    shared: int
    first: int
    second: int


def of_stretches(first: Iterable[Stretch], second: Iterable[Stretch]) -> Overlap:
    """Characters that both marked; a character marked twice by one annotator counts once.

    >>> of_stretches([(0, 10), (5, 12)], [(8, 20)])
    Overlap(shared=4, first=12, second=12)
    """
    ours, theirs = _characters(first), _characters(second)
    return Overlap(shared=len(ours & theirs), first=len(ours), second=len(theirs))


def _characters(stretches: Iterable[Stretch]) -> set[int]:
    return {place for start, end in stretches for place in range(start, end)}


def share_alike(one: Stretch, other: Stretch) -> bool:
    """Whether two stretches have at least half of the shorter one in common.

    >>> share_alike((0, 10), (8, 12)), share_alike((0, 10), (9, 13))
    (True, False)
    """
    common = min(one[1], other[1]) - max(one[0], other[0])
    return common > 0 and 2 * common >= min(one[1] - one[0], other[1] - other[0])


def of_points(first: int, second: int, alike: Callable[[int, int], bool]) -> Overlap:
    """The most points that can be paired off one to one, where ``alike(i, j)`` says which make the same point.

    Augmenting paths (Kuhn, "The Hungarian method", 1955, in its unweighted form). The first point fits both others, the
    second only the first of them: both find a partner.

    >>> of_points(2, 2, lambda i, j: (i, j) in {(0, 0), (0, 1), (1, 0)})
    Overlap(shared=2, first=2, second=2)
    """
    partner: dict[int, int] = {}

    def finds(i: int, tried: set[int]) -> bool:
        for j in range(second):
            if j not in tried and alike(i, j):
                tried.add(j)
                if j not in partner or finds(partner[j], tried):
                    partner[j] = i
                    return True
        return False

    return Overlap(shared=sum(finds(i, set()) for i in range(first)), first=first, second=second)


def f1(found: Sequence[Overlap]) -> float:
    """Twice what is shared over what both have, summed over answers.

    >>> f1([Overlap(4, 12, 12), Overlap(0, 0, 8)])
    0.25
    """
    both = sum(one.first + one.second for one in found)
    if not both:
        raise UndefinedError("Neither marked a span.")
    return 2 * sum(one.shared for one in found) / both


def precision(found: Sequence[Overlap]) -> float:
    """The share of the first annotator's points that the second made too.

    >>> precision([Overlap(1, 2, 1), Overlap(1, 2, 3)])
    0.5
    """
    return _share(found, sum(one.first for one in found))


def recall(found: Sequence[Overlap]) -> float:
    """The share of the second annotator's points that the first made too.

    >>> recall([Overlap(1, 2, 1), Overlap(1, 2, 3)])
    0.5
    """
    return _share(found, sum(one.second for one in found))


def _share(found: Sequence[Overlap], total: int) -> float:
    if not total:
        raise UndefinedError("One of them made no point in words or spans.")
    return sum(one.shared for one in found) / total
