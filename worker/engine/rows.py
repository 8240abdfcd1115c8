"""A request to the generation thread, what it reports back, and the state of one row of the batch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import torch

from worker.engine.generation import Segment
from worker.engine.lora import Adapter
from worker.engine.sampling import GREEDY, Draw, ScoredToken, generator

FinishReason = Literal["stop", "length", "abort"]


@dataclass(frozen=True)
class RowRequest:
    """One answer that is wanted. ``prompt_top`` asks for the prompt's log-probs, with so many likeliest beside each.

    ``awaited``: somebody watches the answer come, so it goes before those that nobody watches.
    """

    prompt: tuple[int, ...]
    max_tokens: int
    adapter: Adapter | None = None
    draw: Draw = GREEDY
    seed: int | None = None
    end_ids: frozenset[int] = frozenset()
    top: int = 0
    prompt_top: int | None = None
    awaited: bool = False


@dataclass(frozen=True)
class Progress:
    """What a step did for a row: the prompt was scored, a token was written, the row ended."""

    token: ScoredToken | None = None
    prompt: tuple[ScoredToken | None, ...] | None = None
    finish_reason: FinishReason | None = None


Listener = Callable[[Progress], None]


@dataclass(eq=False)
class Row:
    """A request under way. ``computed`` of its tokens are in the store."""

    request: RowRequest
    listener: Listener
    slot: int = -1
    computed: int = 0
    cancelled: bool = False
    tokens: list[int] = field(default_factory=list)
    prompt_scores: list[ScoredToken | None] = field(default_factory=list)
    source: torch.Generator = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the prompt."""
        self.tokens = list(self.request.prompt)
        self.source = generator(self.request.seed)

    @property
    def scores_prompt(self) -> bool:
        """Whether the prompt's log-probs are asked for."""
        return self.request.prompt_top is not None

    @property
    def pending(self) -> int:
        """Tokens not yet computed: 1 while the row is writing."""
        return len(self.tokens) - self.computed

    @property
    def written(self) -> int:
        """Tokens of the answer so far."""
        return len(self.tokens) - len(self.request.prompt)

    @property
    def limit(self) -> int:
        """Positions that the row may come to need."""
        return len(self.request.prompt) + self.request.max_tokens

    def segment(self, count: int) -> Segment:
        """The row's part of a step: its next ``count`` tokens. A prompt's last logits are dropped unless needed."""
        end = self.computed + count
        reading = self.computed < len(self.request.prompt)
        keep = count if reading and self.scores_prompt else int(count == self.pending)
        return Segment(tuple(self.tokens[self.computed : end]), self.slot, self.computed, keep, self.request.adapter)

    def finish_reason_after(self, token: int) -> FinishReason | None:
        """Whether the row ends with this token, and why."""
        if token in self.request.end_ids:
            return "stop"
        if len(self.tokens) >= self.limit:
            return "length"
        return None
