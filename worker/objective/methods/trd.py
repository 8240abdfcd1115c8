"""Distillation along redrafts (teacher-redraft distillation): learn the distribution that wrote the redraft.

loss = KL(q || p) along the redraft y1, where q reads what the redraft was written under and p the prompt alone. Every
redraft counts, right or wrong; no reward is needed.

Worked: see ``divergences``.
"""

from collections.abc import Sequence

from backend.recipes import Trd
from worker.objective.terms import REDRAFTS, matched, with_drift
from worker.objective.types import Episode, Objective


def build(episodes: Sequence[Episode], config: Trd) -> Objective:
    """The redrafts of one step against the teacher that reads the critique."""
    measures = {REDRAFTS: (1.0, config.divergence)}
    found = matched(episodes, config, measures, lambda episode: episode.redraft_context or None, redrafts=True)
    return with_drift(found, config)
