"""Both parts of RLTF at once (Song et al., arXiv 2602.02482): weighted redrafts, and critiques as labels.

The paper tried them one at a time; their sum is this product's. Each part keeps its own normaliser, so a coefficient
means the same whatever the other part holds.

Worked: the redraft's loss 2 (see ``rltf_sd``) and 0.1 times the critique's loss 2 (see ``rltf_fm``) give 2.2.
"""

from collections.abc import Sequence

from backend.recipes import Rltf
from worker.objective.gates import floor_of
from worker.objective.terms import added_turns, critiques_as_labels, joined, weighted_redrafts, with_drift
from worker.objective.types import Episode, Objective


def build(episodes: Sequence[Episode], config: Rltf) -> Objective:
    """Redrafts and critiques of one step."""
    floor = floor_of(config.log_prob_floor, config.floor_applies_to)
    redrafts = weighted_redrafts(episodes, config.baseline, normaliser=config.normaliser, floor=floor)
    critiques = critiques_as_labels(episodes, coefficient=config.critique_coefficient, normaliser=config.normaliser)
    return with_drift(joined(redrafts, critiques, added_turns(episodes, config, floor)), config)
