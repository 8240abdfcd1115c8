"""Low-rank adapters beside frozen weights: read from PEFT's folders, and added per row while a batch is computed.

A linear layer never holds an adapter and its weight is never written. It looks up what the rows of the present step
ask for in a shared ``Routing``, so that rows of many adapters and of the base model share one forward pass.
Hu et al., 2021, https://arxiv.org/abs/2106.09685. Left out: DoRA, trained biases, adapters on embeddings.
"""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
PREFIX = "base_model.model."
DOWN, UP = ".lora_A.weight", ".lora_B.weight"


class AdapterRefusedError(Exception):
    """The adapter cannot be served; the message says why."""


class AdapterMissingError(Exception):
    """There is no adapter of this name, or no such folder."""


@dataclass(frozen=True, eq=False)
class Adapter:
    """Per linear layer the pair ``[rank, in]`` and ``[out, rank]``, the latter with the scale in it; float32."""

    name: str
    path: Path
    layers: dict[str, tuple[Tensor, Tensor]]


@dataclass
class Routing:
    """Which tokens of the present step belong to which adapter: (first, end, adapter); others use the base alone."""

    spans: tuple[tuple[int, int, Adapter], ...] = ()


class AdaptedLinear(nn.Module):
    """A linear layer that shares its weight with the one it stands for, and adds what the routing asks for."""

    def __init__(self, name: str, linear: nn.Linear, routing: Routing) -> None:
        super().__init__()
        self.weight = linear.weight
        self.bias = linear.bias
        self._name = name
        self._routing = routing

    def forward(self, x_1NI: Tensor) -> Tensor:
        """``[1, tokens, in]`` to ``[1, tokens, out]``; adapters are computed in float32, as PEFT does."""
        out = functional.linear(x_1NI, self.weight, self.bias)
        for first, end, adapter in self._routing.spans:
            pair = adapter.layers.get(self._name)
            if pair is not None:
                low = functional.linear(x_1NI[:, first:end].to(pair[0].dtype), pair[0])
                out[:, first:end] = out[:, first:end] + functional.linear(low, pair[1])
        return out


def adapt_linears(model: nn.Module, head: nn.Module, routing: Routing) -> dict[str, tuple[int, int]]:
    """Put an ``AdaptedLinear`` in the place of every linear layer but the head.

    Returns:
        (in, out) features by layer name.
    """
    linears = [(name, part) for name, part in model.named_modules() if isinstance(part, nn.Linear) and part is not head]
    for name, linear in linears:
        model.set_submodule(name, AdaptedLinear(name, linear, routing))
    return {name: (linear.in_features, linear.out_features) for name, linear in linears}


class _Config(BaseModel):
    """What of PEFT's configuration decides how an adapter computes."""

    model_config = ConfigDict(extra="ignore")

    peft_type: str
    r: int = Field(gt=0)
    lora_alpha: float
    use_rslora: bool = False
    use_dora: bool = False
    bias: str = "none"
    modules_to_save: list[str] | None = None
    rank_pattern: dict[str, int] | None = None
    alpha_pattern: dict[str, float] | None = None

    def scale(self) -> float:
        """What the product of the pair is multiplied by."""
        return self.lora_alpha / (math.sqrt(self.r) if self.use_rslora else self.r)

    def refusal(self) -> str | None:
        """Why such an adapter cannot be served, if so."""
        if self.peft_type != "LORA":
            return f"its type is {self.peft_type}; only LORA is served"
        if self.use_dora:
            return "DoRA is not served"
        if self.bias != "none" or self.modules_to_save:
            return "it changes more than low-rank pairs (bias or modules_to_save)"
        if self.rank_pattern or self.alpha_pattern:
            return "ranks or alphas that differ between layers are not served"
        return None


