"""The model of the engine: one step for any mix of rows, and the tokenizer that belongs to it."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers import AttentionInterface, AutoModelForCausalLM, AutoTokenizer

from worker.engine.cache import Chunk, KeyValueStore, StepAttention, attention_of_step
from worker.engine.lora import Adapter, Routing, adapt_linears

ATTENTION = "redraft_step"
DEFAULT_CONTEXT = 2048


@dataclass(frozen=True)
class Segment:
    """Some consecutive tokens of one row, from ``position`` on; logits are wanted after the last ``keep`` of them."""

    token_ids: tuple[int, ...]
    slot: int
    position: int
    keep: int
    adapter: Adapter | None


class Model:
    """A frozen causal language model. Not for use by more than one thread."""

    def __init__(self, folder: Path, *, dtype: torch.dtype, device: str = "cpu", max_model_len: int | None) -> None:
        AttentionInterface.register(ATTENTION, attention_of_step)
        self._model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, attn_implementation=ATTENTION, use_safetensors=True, trust_remote_code=False
        )
        self._model.to(device).eval().requires_grad_(requires_grad=False)
        self._device = device
        self._routing = Routing()
        self.linear_shapes = adapt_linears(self._model, self._model.get_output_embeddings(), self._routing)
        self.tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        config = self._model.config.get_text_config()
        self.vocabulary = int(config.vocab_size)
        self.max_model_len = min(max_model_len or DEFAULT_CONTEXT, _context(config.to_dict()))
        self.end_ids = _ids(self._model.generation_config.eos_token_id) | _ids(self.tokenizer.eos_token_id)
        heads = int(config.num_attention_heads)
        self.store = KeyValueStore(
            layers=int(config.num_hidden_layers),
            heads=int(config.num_key_value_heads or heads),
            head_size=int(config.head_dim or config.hidden_size // heads),
            dtype=dtype,
            device=device,
        )

    @torch.inference_mode()
    def step(self, segments: list[Segment], slots: int) -> list[Tensor]:
        """Compute some tokens of some rows.

        Args:
            segments: at most one of each row; those of the same adapter stand together.
            slots: how many slots of the store are in use.

        Returns:
            Logits ``[keep, V]`` in float32 per segment.
        """
        chunks = _laid_out(segments)
        self.store.reserve(slots, max(chunk.position + chunk.end - chunk.first for chunk in chunks))
        self._routing.spans = _spans(segments, chunks)
        attention = StepAttention(self.store, chunks, slots)
        ids_1N = torch.tensor([[token for segment in segments for token in segment.token_ids]], device=self._device)
        kept = [index for s, c in zip(segments, chunks, strict=True) for index in range(c.end - s.keep, c.end)]
        logits_1KV = self._model(
            input_ids=ids_1N,
            position_ids=attention.positions_N[None],
            use_cache=False,
            logits_to_keep=torch.tensor(kept, dtype=torch.long, device=self._device),
            step=attention,
        ).logits
        return list(logits_1KV[0].float().split([segment.keep for segment in segments]))


def _laid_out(segments: list[Segment]) -> list[Chunk]:
    chunks = []
    first = 0
    for segment in segments:
        end = first + len(segment.token_ids)
        chunks.append(Chunk(first, end, segment.slot, segment.position))
        first = end
    return chunks


def _spans(segments: list[Segment], chunks: list[Chunk]) -> tuple[tuple[int, int, Adapter], ...]:
    spans: list[tuple[int, int, Adapter]] = []
    for segment, chunk in zip(segments, chunks, strict=True):
        if segment.adapter is None:
            continue
        if spans and spans[-1][2] is segment.adapter and spans[-1][1] == chunk.first:
            spans[-1] = (spans[-1][0], chunk.end, segment.adapter)
        else:
            spans.append((chunk.first, chunk.end, segment.adapter))
    return tuple(spans)


def _context(config: dict[str, object]) -> int:
    """Positions that the model was made for; a sliding window is a limit too, since every row sees all of itself."""
    limits = [config.get("max_position_embeddings"), config.get("sliding_window")]
    return min((limit for limit in limits if isinstance(limit, int)), default=DEFAULT_CONTEXT)


def _ids(found: int | list[int] | None) -> frozenset[int]:
    return frozenset([found] if isinstance(found, int) else found or [])
