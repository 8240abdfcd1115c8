"""Examples to micro-batches: tokenise prompts, keep response ids as sampled, pack by a budget of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from worker.objective.types import Batch, EncodeChat, Example, Objective, Rows


@dataclass(frozen=True)
class Encoded:
    """An example as token ids; weights carry coefficient and normaliser, one per response token."""

    ids: tuple[int, ...]
    response_length: int
    weights: tuple[float, ...]
    drift: float
    floor: tuple[float, float]
    term: int

    @property
    def is_trained(self) -> bool:
        """Whether anything of it carries loss."""
        return self.drift != 0 or any(self.weights)


def normalisers(objective: Objective) -> dict[str, int]:
    """What each term is divided by: the tokens, or the sequences, of all its examples in the step.

    Tokens that a gate leaves out, or whose weight is 0, stay in the count.
    """
    counts = dict.fromkeys(objective.terms, 0)
    for example in objective.examples:
        by_tokens = objective.terms[example.term].normaliser == "tokens"
        counts[example.term] += len(example.response_T) if by_tokens else 1
    return counts


def encode(objective: Objective, encode_chat: EncodeChat) -> list[Encoded]:
    """Every example as token ids with its final weights; the response's ids are never made from its text."""
    counts = normalisers(objective)
    tokens = sum(len(example.response_T) for example in objective.examples)
    drift = objective.drift_coefficient / tokens if tokens else 0.0
    return [_encode(example, objective, counts, drift, encode_chat) for example in objective.examples]


def _encode(
    example: Example, objective: Objective, counts: dict[str, int], drift: float, encode_chat: EncodeChat
) -> Encoded:
    term = objective.terms[example.term]
    scale = term.coefficient / counts[example.term]
    return Encoded(
        ids=(*encode_chat(example.prompt), *example.response_T),
        response_length=len(example.response_T),
        weights=tuple(scale * weight for weight in example.weights_T),
        drift=drift,
        floor=(term.floor.negative, term.floor.positive),
        term=list(objective.terms).index(example.term),
    )


def pack(encoded: Sequence[Encoded], *, budget: int) -> list[Batch]:
    """Micro-batches of similar lengths with at most ``budget`` tokens, padding included; a longer one goes alone.

    Examples that carry no loss are left out; they have done their part in the normaliser.
    """
    batches: list[Batch] = []
    group: list[Encoded] = []
    for example in sorted((e for e in encoded if e.is_trained), key=lambda e: len(e.ids), reverse=True):
        if group and (len(group) + 1) * len(group[0].ids) > budget:
            batches.append(collate(group))
            group = []
        group.append(example)
    return [*batches, collate(group)] if group else batches


def collate(encoded: Sequence[Encoded]) -> Batch:
    """One micro-batch: ids padded at the end with 0, and a row for every token that carries loss."""
    width = max(len(example.ids) for example in encoded)
    ids_BT = torch.zeros(len(encoded), width, dtype=torch.long)
    for line, example in enumerate(encoded):
        ids_BT[line, : len(example.ids)] = torch.tensor(example.ids)
    rows = [row for line, example in enumerate(encoded) for row in _rows(example, offset=line * width)]
    return Batch(
        ids_BT,
        Rows(
            position_R=torch.tensor([row.position for row in rows]),
            target_R=torch.tensor([row.target for row in rows]),
            weight_R=torch.tensor([row.weight for row in rows]),
            floor_negative_R=torch.tensor([row.example.floor[0] for row in rows]),
            floor_positive_R=torch.tensor([row.example.floor[1] for row in rows]),
            drift_R=torch.tensor([row.example.drift for row in rows]),
            term_R=torch.tensor([row.example.term for row in rows]),
        ),
    )


@dataclass(frozen=True)
class _Row:
    position: int
    target: int
    weight: float
    example: Encoded


def _rows(example: Encoded, *, offset: int) -> list[_Row]:
    """A row per trained response token; the position before a token is the one that predicts it."""
    start = len(example.ids) - example.response_length
    return [
        _Row(offset + start + step - 1, example.ids[start + step], weight, example)
        for step, weight in enumerate(example.weights)
        if weight != 0 or example.drift != 0
    ]
