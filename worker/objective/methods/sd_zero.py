"""SD-Zero, phase 2 (He et al., arXiv 2604.12002): who has just been told that the answer was wrong teaches each word.

loss = (KL(q || p) + KL(p || q)) / 2 along the attempt. The teacher reads prompt, attempt and verdict in one assistant
turn, and then the attempt again; only the second copy is learned. A rating is all it needs.

Worked: p = (0.5, 0.5), q = (0.25, 0.75): (0.131 + 0.144) / 2 = 0.137.
"""

from collections.abc import Sequence

from backend import contexts
from backend.contexts import Message
from backend.recipes import SdZero
from worker.objective.advantages import is_right
from worker.objective.terms import matched, with_drift
from worker.objective.types import Episode, Objective

FORWARD, REVERSE = "forward", "reverse"


def build(episodes: Sequence[Episode], config: SdZero) -> Objective:
    """The attempts of one step, right ones only if wished."""

    def context(episode: Episode) -> Sequence[Message] | None:
        right = is_right(episode.attempt.reward)
        if right and config.wrong_only:
            return None
        return contexts.after_verdict(episode.prompt, episode.attempt.text, right=right)

    measure = config.divergence
    halves = {
        FORWARD: (0.5, measure.model_copy(update={"name": "forward_kl"})),
        REVERSE: (0.5, measure.model_copy(update={"name": "reverse_kl"})),
    }
    return with_drift(matched(episodes, config, halves, context), config)
