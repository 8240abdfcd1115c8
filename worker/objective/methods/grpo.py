"""Group-relative policy gradient (Shao et al., arXiv 2402.03300), on one turn or on attempt and redraft.

A = r - mean(r of the same prompt), without division by the deviation (Liu et al., arXiv 2503.20783: it favours
prompts that are nearly always right or wrong). The ratio to the sampler is clipped as in PPO.

Worked: attempts with rewards 0 and 1 at one prompt have the advantages -0.5 and 0.5.
"""

from collections.abc import Sequence

from backend.recipes import Grpo
from worker.objective.advantages import centred
from worker.objective.gates import floor_of
from worker.objective.terms import policy_gradient_on_turns, weighted, with_drift
from worker.objective.types import Episode, Objective, Term

ATTEMPTS = "attempts"


def build(episodes: Sequence[Episode], config: Grpo) -> Objective:
    """The attempts of one step weighted by their advantage in the group; with two turns the redrafts too."""
    floor = floor_of(config.log_prob_floor, config.floor_applies_to)
    if config.turns == 2:
        found = policy_gradient_on_turns(
            episodes, config.gamma, normaliser=config.normaliser, floor=floor, correction=config.correction
        )
        return with_drift(found, config)
    advantages = centred([(e.group, e.rated_by) for e in episodes], [e.attempt.reward for e in episodes])
    examples = tuple(
        weighted(ATTEMPTS, episode.prompt, episode.attempt, advantage)
        for episode, advantage in zip(episodes, advantages, strict=True)
    )
    term = Term("policy_gradient", 1.0, config.normaliser, floor, config.correction)
    return with_drift(Objective({ATTEMPTS: term}, examples), config)
