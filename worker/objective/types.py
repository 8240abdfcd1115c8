"""What methods read and write. Shape suffixes, here and in every module of this package:

``_B`` sequences, ``_T`` tokens of a sequence, ``_R`` rows (the trained tokens of a micro-batch, laid end to end),
``_V`` vocabulary, ``_D`` hidden size. Log-probs are natural logarithms at temperature 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from backend.contexts import Message


@dataclass(frozen=True)
class Turn:
    """One sampled response and its reward in [0, 1]; ``token_ids`` are those that were sampled, with the end token."""

    token_ids: tuple[int, ...]
    text: str
    reward: float


@dataclass(frozen=True)
class Episode:
    """A prompt, the first attempt at it, and what came of the critique.

    Episodes of one ``group`` answer the same prompt. ``redraft_context`` is what the redraft was written under.
    """

    group: int
    prompt: tuple[Message, ...]
    attempt: Turn
    redraft_context: tuple[Message, ...] = ()
    redraft: Turn | None = None
    edit: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Floor:
    """Log-probs below which a token is left out, by the sign of its weight; minus infinity leaves out nothing."""

    negative: float = float("-inf")
    positive: float = float("-inf")


@dataclass(frozen=True)
class Term:
    """One part of the loss: its weight, what it is divided by, and which of its tokens are left out."""

    kind: Literal["policy_gradient", "cross_entropy"]
    coefficient: float = 1.0
    normaliser: Literal["tokens", "sequences"] = "tokens"
    floor: Floor = Floor()


@dataclass(frozen=True)
class Example:
    """A response to be scored after a prompt: its place in one term, and one signed weight per response token."""

    term: str
    prompt: tuple[Message, ...]
    response_T: tuple[int, ...]
    weights_T: tuple[float, ...]


@dataclass(frozen=True)
class Objective:
    """What one step learns: the terms by name, the examples, and how strongly drift is penalised on their tokens."""

    terms: dict[str, Term]
    examples: tuple[Example, ...]
    drift_coefficient: float = 0.0


@dataclass(frozen=True)
class Method:
    """A training algorithm: what it learns from, and the pure function ``build(episodes, config)``."""

    learns_from: Literal["redrafts", "edits"]
    build: Callable[..., Objective]


@dataclass(frozen=True)
class Rows:
    """The trained tokens of a micro-batch. Weights carry coefficient and normaliser, so that losses simply add up.

    ``position_R`` indexes the flattened ``[B * T]`` positions whose next token is ``target_R``; ``term_R`` numbers the
    objective's terms in order.
    """

    position_R: Tensor
    target_R: Tensor
    weight_R: Tensor
    floor_negative_R: Tensor
    floor_positive_R: Tensor
    drift_R: Tensor
    term_R: Tensor


@dataclass(frozen=True)
class Batch:
    """A micro-batch: token ids padded at the end (causal attention never looks there), and its rows."""

    ids_BT: Tensor
    rows: Rows


EncodeChat = Callable[[Sequence[Message]], Sequence[int]]
