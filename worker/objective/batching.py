"""Examples to micro-batches: tokenise prompts, keep response ids as sampled, pack by a budget of tokens."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from worker.objective.types import Batch, EncodeChat, Example, Objective, Rows

# Two passes through the layers, the second with a mask, cost more than one: what they spare must be so many positions,
# and such a share of all. Measured on SmolLM2-135M-Instruct.
SPARED_POSITIONS = 64
SPARED_SHARE = 0.25


@dataclass(frozen=True)
class Encoded:
    """An example as token ids; ``weights`` carry coefficient and normaliser, a tuple per response token and term."""

    ids: tuple[int, ...]
    response_length: int
    weights: tuple[tuple[float, ...], ...]
    teacher_ids: tuple[int, ...] = ()
    sampled: tuple[float, ...] = ()
    right: bool | None = None

    @property
    def is_trained(self) -> bool:
        """Whether anything of it carries loss."""
        return any(any(of_token) for of_token in self.weights)

    @property
    def width(self) -> int:
        """Positions it takes in the wider of its two passes."""
        return max(len(self.ids), len(self.teacher_ids))


def normalisers(objective: Objective) -> dict[str, int]:
    """What each term is divided by: the tokens, or the sequences, of all its examples in the step.

    Tokens that a gate leaves out, or whose weight is 0, stay in the count.
    """
    counts = dict.fromkeys(objective.terms, 0)
    for example in objective.examples:
        for term in example.weights:
            by_tokens = objective.terms[term].normaliser == "tokens"
            counts[term] += len(example.response_T) if by_tokens else 1
    return counts


def encode(objective: Objective, encode_chat: EncodeChat) -> list[Encoded]:
    """Every example as token ids with its final weights; the response's ids are never made from its text.

    Student and teacher read the same response ids, each after its own context.
    """
    counts = normalisers(objective)
    scales = {name: term.coefficient / counts[name] for name, term in objective.terms.items() if counts[name]}
    return [_encode(example, objective, scales, encode_chat) for example in objective.examples]


def _encode(example: Example, objective: Objective, scales: dict[str, float], encode_chat: EncodeChat) -> Encoded:
    length = len(example.response_T)
    nothing = (0.0,) * length
    columns = [
        tuple(scales[name] * weight for weight in example.weights[name]) if name in example.weights else nothing
        for name in objective.terms
    ]
    return Encoded(
        ids=(*encode_chat(example.prompt), *example.response_T),
        response_length=length,
        weights=tuple(zip(*columns, strict=True)),
        teacher_ids=(*encode_chat(example.teacher), *example.response_T) if example.teacher else (),
        sampled=example.sampled_logprobs_T,
        right=example.right,
    )


def pack(encoded: Sequence[Encoded], *, budget: int) -> list[Batch]:
    """Micro-batches of similar lengths with at most ``budget`` tokens, padding included; a longer one goes alone.

    Examples that carry no loss are left out; they have done their part in the normaliser.
    """
    return deal(encoded, budget=budget, processes=1)[0]


def deal(
    encoded: Sequence[Encoded], *, budget: int, processes: int, shares_beginnings: bool = True
) -> list[list[Batch]]:
    """The same for several processes, each with its share of long and short examples.

    All have equally many micro-batches (those that fill up carry no row), and all of a step's have a teacher's ids if
    one has: every process goes through the model equally often, as it must where weights are divided among them.
    Examples of one prompt lie together where what they begin with is computed once (``shares_beginnings``) and that
    leaves less to compute than similar lengths do.
    """
    trained = sorted((e for e in encoded if e.is_trained), key=lambda e: e.width, reverse=True)
    if not trained:
        return [[] for _ in range(processes)]
    taught = any(example.teacher_ids for example in encoded)
    orders = [trained]
    if shares_beginnings:
        orders.append(sorted(trained, key=lambda e: e.ids[: len(e.ids) - e.response_length]))
    divided = [[order[place::processes] for place in range(processes)] for order in orders]
    dealt = [_filled_up([_groups(share, budget) for share in shares], taught=taught) for shares in divided]
    return min(dealt, key=lambda shares: sum(_positions(batch.ids_BT) for share in shares for batch in share))


def shared_beginning(ids_BT: Tensor) -> int:
    """How many tokens all sequences begin with alike; 0 where computing them once spares too little.

    >>> beginning = torch.arange(400)
    >>> shared_beginning(torch.stack([torch.cat([beginning, torch.tensor([token])]) for token in (7, 8)]))
    400
    >>> shared_beginning(torch.tensor([[5, 6, 7], [5, 6, 8]]))
    0
    """
    alike_T = (ids_BT == ids_BT[:1]).all(0)
    found = min(int(alike_T.int().cumprod(0).sum()), ids_BT.shape[1] - 1)
    spared = (len(ids_BT) - 1) * found
    return found if spared >= max(SPARED_POSITIONS, SPARED_SHARE * ids_BT.numel()) else 0


def _positions(ids_BT: Tensor) -> int:
    """How many positions are computed where a beginning that all share is computed once."""
    return ids_BT.numel() - (len(ids_BT) - 1) * shared_beginning(ids_BT)


def _filled_up(shares: list[list[list[Encoded]]], *, taught: bool) -> list[list[Batch]]:
    idle = Encoded((0, 0), 1, ((0.0,) * len(shares[0][0][0].weights[0]),))
    most = max(map(len, shares))
    return [[collate(group, taught=taught) for group in [*share, *[[idle]] * (most - len(share))]] for share in shares]


def _groups(in_order: Sequence[Encoded], budget: int) -> list[list[Encoded]]:
    groups: list[list[Encoded]] = []
    for example in in_order:
        if groups and (len(groups[-1]) + 1) * max(e.width for e in [example, *groups[-1]]) <= budget:
            groups[-1].append(example)
        else:
            groups.append([example])
    return groups


def collate(encoded: Sequence[Encoded], *, taught: bool) -> Batch:
    """One micro-batch: ids padded at the end with 0, and a row for every token that carries loss.

    ``taught`` says whether it has ids for a teacher.
    """
    ids_BT = _padded([example.ids for example in encoded])
    teacher_BT = _padded([example.teacher_ids or (0,) for example in encoded]) if taught else None
    parts = [_rows(example, line, ids_BT, teacher_BT) for line, example in enumerate(encoded)]
    return Batch(ids_BT, Rows(*(torch.cat(column) for column in zip(*parts, strict=True))), teacher_BT)


def _padded(sequences: Sequence[Sequence[int]]) -> Tensor:
    ids_BT = torch.zeros(len(sequences), max(map(len, sequences)), dtype=torch.long)
    for line, ids in enumerate(sequences):
        ids_BT[line, : len(ids)] = torch.tensor(ids)
    return ids_BT


def _rows(example: Encoded, line: int, ids_BT: Tensor, teacher_BT: Tensor | None) -> tuple[Tensor, ...]:
    """A row per trained response token; the position before a token is the one that predicts it."""
    weight_TJ = torch.tensor(example.weights)
    chosen_R = weight_TJ.any(1).nonzero().squeeze(1)
    response_T = torch.tensor(example.ids[len(example.ids) - example.response_length :])
    sampled_T = torch.tensor(example.sampled or (math.nan,) * example.response_length)
    start = line * ids_BT.shape[1] + len(example.ids) - example.response_length - 1
    teacher_R = torch.zeros_like(chosen_R)
    if teacher_BT is not None and example.teacher_ids:
        teacher_R = chosen_R + line * teacher_BT.shape[1] + len(example.teacher_ids) - example.response_length - 1
    right_R = torch.full((len(chosen_R),), math.nan if example.right is None else float(example.right))
    return chosen_R + start, response_T[chosen_R], weight_TJ[chosen_R], teacher_R, sampled_T[chosen_R], right_R
