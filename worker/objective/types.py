"""What methods read and write. Shape suffixes, here and in every module of this package:

``_B`` sequences, ``_T`` tokens of a sequence, ``_R`` rows (the trained tokens of a micro-batch, laid end to end),
``_J`` terms of the objective, ``_V`` vocabulary, ``_D`` hidden size. Log-probs are natural logarithms at temperature 1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import torch
from torch import Tensor

from backend.contexts import Message
from backend.recipes import Correction, Divergence

UNCORRECTED = Correction()
REVERSE_KL = Divergence(name="reverse_kl")


@dataclass(frozen=True)
class Turn:
    """One sampled response and its reward in [0, 1]; ``token_ids`` are those that were sampled, with the end token.

    ``logprobs`` are those it was sampled with, one per token; empty where they are not known. A turn that nobody rated
    has a reward all the same (``is_rated`` False).
    """

    token_ids: tuple[int, ...]
    text: str
    reward: float
    logprobs: tuple[float, ...] = ()
    is_rated: bool = True


@dataclass(frozen=True)
class Episode:
    """A prompt, the first attempt at it, and what came of the critique.

    Episodes of one ``group`` answer the same prompt; their rewards compare where ``rated_by`` is the same: the author
    of the critique, or the verifier. ``redraft_context`` is what a redraft is written under; empty without a critique.
    ``critique`` and ``edit`` are what was written, as text and as the token ids of an answer.
    """

    group: int
    prompt: tuple[Message, ...]
    attempt: Turn
    redraft_context: tuple[Message, ...] = ()
    redraft: Turn | None = None
    critique: "Written | None" = None
    edit: "Written | None" = None
    reference: str = ""
    rules: tuple[str, ...] = ()
    rated_by: Literal["author", "verifier"] = "author"


@dataclass(frozen=True)
class Written:
    """What somebody wrote, and the same as the token ids of an answer, with the end token."""

    text: str
    token_ids: tuple[int, ...]


@dataclass(frozen=True)
class Floor:
    """Log-probs below which a token is left out, by the sign of its weight; minus infinity leaves out nothing."""

    negative: float = float("-inf")
    positive: float = float("-inf")


@dataclass(frozen=True)
class Term:
    """One part of the loss: its weight, what it is divided by, and which of its tokens are left out.

    A ``divergence`` is from what ``target`` says: the teacher under its own context, or the start checkpoint under the
    student's prompt.
    """

    kind: Literal["policy_gradient", "cross_entropy", "divergence"]
    coefficient: float = 1.0
    normaliser: Literal["tokens", "sequences"] = "tokens"
    floor: Floor = Floor()
    correction: Correction = UNCORRECTED
    divergence: Divergence = REVERSE_KL
    target: Literal["teacher", "start"] = "teacher"


@dataclass(frozen=True)
class Example:
    """A response to be scored after a prompt: for each term that it has part in, one signed weight per response token.

    ``teacher`` is the conversation under which the teacher reads the same response ids; one that ends with the
    assistant's words is continued. ``sampled_logprobs_T`` are those the response was sampled with, where known, and
    ``right`` whether it was rated as right, where it was rated.
    """

    prompt: tuple[Message, ...]
    response_T: tuple[int, ...]
    weights: Mapping[str, tuple[float, ...]]
    teacher: tuple[Message, ...] = ()
    sampled_logprobs_T: tuple[float, ...] = ()
    right: bool | None = None


@dataclass(frozen=True)
class Objective:
    """What one step learns: the terms by name, and the examples."""

    terms: Mapping[str, Term]
    examples: tuple[Example, ...]


Method = Callable[..., Objective]
"""A training algorithm: the pure function ``build(episodes, config)``."""


@dataclass(frozen=True)
class Rows:
    """The trained tokens of a micro-batch. Weights carry coefficient and normaliser, so that losses simply add up.

    ``position_R`` indexes the flattened ``[B * T]`` positions whose next token is ``target_R``, ``teacher_R`` the same
    positions of the teacher's ids; ``weight_RJ`` has a column per term. ``sampled_R`` is the log-prob at sampling,
    ``right_R`` 1 in a right response and 0 in a wrong one; both are not a number where that is not known.
    """

    position_R: Tensor
    target_R: Tensor
    weight_RJ: Tensor
    teacher_R: Tensor
    sampled_R: Tensor
    right_R: Tensor

    def part(self, chosen: slice | Tensor) -> "Rows":
        """Some of the rows."""
        return Rows(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def to(self, device: torch.device) -> "Rows":
        """The rows on a device."""
        return Rows(*(getattr(self, field.name).to(device) for field in fields(self)))


@dataclass(frozen=True)
class Batch:
    """A micro-batch: token ids padded at the end (causal attention never looks there), and its rows.

    ``teacher_BT`` holds the same responses after the teacher's contexts; None where no example has one.
    """

    ids_BT: Tensor
    rows: Rows
    teacher_BT: Tensor | None = None

    def to(self, device: torch.device) -> "Batch":
        """The micro-batch on a device."""
        teacher_BT = None if self.teacher_BT is None else self.teacher_BT.to(device)
        return Batch(self.ids_BT.to(device), self.rows.to(device), teacher_BT)


EncodeChat = Callable[[Sequence[Message]], Sequence[int]]
