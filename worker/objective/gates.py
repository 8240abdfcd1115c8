"""Which tokens are left out of a term."""

from typing import Literal

from torch import Tensor

from worker.objective.types import Floor


def floor_of(log_prob: float | None, applies_to: Literal["negative", "all"]) -> Floor:
    """The floor as a recipe names it.

    >>> floor_of(-5.0, "negative")
    Floor(negative=-5.0, positive=-inf)
    """
    if log_prob is None:
        return Floor()
    return Floor(negative=log_prob) if applies_to == "negative" else Floor(negative=log_prob, positive=log_prob)


def kept(logprob_R: Tensor, weight_R: Tensor, floor_negative_R: Tensor, floor_positive_R: Tensor) -> Tensor:
    """Which rows stay: bool ``[R]``, true where the log-prob is not below the floor for the weight's sign.

    With floors -5 (negative) and -inf (positive), log-probs (-6, -6, -4) and weights (1, -1, -1) give
    (true, false, true): a rare wanted token is learned, a rare unwanted one is not pushed further down.
    """
    floor_R = floor_positive_R.where(weight_R > 0, floor_negative_R)
    return logprob_R >= floor_R
