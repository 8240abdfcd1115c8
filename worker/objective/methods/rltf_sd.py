"""RLTF self-distillation (Song et al., arXiv 2602.02482): write at first what only the critique brought out.

Each redraft y1, written under prompt, attempt and critique, is scored under the prompt x0 alone and weighted by its
reward minus the mean reward b0 of the first attempts: loss = -(r1 - b0) * log p(y1 | x0), token by token. No ratio to
the sampler is formed (the paper's choice; lower variance, biased). Optional: the policy gradient on both turns as
sampled.

Worked: rewards r0 = 0, r1 = 1, two tokens with log-probs -1 and -3 give -(1 - 0) * (-1 - 3) / 2 = 2.
"""

from collections.abc import Sequence

from backend.recipes import RltfSd
from worker.objective.gates import floor_of
from worker.objective.terms import added_turns, joined, weighted_redrafts, with_drift
from worker.objective.types import Episode, Objective


def build(episodes: Sequence[Episode], config: RltfSd) -> Objective:
    """Weighted redrafts of the episodes of one step; episodes without a redraft teach nothing here."""
    floor = floor_of(config.log_prob_floor, config.floor_applies_to)
    redrafts = weighted_redrafts(episodes, config.baseline, normaliser=config.normaliser, floor=floor)
    return with_drift(joined(redrafts, added_turns(episodes, config, floor)), config)
