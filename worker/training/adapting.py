"""Adapters whose weights are float32 and whose products are made in the precision of what comes in.

PEFT would turn every adapted layer's input into float32: in bfloat16 that costs a pass over it, and a float32 copy of
each input is kept for the backward pass, three times the memory of the layers themselves. Small updates need float32 in
the weights and their moments only, as in mixed precision elsewhere. In float32 nothing changes.
"""

from peft.tuners.lora import LoraLayer
from torch import Tensor, nn
from torch.nn.functional import linear


class InputPrecision(nn.Linear):
    """A linear layer without bias that rounds its weight to its input's precision; the gradient reaches the whole."""

    def __init__(self, own: nn.Linear) -> None:
        super().__init__(1, 1, bias=False, device="meta")
        self.in_features, self.out_features, self.weight = own.in_features, own.out_features, own.weight

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  the name is torch's
        """The product, as precise as the input."""
        return linear(input, self.weight.to(input.dtype))


def compute_as_inputs(model: nn.Module, adapter: str) -> None:
    """Let an adapter's layers compute in the precision of their inputs; names of parameters stay."""
    for module in model.modules():
        if isinstance(module, LoraLayer) and adapter in module.lora_A:
            module.cast_input_dtype_enabled = False
            for part in (module.lora_A, module.lora_B):
                part[adapter] = InputPrecision(part[adapter])
