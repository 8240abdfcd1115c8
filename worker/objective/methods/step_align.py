"""Step-aligned feedback (Kara and Ersoy, arXiv 2606.11173): the teacher sees the attempt with its mistakes rewritten.

loss = KL(q || p) along the attempt. What the person left as it was is copied by the teacher too, so the signal stands
where the edit stands. Without an edit the critique takes its place, as it was written.

Worked: see ``divergences``.
"""

from collections.abc import Sequence

from backend import contexts
from backend.contexts import Message
from backend.recipes import StepAlign
from worker.objective.terms import matched, with_drift
from worker.objective.types import Episode, Objective

ATTEMPTS = "attempts"


def build(episodes: Sequence[Episode], config: StepAlign) -> Objective:
    """The attempts of one step that were edited or critiqued."""
    found = matched(episodes, config, {ATTEMPTS: (1.0, config.divergence)}, _context)
    return with_drift(found, config)


def _context(episode: Episode) -> Sequence[Message] | None:
    if episode.edit is not None:
        return contexts.step_aligned(episode.prompt, episode.attempt.text, episode.edit.text)
    return episode.redraft_context or None
