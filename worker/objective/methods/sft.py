"""Supervised fine-tuning: cross-entropy on what a person corrected the answer to, and on answers rated as right.

An answer that was corrected is learned as corrected, whatever its rating. Left out: down-weighting what the person
copied from the attempt.

Worked: an edit of two tokens with log-probs -1 and -3 gives (1 + 3) / 2 = 2.
"""

from collections.abc import Sequence

from backend.recipes import Sft
from worker.objective.advantages import is_right
from worker.objective.terms import labelled, weighted, with_drift
from worker.objective.types import Episode, Example, Objective, Term

ANSWERS = "answers"


def build(episodes: Sequence[Episode], config: Sft) -> Objective:
    """One example per edit or right attempt; other episodes teach nothing here."""
    examples = tuple(example for episode in episodes if (example := _example(episode)) is not None)
    term = Term("cross_entropy", normaliser=config.normaliser)
    return with_drift(Objective({ANSWERS: term}, examples), config)


def _example(episode: Episode) -> Example | None:
    if episode.edit is not None:
        return labelled(ANSWERS, episode.prompt, episode.edit)
    return weighted(ANSWERS, episode.prompt, episode.attempt, 1.0) if is_right(episode.attempt.reward) else None
