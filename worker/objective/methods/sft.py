"""Supervised fine-tuning on edits: cross-entropy on what a person corrected the answer to.

Worked: an edit of two tokens with log-probs -1 and -3 gives (1 + 3) / 2 = 2. Left out: down-weighting what the person
copied from the attempt.
"""

from collections.abc import Sequence

from backend.recipes import Sft
from worker.objective.types import Episode, Example, Method, Objective, Term

EDITS = "edits"


def build(episodes: Sequence[Episode], config: Sft) -> Objective:
    """One example per edit; episodes without an edit teach nothing here."""
    examples = tuple(
        Example(EDITS, episode.prompt, episode.edit, (1.0,) * len(episode.edit))
        for episode in episodes
        if episode.edit is not None
    )
    return Objective({EDITS: Term("cross_entropy")}, examples, config.drift_coefficient)


METHOD = Method(learns_from="edits", build=build)
