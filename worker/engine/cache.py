"""Keys and values of the rows under way, and attention of one step's tokens over them.

A step's tokens lie end to end in one sequence ``[1, N]``: single tokens of rows that are writing, and chunks of prompts
that are being read. Linear layers see them as one batch; here each finds its own row. A row has a slot of the store and
its tokens lie at their positions, so rows come and go without moving others (the last fills the gap that one leaves).

Shapes: N tokens of the step, S slots in use, H query heads, K key heads, G = H / K, T positions, D size of a head.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

FIRST_SLOTS = 4
FIRST_POSITIONS = 256


@dataclass(frozen=True)
class Chunk:
    """Tokens ``first`` to ``end`` of the step are consecutive tokens of the row in ``slot``, from ``position`` on."""

    first: int
    end: int
    slot: int
    position: int


@dataclass
class KeyValueStore:
    """Per layer the keys and values ``[slots, K, positions, D]``; it grows by doubling."""

    layers: int
    heads: int
    head_size: int
    dtype: torch.dtype
    device: str
    keys: list[Tensor] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start small."""
        self.reset()

    def reset(self) -> None:
        """Forget everything and give memory back."""
        if not self.keys or self._size() != (FIRST_SLOTS, FIRST_POSITIONS):
            self.keys = [self._zeros(FIRST_SLOTS, FIRST_POSITIONS) for _ in range(self.layers)]
            self.values = [self._zeros(FIRST_SLOTS, FIRST_POSITIONS) for _ in range(self.layers)]

    @torch.inference_mode()
    def reserve(self, slots: int, positions: int) -> None:
        """Make room for so many slots and positions."""
        had_slots, had_positions = self._size()
        wanted = (_doubled(had_slots, slots), _doubled(had_positions, positions))
        if wanted != (had_slots, had_positions):
            for tensors in (self.keys, self.values):
                for layer, old in enumerate(tensors):
                    grown = self._zeros(*wanted)
                    grown[:had_slots, :, :had_positions] = old
                    tensors[layer] = grown

    @torch.inference_mode()
    def move(self, source: int, target: int, positions: int) -> None:
        """Copy a row's first positions to another slot."""
        for tensors in (self.keys, self.values):
            for layer in tensors:
                layer[target, :, :positions] = layer[source, :, :positions]

    def copy_out(self, slot: int, positions: int) -> list[tuple[Tensor, Tensor]]:
        """Per layer a copy of a row's first keys and values, each ``[K, positions, D]``."""
        pairs = zip(self.keys, self.values, strict=True)
        return [(keys[slot, :, :positions].clone(), values[slot, :, :positions].clone()) for keys, values in pairs]

    @torch.inference_mode()
    def copy_in(self, slot: int, copied: list[tuple[Tensor, Tensor]], positions: int) -> None:
        """Put the first positions of what ``copy_out`` gave into a row."""
        for layer, (keys, values) in enumerate(copied):
            self.keys[layer][slot, :, :positions] = keys[:, :positions]
            self.values[layer][slot, :, :positions] = values[:, :positions]

    def _size(self) -> tuple[int, int]:
        return self.keys[0].shape[0], self.keys[0].shape[2]

    def _zeros(self, slots: int, positions: int) -> Tensor:
        # Zeros, not whatever was there: a masked position still enters products, where a NaN would survive.
        return torch.zeros(slots, self.heads, positions, self.head_size, dtype=self.dtype, device=self.device)


def _doubled(size: int, wanted: int) -> int:
    while size < wanted:
        size *= 2
    return size


