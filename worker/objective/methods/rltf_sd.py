"""RLTF self-distillation (Song et al., arXiv 2602.02482): write at first what only the critique brought out.

Each redraft y1, written under prompt, attempt and critique, is scored under the prompt x0 alone and weighted by its
reward minus the mean reward b0 of the first attempts: loss = -(r1 - b0) * log p(y1 | x0), token by token. No ratio to
the sampler is formed (the paper's choice; lower variance, biased). Optional: the policy gradient on both turns as
sampled. Left out: feedback modelling, which is a method of its own.

Worked: rewards r0 = 0, r1 = 1, two tokens with log-probs -1 and -3 give -(1 - 0) * (-1 - 3) / 2 = 2.
"""

from collections.abc import Sequence

from backend.recipes import RltfSd
from worker.objective.advantages import redraft_advantages, turn_advantages
from worker.objective.gates import floor_of
from worker.objective.types import Episode, Example, Method, Objective, Term, Turn

REDRAFTS = "redrafts"
TURNS = "turns"


def build(episodes: Sequence[Episode], config: RltfSd) -> Objective:
    """Weighted examples for the episodes of one step; episodes without a redraft teach nothing here."""
    pairs = [(episode, episode.redraft) for episode in episodes if episode.redraft is not None]
    groups = [episode.group for episode, _ in pairs]
    first = [episode.attempt.reward for episode, _ in pairs]
    second = [redraft.reward for _, redraft in pairs]
    advantages = redraft_advantages(groups, first, second, config.baseline)
    examples = [
        _example(REDRAFTS, episode.prompt, redraft, advantage)
        for (episode, redraft), advantage in zip(pairs, advantages, strict=True)
    ]
    if config.turns_coefficient > 0:
        for (episode, redraft), a0, a1 in zip(
            pairs, *turn_advantages(groups, first, second, config.gamma), strict=True
        ):
            examples.append(_example(TURNS, episode.prompt, episode.attempt, a0))
            examples.append(_example(TURNS, episode.redraft_context, redraft, a1))
    return Objective(_terms(config), tuple(examples), config.drift_coefficient)


def _terms(config: RltfSd) -> dict[str, Term]:
    floor = floor_of(config.log_prob_floor, config.floor_applies_to)
    terms = {REDRAFTS: Term("policy_gradient", 1.0, config.normaliser, floor)}
    if config.turns_coefficient > 0:
        terms[TURNS] = Term("policy_gradient", config.turns_coefficient, config.normaliser)
    return terms


def _example(term: str, prompt: tuple[dict[str, str], ...], turn: Turn, advantage: float) -> Example:
    return Example(term, prompt, turn.token_ids, (advantage,) * len(turn.token_ids))


METHOD = Method(learns_from="redrafts", build=build)
