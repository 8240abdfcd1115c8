"""Project rules: who reads the rules of the house teaches who does not.

loss = KL(p || q) along the attempt, where q is the start checkpoint under the rules, and a small divergence from the
start checkpoint without them. The rules are the same for every prompt, which is where self-distillation is reliable
(the context says something general, not the answer to one prompt).

Worked: see ``divergences``.
"""

from collections.abc import Sequence

from backend import contexts
from backend.recipes import Rules
from worker.objective.terms import matched, with_drift
from worker.objective.types import Episode, Objective

ATTEMPTS = "attempts"


def build(episodes: Sequence[Episode], config: Rules) -> Objective:
    """The attempts of one step against the teacher under the rules."""
    found = matched(
        episodes, config, {ATTEMPTS: (1.0, config.divergence)},
        lambda episode: contexts.under_rules(episode.prompt, episode.rules) if episode.rules else None,
    )  # fmt: skip
    return with_drift(found, config)
