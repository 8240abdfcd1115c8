"""The losses straight from hidden states, a chunk of rows at a time, with the gradient made in the forward pass.

``[rows, vocabulary]`` never exists beyond one chunk, and only trained rows are projected. The output embedding is
frozen (adapters sit below it), so the gradient is needed for the hidden states alone: ``dL/dh = dL/dz W``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx

from worker.objective.gates import kept
from worker.objective.losses import entropy, log_softmax, reverse_divergence, weighted_likelihood
from worker.objective.types import Rows

CHUNK_ROWS = 256


@dataclass(frozen=True)
class RowLosses:
    """``total`` is the loss to differentiate; the rest describes each row and carries no gradient.

    ``loss_R`` is the weighted likelihood loss, ``drift_R`` the weighted drift penalty, ``kl_R`` the unweighted
    divergence from the reference (0 without one), ``kept_R`` 1 where the gate let the token through.
    """

    total: Tensor
    loss_R: Tensor
    drift_R: Tensor
    logprob_R: Tensor
    entropy_R: Tensor
    kl_R: Tensor
    kept_R: Tensor


def row_losses(
    hidden_RD: Tensor, head_VD: Tensor, rows: Rows, reference_RD: Tensor | None = None, *, chunk: int = CHUNK_ROWS
) -> RowLosses:
    """Losses of the rows whose hidden states are given in order.

    ``reference_RD`` holds the same rows' hidden states under the reference policy; needed where ``drift_R`` is not 0.
    """
    apply = cast("Callable[..., tuple[Tensor, Tensor]]", _ChunkedLoss.apply)
    total, facts = apply(hidden_RD, head_VD, rows, reference_RD, chunk)
    loss_R, drift_R, logprob_R, entropy_R, kl_R, kept_R = facts.unbind()
    return RowLosses(total, loss_R, drift_R, logprob_R, entropy_R, kl_R, kept_R)


class _ChunkedLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, hidden_RD: Tensor, head_VD: Tensor, rows: Rows, reference_RD: Tensor | None, chunk: int
    ) -> tuple[Tensor, Tensor]:
        grad_RD = torch.empty_like(hidden_RD)
        facts = []
        for start in range(0, len(hidden_RD), chunk):
            part = slice(start, start + chunk)
            reference = None if reference_RD is None else reference_RD[part]
            grad_rows, facts_rows = _chunk(hidden_RD[part], head_VD, _slice(rows, part), reference)
            grad_RD[part] = grad_rows
            facts.append(facts_rows)
        found = torch.cat(facts, dim=1) if facts else hidden_RD.new_zeros(6, 0)
        ctx.save_for_backward(grad_RD)
        ctx.mark_non_differentiable(found)
        return found[0].sum() + found[1].sum(), found

    @staticmethod
    def backward(ctx: FunctionCtx, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (grad_RD,) = cast("tuple[Tensor]", ctx.saved_tensors)  # type: ignore[attr-defined]
        return grad_RD * grads[0].to(grad_RD.dtype), None, None, None, None


def _chunk(hidden_RD: Tensor, head_VD: Tensor, rows: Rows, reference_RD: Tensor | None) -> tuple[Tensor, Tensor]:
    """The gradient on the hidden states ``[R, D]`` and the six facts of each row ``[6, R]``."""
    log_p_RV = log_softmax(hidden_RD, head_VD)
    logprob_R = log_p_RV.gather(1, rows.target_R[:, None]).squeeze(1)
    kept_R = kept(logprob_R, rows.weight_R, rows.floor_negative_R, rows.floor_positive_R).to(log_p_RV.dtype)
    loss_R, grad_RV = weighted_likelihood(log_p_RV, rows.target_R, rows.weight_R.to(log_p_RV.dtype) * kept_R)
    kl_R = drift_R = torch.zeros_like(loss_R)
    if reference_RD is not None:
        log_q_RV, weight_R = log_softmax(reference_RD, head_VD), rows.drift_R.to(log_p_RV.dtype)
        kl_R, drift_R, drift_grad_RV = reverse_divergence(log_p_RV, log_q_RV, weight_R)
        grad_RV += drift_grad_RV
    facts = torch.stack([loss_R, drift_R, logprob_R, entropy(log_p_RV), kl_R, kept_R])
    return (grad_RV.to(head_VD.dtype) @ head_VD).to(hidden_RD.dtype), facts


def _slice(rows: Rows, part: slice) -> Rows:
    return Rows(
        rows.position_R[part], rows.target_R[part], rows.weight_R[part], rows.floor_negative_R[part],
        rows.floor_positive_R[part], rows.drift_R[part], rows.term_R[part],
    )  # fmt: skip
