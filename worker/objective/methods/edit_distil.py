"""Distillation along edits: learn the person's corrected answer as the critiqued policy would weigh its words.

loss = KL(q || p) along the edit, where q reads the attempt with its critique and p the prompt alone. Beside ``sft``,
which pushes every word of the edit as hard, a word that even the critique makes no likelier is hardly pushed.

Worked: see ``divergences``.
"""

from collections.abc import Sequence
from dataclasses import replace

from backend.recipes.methods import EditDistil
from worker.objective.terms import matched, with_drift
from worker.objective.types import Episode, Objective, Turn

EDITS = "edits"


def build(episodes: Sequence[Episode], config: EditDistil) -> Objective:
    """The edits of one step against the teacher that reads the critique; episodes without an edit have no part."""
    edited = [
        replace(
            episode, redraft=Turn(episode.edit.token_ids, episode.edit.text, episode.attempt.reward, is_rated=False)
        )
        for episode in episodes
        if episode.edit is not None
    ]
    measures = {EDITS: (1.0, config.divergence)}
    found = matched(edited, config, measures, lambda episode: episode.redraft_context or None, redrafts=True)
    return with_drift(found, config)
