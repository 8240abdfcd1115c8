"""The losses straight from hidden states, a chunk of rows at a time, with the gradient made in the forward pass.

``[rows, vocabulary]`` never exists beyond one chunk, for student and teacher alike, and only trained rows are
projected. The output embedding is frozen (adapters sit below it), so the gradient is needed for the hidden states
alone: ``dL/dh = dL/dz W``.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import cast

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx

from worker.objective.divergences import LogitGradient, divergence
from worker.objective.gates import kept
from worker.objective.losses import entropy, likelihood, logits, logits_dtype, matching
from worker.objective.types import Rows, Term

# Logits in one chunk: 32 MiB in float32. Larger blocks are asked of the system anew each time (glibc), which costs more
# than the larger products save; but fewer rows than this would read the whole embedding for little.
CHUNK_LOGITS = 2**23
FEWEST_ROWS = 128


@dataclass(frozen=True)
class Target:
    """What a divergence is from: hidden states ``[R, D]``. Of two the logits are mixed, ``share`` the second's part."""

    hidden_RD: Tensor
    second_RD: Tensor | None = None
    share: float = 0.0

    def log_probs(self, part: slice, head_VD: Tensor, space_RV: Tensor | None = None) -> Tensor:
        """Log-probs ``[R, V]`` of some rows; in the first rows of ``space_RV`` where that is given."""
        hidden_RD = self.hidden_RD[part]
        into_RV = None if space_RV is None else space_RV[: len(hidden_RD)]
        found_RV = logits(hidden_RD, head_VD, into_RV=into_RV)
        if self.second_RD is not None:
            found_RV.lerp_(logits(self.second_RD[part], head_VD), self.share)
        return torch.log_softmax(found_RV, dim=1, out=found_RV)


Targets = Mapping[str, Target]


@dataclass(frozen=True)
class RowLosses:
    """``total`` is the loss to differentiate; the rest describes each row and carries no gradient.

    ``loss_RJ`` is the weighted loss by term, ``value_RJ`` the unweighted divergence (0 for other terms), ``kept_RJ`` 1
    where the gate let the token through, ``ratio_R`` the probability ratio of policy and sampler (1 where unknown),
    ``favour_R`` the teacher's log-prob of the written token minus the policy's (not a number without a teacher).
    """

    total: Tensor
    loss_RJ: Tensor
    value_RJ: Tensor
    kept_RJ: Tensor
    logprob_R: Tensor
    entropy_R: Tensor
    ratio_R: Tensor
    favour_R: Tensor

    def on_cpu(self) -> "RowLosses":
        """The same as plain numbers in main memory."""
        return RowLosses(*(getattr(self, field.name).detach().cpu() for field in fields(self)))


