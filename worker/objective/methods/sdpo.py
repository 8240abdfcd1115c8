"""Self-distillation policy optimisation (Hübotter et al., arXiv 2601.20802): who reads the critique teaches each word.

loss = D(p(. | x0, y0_<t), q(. | context, y0_<t)) along the attempt y0, where the context holds the critique of y0
itself, or, if wished and there is one, another attempt at the same prompt that was right. An attempt with neither has
no part. No reward is needed unless right answers are shown.

Worked: p = (0.5, 0.5), q = (0.25, 0.75) under the reverse KL give 0.144 a token (see ``divergences``).
"""

from collections.abc import Sequence

from backend import contexts
from backend.contexts import Message
from backend.recipes import Sdpo
from worker.objective.advantages import is_right
from worker.objective.terms import matched, with_drift
from worker.objective.types import Episode, Objective

ATTEMPTS = "attempts"


def build(episodes: Sequence[Episode], config: Sdpo) -> Objective:
    """The attempts of one step against the teacher that knows more."""

    def context(episode: Episode) -> Sequence[Message] | None:
        peer = right_peer(episode, episodes) if config.peers else None
        if peer is not None:
            return contexts.with_good_answer(episode.prompt, peer.attempt.text)
        return episode.redraft_context or None

    found = matched(episodes, config, {ATTEMPTS: (1.0, config.divergence)}, context)
    return with_drift(found, config)


def right_peer(episode: Episode, episodes: Sequence[Episode]) -> Episode | None:
    """The first other episode at the same prompt whose attempt is right and says something else."""
    others = (other for other in episodes if other is not episode and other.group == episode.group)
    return next((o for o in others if is_right(o.attempt.reward) and o.attempt.text != episode.attempt.text), None)
