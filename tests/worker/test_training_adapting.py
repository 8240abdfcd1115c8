"""Adapters compute in the precision of what comes in, and learn in float32."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from tests.tiny_model import make_tiny_adapter, make_tiny_model
from worker.training.adapting import InputPrecision
from worker.training.policy import Policy, View

VIEWS: tuple[View, ...] = ("student", "start", "teacher")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def start(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_adapter(base, tmp_path_factory.mktemp("start"))


@pytest.mark.parametrize("view", VIEWS)
def test_every_adapters_layers_are_given_what_the_model_computes_and_nothing_wider(
    base: Path, start: Path, view: View
) -> None:
    policy = Policy.load(base, start=start, dtype=torch.bfloat16)
    policy.add_teacher()
    given: list[torch.dtype] = []

    def note(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if isinstance(module, InputPrecision):
            given.append(inputs[0].dtype)

    hook = register_module_forward_pre_hook(note)
    try:
        with policy.viewed_as(view):
            policy.hidden(torch.tensor([[5, 6, 7, 8]]))
    finally:
        hook.remove()
    assert set(given) == {torch.bfloat16}


def test_what_is_learned_is_float32_and_as_exact_as_the_input() -> None:
    own = nn.Linear(16, 8, bias=False)
    narrow = InputPrecision(own)
    x = torch.randn(32, 16, generator=torch.Generator().manual_seed(0)).bfloat16()
    narrow(x).float().sum().backward()
    assert own.weight.grad is not None
    assert own.weight.grad.dtype == torch.float32
    assert torch.allclose(own.weight.grad, x.float().sum(0).expand(8, -1), atol=0.1)


def test_in_float32_it_is_the_layer_that_it_was_to_the_last_bit() -> None:
    own = nn.Linear(16, 8, bias=False)
    x = torch.randn(4, 16)
    assert torch.equal(InputPrecision(own)(x), own(x))
