"""Rejection-sampling fine-tuning: cross-entropy on the redrafts that are right, scored under the prompt alone.

The special case of RLTF-SD whose weights are 1 and 0: a wrong redraft carries no signal. Wrong redrafts stay in the
normaliser, so that a step with few right ones is a small step.

Worked: a right redraft of two tokens with log-probs -1 and -3, beside a wrong one of two, gives (1 + 3) / 4 = 1.
"""

from collections.abc import Sequence

from backend.recipes import Rft
from worker.objective.advantages import is_right
from worker.objective.terms import REDRAFTS, redrafted, weighted, with_drift
from worker.objective.types import Episode, Objective, Term


def build(episodes: Sequence[Episode], config: Rft) -> Objective:
    """One example per redraft, of weight 1 where it is right, else 0."""
    examples = tuple(
        weighted(REDRAFTS, episode.prompt, redraft, float(is_right(redraft.reward)))
        for episode, redraft in redrafted(episodes)
    )
    term = Term("cross_entropy", normaliser=config.normaliser)
    return with_drift(Objective({REDRAFTS: term}, examples), config)