def read_adapter(name: str, folder: Path, shapes: dict[str, tuple[int, int]], device: str = "cpu") -> Adapter:
    """Read an adapter in PEFT's format, safetensors only.

    Raises:
        AdapterMissingError: the folder or one of its files is not there.
        AdapterRefusedError: it is of a kind that is not served, is damaged, or does not fit the model.
    """
    scale = _read_config(folder).scale()
    if not (folder / WEIGHTS).is_file():
        if (folder / "adapter_model.bin").exists():
            raise AdapterRefusedError("The adapter is a pickle, which can run code; save it as safetensors.")
        raise AdapterMissingError(f"There is no {WEIGHTS} in the adapter's folder.")
    try:
        tensors = load_file(folder / WEIGHTS, device=device)
    except SafetensorError as error:
        raise AdapterRefusedError(f"The adapter's {WEIGHTS} is damaged: {error}.") from error
    return Adapter(name, folder, _pairs(tensors, scale, shapes))


def _read_config(folder: Path) -> _Config:
    if not (folder / CONFIG).is_file():
        raise AdapterMissingError(f"There is no {CONFIG} in the adapter's folder.")
    try:
        config = _Config.model_validate(json.loads((folder / CONFIG).read_text()))
    except (ValidationError, ValueError) as error:
        raise AdapterRefusedError(f"The adapter's {CONFIG} cannot be read: {error}") from error
    reason = config.refusal()
    if reason:
        raise AdapterRefusedError(f"The adapter cannot be served: {reason}.")
    return config


def _pairs(
    tensors: dict[str, Tensor], scale: float, shapes: dict[str, tuple[int, int]]
) -> dict[str, tuple[Tensor, Tensor]]:
    names = {key.removesuffix(DOWN) for key in tensors if key.endswith(DOWN)}
    if set(tensors) != {name + end for name in names for end in (DOWN, UP)}:
        raise AdapterRefusedError("The adapter holds weights that are no low-rank pairs of linear layers.")
    found = {}
    for name in names:
        down, up = tensors[name + DOWN].float(), tensors[name + UP].float() * scale
        layer = name.removeprefix(PREFIX)
        if layer not in shapes or (down.shape[1], up.shape[0]) != shapes[layer] or down.shape[0] != up.shape[1]:
            raise AdapterRefusedError(f"The adapter does not fit the model: layer {layer}.")
        found[layer] = (down.contiguous(), up.contiguous())
    return found


@dataclass
class AdapterShelf:
    """The adapters that are served, by name. Rows under way keep their adapter even when it leaves the shelf."""

    root: Path | None
    shapes: dict[str, tuple[int, int]]
    device: str = "cpu"
    _adapters: dict[str, Adapter] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def load(self, name: str, path: str) -> None:
        """Read and serve the adapter in folder ``path``.

        Raises:
            AdapterMissingError: there is nothing at that path.
            AdapterRefusedError: the name is taken, or the adapter lies outside of the root or is unfit.
        """
        folder = self._inside_root(path)
        self._refuse_taken(name)
        adapter = read_adapter(name, folder, self.shapes, self.device)
        with self._lock:
            self._refuse_taken(name)
            self._adapters[name] = adapter

    def unload(self, name: str) -> None:
        """Serve it no longer.

        Raises:
            AdapterMissingError: it was not served.
        """
        with self._lock:
            if self._adapters.pop(name, None) is None:
                raise AdapterMissingError(f"The lora adapter '{name}' cannot be found.")

    def find(self, name: str) -> Adapter | None:
        """The adapter of that name, if it is served."""
        return self._adapters.get(name)

    def all(self) -> list[Adapter]:
        """What is served now."""
        with self._lock:
            return list(self._adapters.values())

    def _refuse_taken(self, name: str) -> None:
        if name in self._adapters:
            raise AdapterRefusedError(f"The lora adapter '{name}' has already been loaded.")

    def _inside_root(self, path: str) -> Path:
        if self.root is None:
            raise AdapterRefusedError("This engine was started without --adapter-root, so it loads no adapters.")
        folder = Path(path).resolve()
        if not folder.is_relative_to(self.root.resolve()):
            raise AdapterRefusedError("Adapters are loaded from inside the engine's --adapter-root only.")
        if not folder.is_dir():
            raise AdapterMissingError(f"There is no adapter folder at {path}.")
        return folder
