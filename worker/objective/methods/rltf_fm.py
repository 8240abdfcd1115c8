"""RLTF feedback modelling (Song et al., arXiv 2602.02482): learn to say what is wrong with an attempt.

loss = -log p(critique | request, prompt, attempt), token by token on the critique alone. It needs neither reward nor
redraft; the policy gradient on both turns may be added, as in the paper's Algorithm 3.

Worked: a critique of two tokens with log-probs -1 and -3 gives (1 + 3) / 2 = 2.
"""

from collections.abc import Sequence

from backend.recipes import RltfFm
from worker.objective.terms import added_turns, critiques_as_labels, joined, with_drift
from worker.objective.types import Episode, Objective


def build(episodes: Sequence[Episode], config: RltfFm) -> Objective:
    """The critiques of one step as labels."""
    critiques = critiques_as_labels(episodes, normaliser=config.normaliser)
    return with_drift(joined(critiques, added_turns(episodes, config)), config)
