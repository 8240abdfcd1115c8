"""On-policy self-distillation (Zhao et al., arXiv 2601.18734): who sees the reference teaches each word of the attempt.

loss = sum_v min(q_v (log q_v - log p_v), limit) along the attempt, the teacher being the fixed start checkpoint. The
limit keeps a few words of manner from ruling the step.

Worked: q = (0.25, 0.75), p = (0.5, 0.5): entries -0.173 and 0.304 sum to 0.131; with a limit of 0.2 to 0.027.
"""

from collections.abc import Sequence

from backend import contexts
from backend.contexts import Message
from backend.recipes import Opsd
from worker.objective.terms import matched, with_drift
from worker.objective.types import Episode, Objective

ATTEMPTS = "attempts"


def build(episodes: Sequence[Episode], config: Opsd) -> Objective:
    """The attempts of one step whose prompt has a reference."""
    found = matched(episodes, config, {ATTEMPTS: (1.0, config.divergence)}, _context)
    return with_drift(found, config)


def _context(episode: Episode) -> Sequence[Message] | None:
    return contexts.with_good_answer(episode.prompt, episode.reference) if episode.reference else None
