"""What a run has learned from, counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from worker.objective.advantages import is_right
from worker.objective.types import Episode


@dataclass
class Usage:
    """How much of what a run learned from, in episodes."""

    stored_attempts: int = 0
    live_attempts: int = 0
    recorded_redrafts: int = 0
    sampled_redrafts: int = 0
    edits: int = 0
    right_redrafts: int = 0

    def count(self, episodes: Sequence[Episode], *, live: bool, sampled: Sequence[bool]) -> None:
        """Add the episodes of one step."""
        self.live_attempts += len(episodes) * live
        self.stored_attempts += len(episodes) * (not live)
        for episode, was_sampled in zip(episodes, sampled, strict=True):
            self.edits += episode.edit is not None
            if episode.redraft is not None:
                self.sampled_redrafts += was_sampled
                self.recorded_redrafts += not was_sampled
                self.right_redrafts += is_right(episode.redraft.reward)