def row_losses(
    hidden_RD: Tensor, head_VD: Tensor, rows: Rows, terms: Sequence[Term], targets: Targets | None = None,
    *, chunk: int | None = None,
) -> RowLosses:  # fmt: skip
    """Losses of the rows whose hidden states are given in order.

    ``targets`` holds the same rows' hidden states for every target that a divergence among the terms names.
    """
    apply = cast("Callable[..., tuple[Tensor, Tensor]]", _ChunkedLoss.apply)
    size = chunk or max(FEWEST_ROWS, CHUNK_LOGITS // head_VD.shape[0])
    total, facts = apply(hidden_RD, head_VD, rows, tuple(terms), targets or {}, size)
    count = len(terms)
    loss_RJ, value_RJ, kept_RJ = (facts[:, place * count : (place + 1) * count] for place in range(3))
    return RowLosses(total, loss_RJ, value_RJ, kept_RJ, *facts[:, 3 * count :].unbind(1))


class _ChunkedLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, hidden_RD: Tensor, head_VD: Tensor, rows: Rows, terms: tuple[Term, ...], targets: Targets,
        chunk: int,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        grad_RD = torch.zeros_like(hidden_RD)
        dtype = logits_dtype(head_VD)
        facts = [hidden_RD.new_zeros(0, 3 * len(terms) + 4, dtype=dtype)]
        # The same memory for every chunk: fresh blocks of this size cost more than what is computed in them.
        policy = Target(hidden_RD.detach())
        space = {
            name: head_VD.new_empty(min(chunk, len(hidden_RD)), len(head_VD), dtype=dtype)
            for name in ("log p", "p", *targets)
        }
        for start in range(0, len(hidden_RD), chunk):
            part = slice(start, start + chunk)
            log_q = {name: target.log_probs(part, head_VD, space[name]) for name, target in targets.items()}
            log_p_RV = policy.log_probs(part, head_VD, space["log p"])
            grads, found = _chunk(log_p_RV, log_q, rows.part(part), terms, space["p"])
            for grad in grads:
                grad_RD[part] += grad.on_hidden(head_VD).to(hidden_RD.dtype)
            facts.append(found)
        found = torch.cat(facts)
        ctx.save_for_backward(grad_RD)
        ctx.mark_non_differentiable(found)
        return found[:, : len(terms)].sum(), found

    @staticmethod
    def backward(ctx: FunctionCtx, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (grad_RD,) = cast("tuple[Tensor]", ctx.saved_tensors)  # type: ignore[attr-defined]
        return grad_RD * grads[0].to(grad_RD.dtype), None, None, None, None, None


def _chunk(
    log_p_RV: Tensor, log_q: Mapping[str, Tensor], rows: Rows, terms: tuple[Term, ...], space_RV: Tensor
) -> tuple[list[LogitGradient], Tensor]:
    """The gradient on the logits, in parts, and what is known of each row ``[R, 3 J + 4]``."""
    target_R1 = rows.target_R[:, None]
    logprob_R = log_p_RV.gather(1, target_R1).squeeze(1)
    ratio_R = (logprob_R - rows.sampled_R.to(logprob_R.dtype)).nan_to_num(0.0).exp()
    grad_RV: Tensor | None = None
    grads: list[LogitGradient] = []
    slope_R = torch.zeros_like(logprob_R)
    losses: list[Tensor] = []
    values: list[Tensor] = []
    keeps: list[Tensor] = []
    for term, weight_R in zip(terms, rows.weight_RJ.to(logprob_R.dtype).unbind(1), strict=True):
        kept_R = kept(logprob_R, weight_R, term.floor).to(logprob_R.dtype)
        value_R = torch.zeros_like(logprob_R)
        if term.kind == "divergence":
            value_R, own = divergence(log_p_RV, log_q[term.target], rows.target_R, term.divergence)
            loss_R, factor_R, moved_R = matching(value_R, weight_R * kept_R, ratio_R, term.correction)
            own.at_RK.mul_(factor_R[:, None])
            if own.ids_RK is None:
                grad_RV = own.at_RK if grad_RV is None else grad_RV.add_(own.at_RK)
            else:
                grads.append(own)
        else:
            loss_R, moved_R = likelihood(logprob_R, weight_R * kept_R, ratio_R, term.correction)
        slope_R += moved_R
        losses.append(loss_R)
        values.append(value_R)
        keeps.append(kept_R)
    p_RV = torch.exp(log_p_RV, out=space_RV[: len(log_p_RV)])
    unknown_R = torch.full_like(logprob_R, math.nan)
    taught_R = log_q["teacher"].gather(1, target_R1).squeeze(1) if "teacher" in log_q else unknown_R
    known = [logprob_R, entropy(p_RV, log_p_RV), ratio_R, taught_R - logprob_R]
    facts = torch.stack([*losses, *values, *keeps, *known], dim=1)
    if bool(slope_R.any()):
        pushed_RV = p_RV.mul_(slope_R[:, None]).scatter_add_(1, target_R1, -slope_R[:, None])
        grad_RV = pushed_RV if grad_RV is None else grad_RV.add_(pushed_RV)
    return grads if grad_RV is None else [LogitGradient(grad_RV), *grads], facts
