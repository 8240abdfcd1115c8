"""A decoder whose frozen layers are divided among processes: each keeps its part and borrows a layer while it computes.

Adapters and embeddings stay whole in every process: adapters so that their gradients are summed as without
sharding, the output embedding because the loss reads it chunk by chunk and would gather it again for each.
"""

import torch
from peft.tuners.lora import LoraLayer
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from worker.training import ranks


def shard(decoder: nn.Module, device: torch.device) -> None:
    """Divide the layers' base weights among the run's processes, a layer at a time (FSDP2), on their devices."""
    mesh = init_device_mesh(device.type, (ranks.world(),))
    layers = list(decoder.get_submodule("layers").children())
    kept = set(decoder.parameters()) - {weight for layer in layers for weight in _base_weights(layer)}
    for layer in layers:
        fully_shard(layer, mesh=mesh, ignored_params=kept)
    fully_shard(decoder, mesh=mesh, ignored_params=kept)


def _base_weights(layer: nn.Module) -> set[nn.Parameter]:
    """The weights of plain and adapted linear layers, without their adapters."""
    adapted = [module for module in layer.modules() if isinstance(module, LoraLayer)]
    adapters = {weight for module in adapted for weight in module.parameters()} - {
        weight for module in adapted for weight in module.get_base_layer().parameters()
    }
    return set(layer.parameters()) - adapters
