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


def kept(logprob_R: Tensor, weight_R: Tensor, floor: Floor) -> Tensor:
    """Which rows stay: bool ``[R]``, true where the log-prob is not below the floor for the weight's sign.

    With floors -5 (negative) and -inf (positive), log-probs (-6, -6, -4) and weights (1, -1, -1) give
    (true, false, true): a rare wanted token is learned, a rare unwanted one is not pushed further down.
    """
    above_positive_R, above_negative_R = logprob_R >= floor.positive, logprob_R >= floor.negative
    return above_positive_R.where(weight_R > 0, above_negative_R)


def skip_first(count: int, length: int) -> tuple[float, ...]:
    """Weights of a response's tokens, 0 for the first ones; they stay in the normaliser.

    >>> skip_first(1, 3)
    (0.0, 1.0, 1.0)
    """
    skipped = min(count, length)
    return (0.0,) * skipped + (1.0,) * (length - skipped)
