"""One optimiser update from encoded examples: micro-batches, losses, gradient limit, AdamW, then the teacher.

Weights of examples count all tokens of the step, so that gradients of micro-batches and of processes simply add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from backend.recipes import Optimiser
from worker.objective.batching import Encoded, deal
from worker.objective.fused import RowLosses, row_losses
from worker.objective.types import Batch, Term
from worker.training import ranks
from worker.training.policy import Policy
from worker.training.teaching import Teaching


@dataclass(frozen=True)
class Updated:
    """What an update found: every micro-batch and its losses, on the CPU; the gradient's length before its limit."""

    found: tuple[tuple[Batch, RowLosses], ...]
    grad_norm: float


class Updater:
    """The optimiser of a policy's adapter and the teacher that follows it."""

    def __init__(self, policy: Policy, teaching: Teaching, settings: Optimiser) -> None:
        self._policy, self._teaching, self._settings = policy, teaching, settings
        self.optimiser = torch.optim.AdamW(
            policy.trained().values(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )

    def gradient(self, encoded: Sequence[Encoded], terms: Sequence[Term]) -> Updated:
        """Make the gradient of the whole step, in micro-batches, and limit its length."""
        self.optimiser.zero_grad(set_to_none=True)
        dealt = deal(
            encoded, budget=self._settings.micro_batch_tokens, processes=ranks.world(),
            shares_beginnings=not self._policy.is_sharded,
        )  # fmt: skip
        batches = dealt[ranks.rank()]
        own = [(batch, self._backward(batch.to(self._policy.device), terms).on_cpu()) for batch in batches]
        ranks.sum_gradients(self._policy.trained().values())
        found = tuple(one for of_process in ranks.gathered(own) for one in of_process)
        norm = torch.nn.utils.clip_grad_norm_(self._policy.trained().values(), self._settings.max_grad_norm)
        return Updated(found, float(norm))

    def apply(self, step: int) -> None:
        """Take the step, counted from 1, at its learning rate; the teacher follows."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self._settings, step)
        self.optimiser.step()
        self._teaching.after_step(step)

    def _backward(self, batch: Batch, terms: Sequence[Term]) -> RowLosses:
        targets = self._teaching.targets(batch, terms)
        hidden_RD = self._policy.hidden(batch.ids_BT).flatten(0, 1)[batch.rows.position_R]
        losses = row_losses(hidden_RD, self._policy.head_VD, batch.rows, terms, targets)
        torch.autograd.backward(losses.total)
        return losses


def learning_rate(settings: Optimiser, step: int) -> float:
    """The rate of a step, counted from 1: a linear warm-up, then constant or falling to 0 after the last step.

    >>> learning_rate(Optimiser(steps=4, learning_rate=0.1, warmup_steps=2), 1)
    0.05
    >>> learning_rate(Optimiser(steps=4, learning_rate=0.1, schedule="linear"), 3)
    0.05
    """
    warm = min(1.0, step / settings.warmup_steps) if settings.warmup_steps else 1.0
    left = (settings.steps - step + 1) / settings.steps if settings.schedule == "linear" else 1.0
    return settings.learning_rate * warm * left
