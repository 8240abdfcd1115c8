"""Eval suites: a versioned list of prompts with the scorers and sampling settings that answers are judged by."""

import hashlib
import json
from dataclasses import dataclass

from worker.evaluation.scorers import SCORERS, Scorer

Messages = tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Sampling:
    """How the answers of a suite are sampled; temperature 0 is greedy."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 96
    seed: int = 0


@dataclass(frozen=True)
class Suite:
    """What an evaluation asks and how it scores; order matters, since ``on_topic`` compares by position.

    Raises ValueError on a suite without prompts or with a scorer that does not exist.
    """

    name: str
    version: int
    prompts: tuple[Messages, ...]
    scorers: tuple[str, ...] = ("concise", "on_topic")
    sampling: Sampling = Sampling()

    def __post_init__(self) -> None:
        if not self.prompts:
            raise ValueError("a suite needs at least one prompt")
        unknown = sorted(set(self.scorers) - set(SCORERS))
        if unknown:
            raise ValueError(f"no scorer is called {', '.join(unknown)}; there are {', '.join(SCORERS)}")


def scorers_of(suite: Suite) -> list[Scorer]:
    """Give the suite's scorers in its order."""
    return [SCORERS[name] for name in suite.scorers]


def content_hash(suite: Suite) -> str:
    """Give the SHA-256, in hex, of all that decides the numbers: prompts, scorers with versions, sampling.

    Name and version are not part of it: two versions with one hash are the same suite.
    """
    content = {
        "prompts": suite.prompts,
        "scorers": [[scorer.name, scorer.version] for scorer in scorers_of(suite)],
        "sampling": vars(suite.sampling),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