class StepAttention:
    """Attention for the tokens of one step: chunks one by one, single tokens of all rows at once."""

    def __init__(self, store: KeyValueStore, chunks: list[Chunk], slots: int) -> None:
        self._store = store
        device = store.device
        self._chunks = [chunk for chunk in chunks if chunk.end - chunk.first > 1]
        singles = [chunk for chunk in chunks if chunk.end - chunk.first == 1]
        self.positions_N = torch.cat([torch.arange(c.position, c.position + c.end - c.first) for c in chunks]).to(
            device
        )
        lengths = torch.tensor([c.end - c.first for c in chunks])
        self._slots_N = torch.repeat_interleave(torch.tensor([c.slot for c in chunks]), lengths).to(device)
        self._singles = bool(singles)
        self._slots = slots
        self._single_tokens = torch.tensor([c.first for c in singles], dtype=torch.long, device=device)
        self._single_slots = torch.tensor([c.slot for c in singles], dtype=torch.long, device=device)
        self._length = max((c.position + 1 for c in singles), default=0)
        self._mask_S11T = self._single_mask(singles).to(device)

    def _single_mask(self, singles: list[Chunk]) -> Tensor:
        # Slots without a single token in this step see one position, so that their unused result is a number.
        seen = torch.ones(self._slots, dtype=torch.long)
        for chunk in singles:
            seen[chunk.slot] = chunk.position + 1
        return (torch.arange(self._length) < seen[:, None])[:, None, None, :]

    def attend(self, layer: int, query_1HND: Tensor, key_1KND: Tensor, value_1KND: Tensor, scale: float) -> Tensor:
        """Store the step's keys and values, and return ``[1, N, H, D]``."""
        keys, values = self._store.keys[layer], self._store.values[layer]
        keys[self._slots_N, :, self.positions_N] = key_1KND[0].transpose(0, 1)
        values[self._slots_N, :, self.positions_N] = value_1KND[0].transpose(0, 1)
        out_NHD = torch.empty_like(query_1HND[0].transpose(0, 1), memory_format=torch.contiguous_format)
        for chunk in self._chunks:
            out_NHD[chunk.first : chunk.end] = _attend_chunk(query_1HND, keys, values, chunk, scale)
        if self._singles:
            out_NHD[self._single_tokens] = self._attend_singles(query_1HND, keys, values, scale)
        return out_NHD[None]

    def _attend_singles(self, query_1HND: Tensor, keys: Tensor, values: Tensor, scale: float) -> Tensor:
        heads, size = query_1HND.shape[1], query_1HND.shape[3]
        query_SHD = query_1HND.new_zeros(self._slots, heads, size)
        query_SHD[self._single_slots] = query_1HND[0].transpose(0, 1)[self._single_tokens]
        # The G query heads of a key head stand where a sequence of queries would: no key is copied for them.
        out_SKGD = functional.scaled_dot_product_attention(
            query_SHD.view(self._slots, keys.shape[1], -1, size),
            keys[: self._slots, :, : self._length],
            values[: self._slots, :, : self._length],
            attn_mask=self._mask_S11T,
            scale=scale,
        )
        return out_SKGD.reshape(self._slots, heads, size)[self._single_slots]


def _attend_chunk(query_1HND: Tensor, keys: Tensor, values: Tensor, chunk: Chunk, scale: float) -> Tensor:
    tokens = chunk.end - chunk.first
    length = chunk.position + tokens
    mask = None
    if chunk.position:
        mask = torch.ones(tokens, length, dtype=torch.bool, device=keys.device).tril(chunk.position)
    out_1HTD = functional.scaled_dot_product_attention(
        query_1HND[:, :, chunk.first : chunk.end],
        keys[chunk.slot : chunk.slot + 1, :, :length],
        values[chunk.slot : chunk.slot + 1, :, :length],
        attn_mask=mask,
        is_causal=mask is None,
        scale=scale,
        enable_gqa=True,
    )
    return out_1HTD[0].transpose(0, 1)


def attention_of_step(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,  # noqa: ARG001 - the step knows which token sees which
    *,
    step: StepAttention,
    scaling: float,
    **_: object,
) -> tuple[Tensor, None]:
    """What the model calls in each layer, in the form that transformers asks of an attention function."""
    return step.attend(int(module.layer_idx), query, key, value, scaling), None  # type: ignore[arg-type]
