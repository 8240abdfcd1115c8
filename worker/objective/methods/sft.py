"""Supervised fine-tuning: cross-entropy on what a person corrected the answer to, and on answers rated as right.

An answer that somebody corrected is learned as corrected, however others rate it; one that several rate as right is
learned once. Left out: down-weighting what the person copied from the attempt.

Worked: an edit of two tokens with log-probs -1 and -3 gives (1 + 3) / 2 = 2.
"""

from collections.abc import Sequence

from backend.recipes import Sft
from worker.objective.advantages import is_right
from worker.objective.terms import labelled, weighted, with_drift
from worker.objective.types import Episode, Objective, Term

ANSWERS = "answers"


def build(episodes: Sequence[Episode], config: Sft) -> Objective:
    """One example per edit or right attempt; other episodes teach nothing here."""
    edits = [labelled(ANSWERS, episode.prompt, episode.edit) for episode in episodes if episode.edit is not None]
    corrected = {_answered(episode) for episode in episodes if episode.edit is not None}
    right = {_answered(episode): episode for episode in episodes if is_right(episode.attempt.reward)}
    accepted = [
        weighted(ANSWERS, episode.prompt, episode.attempt, 1.0)
        for answered, episode in right.items()
        if answered not in corrected
    ]
    term = Term("cross_entropy", normaliser=config.normaliser)
    return with_drift(Objective({ANSWERS: term}, (*edits, *accepted)), config)


def _answered(episode: Episode) -> tuple[int, tuple[int, ...]]:
    return episode.group, episode.attempt.token_ids
