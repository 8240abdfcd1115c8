"""Rewards minus baselines. All of one step's episodes are seen at once, whole groups at a time."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Literal

Baseline = Literal["first_turn_mean", "same_turn_mean", "none"]
RIGHT = 1.0


def is_right(reward: float) -> bool:
    """Whether an answer has the highest reward: what is learned word for word, or shown as a good answer, must.

    >>> is_right(0.75)
    False
    """
    return reward >= RIGHT


def centred(groups: Sequence[Hashable], values: Sequence[float]) -> list[float]:
    """Each value minus the mean of its group.

    >>> centred([1, 2, 1], [0.0, 5.0, 1.0])
    [-0.5, 0.0, 0.5]
    """
    return _minus(values, group_means(groups, values))


def redraft_advantages(
    groups: Sequence[Hashable], first: Sequence[float], second: Sequence[float], baseline: Baseline
) -> list[float]:
    """The advantage of each redraft: its reward minus the baseline of its group.

    ``first`` and ``second`` are the rewards of attempts and redrafts, ``groups`` names the prompt
    of each and who rated it.

    The first-turn mean does not vanish when every redraft is right; the mean of the redrafts does:

    >>> redraft_advantages([7, 7], [0.0, 0.5], [1.0, 1.0], "first_turn_mean")
    [0.75, 0.75]
    >>> redraft_advantages([7, 7], [0.0, 0.5], [1.0, 1.0], "same_turn_mean")
    [0.0, 0.0]
    """
    if baseline == "none":
        return list(second)
    return _minus(second, group_means(groups, first if baseline == "first_turn_mean" else second))


def turn_advantages(
    groups: Sequence[Hashable], first: Sequence[float], second: Sequence[float], gamma: float
) -> tuple[list[float], list[float]]:
    """Advantages of attempts and redrafts as two turns: discounted returns, each centred on its turn and group.

    >>> turn_advantages([7, 7], [0.0, 1.0], [1.0, 1.0], gamma=0.5)
    ([-0.5, 0.5], [0.0, 0.0])
    """
    returns = [r0 + gamma * r1 for r0, r1 in zip(first, second, strict=True)]
    return centred(groups, returns), centred(groups, second)


def group_means(groups: Sequence[Hashable], values: Sequence[float]) -> list[float]:
    """For each value the mean over its group.

    >>> group_means([1, 2, 1], [0.0, 5.0, 1.0])
    [0.5, 5.0, 0.5]
    """
    members: dict[Hashable, list[float]] = defaultdict(list)
    for group, value in zip(groups, values, strict=True):
        members[group].append(value)
    return [sum(members[group]) / len(members[group]) for group in groups]


def _minus(values: Sequence[float], baselines: Sequence[float]) -> list[float]:
    return [value - baseline for value, baseline in zip(values, baselines, strict=True)]
