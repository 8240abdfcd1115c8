"""The policy: a frozen base model with the adapter in training beside the one that the run started from.

Base weights compute in bfloat16 where the hardware does, else in float32; adapters are trained in float32. Left out:
adapters on embeddings, DoRA and trained biases, which no engine can serve as an adapter.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.utils import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule
from transformers import AutoModelForCausalLM, AutoTokenizer, Cache, DynamicCache

from backend import recipes
from backend.contexts import Message
from worker.objective.batching import shared_beginning
from worker.objective.losses import log_softmax
from worker.precision import best_dtype
from worker.training.adapting import compute_as_inputs
from worker.training.folding import FoldedDecoder
from worker.training.sharding import shard

View = Literal["student", "start", "base", "teacher"]

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
WEIGHTS = "adapter_model.safetensors"
TEACHER_WEIGHTS = "teacher.safetensors"
CONFIG = "adapter_config.json"
HEAD_TOLERANCE = 0.05


class UnsupportedModelError(Exception):
    """This model or adapter cannot be trained here; the message says why."""


class Policy:
    """``student`` is trained, ``start`` is where the run began, ``base`` is the model without an adapter.

    ``teacher`` follows the student at a distance; it is there once ``add_teacher`` was called.
    """

    def __init__(self, model: PeftModel, tokenizer: AutoTokenizer, *, starts_from_base: bool) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._starts_from_base = starts_from_base
        self._decoder: nn.Module = model.get_base_model().get_decoder()
        self._folded: FoldedDecoder | None = None
        self.is_sharded = isinstance(self._decoder, FSDPModule)
        self.head_VD: Tensor = model.get_base_model().get_output_embeddings().weight
        self.device = self.head_VD.device
        self.end_id = int(tokenizer.eos_token_id)
        self.end_ids = frozenset({self.end_id, *_as_list(model.get_base_model().generation_config.eos_token_id)})
        self._check_head()

    @classmethod
    def load(
        cls,
        base: Path,
        *,
        start: Path | None = None,
        adapter: recipes.Adapter | None = None,
        seed: int = 0,
        device: torch.device | str = "cpu",
        dtype: torch.dtype | None = None,
        sharded: bool = False,
    ) -> "Policy":
        """Load a base model's folder and a fresh student, or one that goes on from the adapter in ``start``.

        ``sharded`` divides the base's layers among the run's processes, which then make every pass together.

        Raises:
            UnsupportedModelError: the adapter or the model's head is of a kind that is not served.
        """
        model = AutoModelForCausalLM.from_pretrained(
            base, dtype=dtype or best_dtype(torch.device(device).type), trust_remote_code=False, use_safetensors=True
        )
        tokenizer = AutoTokenizer.from_pretrained(base, trust_remote_code=False)
        config = _fresh_config(adapter or recipes.Adapter()) if start is None else _config_of(start)
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            wrapped = get_peft_model(model if sharded else model.to(device), config, adapter_name="student")
        if start is not None:
            wrapped.add_adapter("start", _config_of(start))
            for name in ("start", "student"):
                set_peft_model_state_dict(wrapped, load_file(start / WEIGHTS), adapter_name=name)
        for name in wrapped.peft_config:
            compute_as_inputs(wrapped, name)
        wrapped.set_adapter("student")
        wrapped.eval()
        if sharded:
            shard(wrapped.get_base_model().get_decoder(), torch.device(device))
            wrapped.to(device)
        return cls(wrapped, tokenizer, starts_from_base=start is None)

    def encode_chat(self, messages: Sequence[Message]) -> list[int]:
        """A conversation as token ids, up to where the answer begins, or goes on if the assistant has the last word."""
        if messages[-1]["role"] == "assistant":
            begun = self._tokenizer.encode(messages[-1]["content"], add_special_tokens=False)
            return [*self.encode_chat(messages[:-1]), *begun]
        found = self._tokenizer.apply_chat_template(list(messages), add_generation_prompt=True, return_dict=False)
        return [int(token) for token in found]

    def encode_answer(self, text: str) -> tuple[int, ...]:
        """A written answer as token ids, with the end token."""
        return (*self._tokenizer.encode(text, add_special_tokens=False), self.end_id)

    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of an answer's tokens, without special tokens and surrounding white space."""
        return str(self._tokenizer.decode(list(token_ids), skip_special_tokens=True)).strip()

    @property
    def layers(self) -> int:
        """How many layers the model has."""
        return int(self._model.config.num_hidden_layers)

    def trained(self) -> dict[str, nn.Parameter]:
        """The student's weights by name."""
        return {name: weight for name, weight in self._model.named_parameters() if ".student." in name}

    def add_teacher(self) -> None:
        """Give the policy a ``teacher`` adapter, equal to the student as it is now."""
        self._model.add_adapter("teacher", self._model.peft_config["student"])
        compute_as_inputs(self._model, "teacher")
        self._model.set_adapter("student")
        self.move_teacher(1.0)

    @torch.no_grad()
    def move_teacher(self, rate: float) -> None:
        """Move the teacher's weights towards the student's by a share of the way; 1 makes them equal."""
        weights = dict(self._model.named_parameters())
        for name, weight in self.trained().items():
            weights[name.replace(".student.", ".teacher.")].lerp_(weight, rate)

    @contextmanager
    def sampling_as(self, view: View) -> Iterator[None]:
        """Inside, ``hidden_cached`` computes as the view says, fast and without gradients."""
        if self.is_sharded:  # no process has the whole weights that an adapter could be folded into
            with self.viewed_as(view):
                yield
            return
        self._folded = self._folded or FoldedDecoder(self._decoder)
        self._folded.fold(None if view == "base" or (view == "start" and self._starts_from_base) else view)
        own, self._decoder = self._decoder, self._folded.module
        try:
            yield
        finally:
            self._decoder = own

    @contextmanager
    def viewed_as(self, view: View) -> Iterator[None]:
        """Inside, the model computes as the view says."""
        if view == "student":
            yield
        elif view == "base" or (view == "start" and self._starts_from_base):
            with self._model.disable_adapter():
                yield
        else:
            self._model.set_adapter(view, inference_mode=True)
            try:
                yield
            finally:
                self._model.set_adapter("student")

    def hidden(self, ids_BT: Tensor) -> Tensor:
        """Last hidden states ``[B, T, D]`` of sequences padded at the end.

        What all of them begin with (a system prompt, the prompt of a group) is computed once, gradients included, where
        that spares enough.
        """
        ids_BT = ids_BT.to(self.device)
        shared = 0 if self.is_sharded else shared_beginning(ids_BT)  # divided weights: as many passes for everybody
        if not shared:
            alone_BTD: Tensor = self._decoder(input_ids=ids_BT, use_cache=False).last_hidden_state
            return alone_BTD
        cache = DynamicCache()
        first_1TD = self._continued(ids_BT[:1, :shared], cache)
        cache.batch_repeat_interleave(len(ids_BT))
        return torch.cat([first_1TD.expand(len(ids_BT), -1, -1), self._continued(ids_BT[:, shared:], cache)], dim=1)

    def _continued(self, ids_BT: Tensor, cache: DynamicCache) -> Tensor:
        found: Tensor = self._decoder(input_ids=ids_BT, past_key_values=cache, use_cache=True).last_hidden_state
        return found

    def hidden_cached(self, ids_BT: Tensor, mask_BT: Tensor, position_BT: Tensor, cache: Cache) -> Tensor:
        """Last hidden states ``[B, T, D]`` of a continuation; ``mask_BT`` covers what the cache holds as well."""
        found: Tensor = self._decoder(
            input_ids=ids_BT.to(self.device),
            attention_mask=mask_BT.to(self.device),
            position_ids=position_BT.to(self.device),
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
        return found

    def log_probs(self, hidden_RD: Tensor) -> Tensor:
        """Log-probs ``[R, V]`` in float32."""
        return log_softmax(hidden_RD, self.head_VD)

    def save_adapter(self, folder: Path) -> None:
        """Write the student as PEFT and vLLM read it: safetensors and its configuration, naming no local path."""
        state = get_peft_model_state_dict(self._model, adapter_name="student")
        save_file({name: weight.contiguous() for name, weight in state.items()}, folder / WEIGHTS)
        config = self._model.peft_config["student"].to_dict()
        config |= {"base_model_name_or_path": None, "inference_mode": True}
        config["target_modules"] = sorted(config["target_modules"])
        (folder / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True, default=str))

    def load_student(self, folder: Path) -> None:
        """Take the student's weights from a folder that ``save_adapter`` wrote."""
        set_peft_model_state_dict(self._model, load_file(folder / WEIGHTS), adapter_name="student")

    def save_teacher(self, folder: Path) -> None:
        """Write the teacher's weights beside the student's."""
        state = get_peft_model_state_dict(self._model, adapter_name="teacher")
        save_file({name: weight.contiguous() for name, weight in state.items()}, folder / TEACHER_WEIGHTS)

    def load_teacher(self, folder: Path) -> None:
        """Take the teacher's weights from a folder that ``save_teacher`` wrote."""
        set_peft_model_state_dict(self._model, load_file(folder / TEACHER_WEIGHTS), adapter_name="teacher")

    @property
    def has_teacher(self) -> bool:
        """Whether ``add_teacher`` was called."""
        return "teacher" in self._model.peft_config

    def _check_head(self) -> None:
        """Refuse models whose logits are not simply hidden states times output embedding (scaled, capped, biased)."""
        ids_BT = torch.tensor([[self.end_id, 1, 2, 3]], device=self.device)
        with torch.no_grad(), self.viewed_as("base"):
            ours = self.log_probs(self.hidden(ids_BT)[0])
            theirs = torch.log_softmax(self._model(input_ids=ids_BT).logits[0].float(), dim=1)
        if (ours - theirs).abs().max() > HEAD_TOLERANCE:
            raise UnsupportedModelError("This model scales, caps or biases its logits, which training cannot do yet.")


def _fresh_config(adapter: recipes.Adapter) -> LoraConfig:
    targets = "all-linear" if adapter.layers == "all_linear" else ATTENTION
    return LoraConfig(
        r=adapter.rank, lora_alpha=adapter.alpha, target_modules=targets, lora_dropout=0.0, task_type="CAUSAL_LM"
    )


def _config_of(folder: Path) -> LoraConfig:
    config = LoraConfig.from_pretrained(folder)
    if config.use_dora or config.modules_to_save or config.bias != "none":
        raise UnsupportedModelError("The start checkpoint is not a plain low-rank adapter (DoRA, biases or modules).")
    config.inference_mode = False
    return config


def _as_list(ids: int | list[int] | None) -> list[int]:
    return [] if ids is None else ids if isinstance(ids, list) else [ids]
