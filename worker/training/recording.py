"""What the loop reports, and to whom: the protocols at its edge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from backend.contexts import Message
from worker.training import ranks
from worker.training.sampler import Sampled

StopRequest = Literal["cancel", "hand_back"]


@dataclass(frozen=True)
class SampledPair:
    """What was sampled in the run: a redraft, and in a live run the attempt and the verifier's critique before it.

    ``revision_id`` names the stored critique; None in a live run. Rewards are in [0, 1]; a method that needs no redraft
    has none, in a live run.
    """

    prompt_id: int
    revision_id: int | None
    attempt: Sampled | None
    critique: str
    attempt_reward: float
    redraft: Sampled | None
    redraft_reward: float


@dataclass(frozen=True)
class ProbeAnswer:
    """An answer to a probe prompt, with its scores by name once they are known."""

    prompt_id: int
    prompt: tuple[Message, ...]
    answer: Sampled
    scores: dict[str, float]


class Recorder(Protocol):
    """Takes what a run reports. A write is refused (by raising) once another process has taken the run over."""

    def stop_requested(self) -> StopRequest | None:
        """Whether the run should end before its next step: cancelled by a person, or handed back to the queue."""
        ...

    def step_done(self, step: int) -> None:
        """Progress."""
        ...

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by ``area/name``."""
        ...

    def probe(self, step: int, answers: Sequence[ProbeAnswer]) -> None:
        """The answers the guards looked at."""
        ...

    def pairs(self, step: int, pairs: Sequence[SampledPair]) -> None:
        """What was sampled to learn from."""
        ...

    def event(self, step: int, kind: str, message: str) -> None:
        """Something that happened, in words."""
        ...

    def saved(self, step: int, folder: Path) -> None:
        """A training state from which the run can go on is on disk."""
        ...


class OneVoice:
    """The recorder of a run of several processes: the first one's alone is told, and all hear what it was asked."""

    def __init__(self, own: Recorder) -> None:
        self._own = own if ranks.is_first() else None

    def stop_requested(self) -> StopRequest | None:
        """The same answer in all processes."""
        return ranks.same_everywhere(self._own.stop_requested() if self._own else None)

    def step_done(self, step: int) -> None:
        """Progress."""
        if self._own:
            self._own.step_done(step)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers by ``area/name``."""
        if self._own:
            self._own.metrics(step, values)

    def probe(self, step: int, answers: Sequence[ProbeAnswer]) -> None:
        """The answers the guards looked at."""
        if self._own:
            self._own.probe(step, answers)

    def pairs(self, step: int, pairs: Sequence[SampledPair]) -> None:
        """What was sampled to learn from."""
        if self._own:
            self._own.pairs(step, pairs)

    def event(self, step: int, kind: str, message: str) -> None:
        """Something that happened, in words."""
        if self._own:
            self._own.event(step, kind, message)

    def saved(self, step: int, folder: Path) -> None:
        """A training state is on disk."""
        if self._own:
            self._own.saved(step, folder)


class ProbeScorer(Protocol):
    """Scores probe answers, by name, each in [0, 1] per answer and higher for better."""

    def score(self, prompts: Sequence[Sequence[Message]], answers: Sequence[Sampled]) -> dict[str, list[float]]:
        """One list per score, in the order of the answers."""
        ...
