"""What a step's episodes say about the feedback itself, whatever the method."""

from collections.abc import Sequence

from torch import Tensor

from worker.objective.advantages import is_right
from worker.objective.types import Episode


def effective_share(ratio_R: Tensor) -> float:
    """The effective sample size of importance ratios as a share of their number: (sum r)^2 / (n sum r^2).

    1 where all are equal (on-policy); two ratios 1 and 3 give 16 / 20 = 0.8. Kong, 1992.
    """
    total, squares = ratio_R.sum().item(), ratio_R.square().sum().item()
    return total * total / (len(ratio_R) * squares) if squares else 0.0


def feedback_metrics(episodes: Sequence[Episode]) -> dict[str, float]:
    """Rewards of attempts and redrafts, and what the critiques do: how often a redraft is right, or better.

    ``critique/utility`` is the mean gain of reward under the critique; at 0 or below there is nothing to internalise.
    """
    pairs = [(e.attempt.reward, e.redraft.reward) for e in episodes if e.redraft is not None]
    if not pairs:
        return {}
    count = len(pairs)
    return {
        "reward/attempt_mean": sum(r0 for r0, _ in pairs) / count,
        "reward/redraft_mean": sum(r1 for _, r1 in pairs) / count,
        "critique/redraft_right_frac": sum(is_right(r1) for _, r1 in pairs) / count,
        "critique/redraft_better_frac": sum(r1 > r0 for r0, r1 in pairs) / count,
        "critique/utility": sum(r1 - r0 for r0, r1 in pairs) / count,
    }
