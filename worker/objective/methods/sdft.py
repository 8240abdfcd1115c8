"""Self-distillation fine-tuning (Shenfeld et al., arXiv 2601.19897): who sees a good answer teaches who does not.

loss = D(p(. | x0, y0_<t), q(. | x0 with the example, y0_<t)) along the attempt. The example is the person's edit, or
else the prompt's reference. The first tokens may be skipped: they carry the manner of the example.

Worked: see ``divergences``.
"""

from collections.abc import Sequence

from backend import contexts
from backend.contexts import Message
from backend.recipes import Sdft
from worker.objective.terms import matched, with_drift
from worker.objective.types import Episode, Objective

ATTEMPTS = "attempts"


def build(episodes: Sequence[Episode], config: Sdft) -> Objective:
    """The attempts of one step that come with an example."""
    found = matched(episodes, config, {ATTEMPTS: (1.0, config.divergence)}, _context)
    return with_drift(found, config)


def _context(episode: Episode) -> Sequence[Message] | None:
    example = episode.edit.text if episode.edit is not None else episode.reference
    return contexts.with_good_answer(episode.prompt, example) if example else None
