"""Losses of single rows from the log-prob of the written token: tensors in, tensors out.

Policy gradient and cross-entropy are one function: the negative log-likelihood of the token, times a weight. In a
policy gradient the weight is the advantage and may be negative; in a cross-entropy it is not.
"""

import torch
from torch import Tensor

from backend.recipes import Correction


def likelihood(logprob_R: Tensor, weight_R: Tensor, ratio_R: Tensor, correction: Correction) -> tuple[Tensor, Tensor]:
    """Loss ``[R]`` and slope ``[R]``: the gradient on the logits is ``slope (p - onehot(target))``.

    With A the weight and r the probability ratio of policy and sampler, the loss is -A log p uncorrected,
    -A min(r, high) log p capped, -min(r A, clip(r) A) clipped (PPO, Schulman et al., 2017, eq. 7), and -A r
    differentiable.
    Worked: log p = log 0.25, A = 2: loss 2 log 4 = 2.77 and slope 2; clipped at 1.2 with r = 1.5: loss -2.4, slope 0.
    """
    match correction.kind:
        case "none":
            return -weight_R * logprob_R, weight_R
        case "capped":
            capped_R = weight_R * ratio_R.clamp(max=correction.high)
            return -capped_R * logprob_R, capped_R
        case "clipped":
            free_R, bound_R = weight_R * ratio_R, weight_R * ratio_R.clamp(correction.low, correction.high)
            return -torch.minimum(free_R, bound_R), free_R * (free_R <= bound_R)
        case "differentiable":
            return -weight_R * ratio_R, weight_R * ratio_R


def matching(
    value_R: Tensor, weight_R: Tensor, ratio_R: Tensor, correction: Correction
) -> tuple[Tensor, Tensor, Tensor]:
    """A divergence times its weight: loss ``[R]``, factor ``[R]`` of its own gradient, and slope ``[R]`` as above.

    Only a differentiable ratio has a slope: the loss w r D moves r too, and ``dr = r (onehot(target) - p)``.
    """
    match correction.kind:
        case "none":
            factor_R = weight_R
        case "capped":
            factor_R = weight_R * ratio_R.clamp(max=correction.high)
        case "clipped":
            factor_R = weight_R * ratio_R.clamp(correction.low, correction.high)
        case "differentiable":
            factor_R = weight_R * ratio_R
    loss_R = factor_R * value_R
    return loss_R, factor_R, -loss_R if correction.kind == "differentiable" else torch.zeros_like(loss_R)


def entropy(p_RV: Tensor, log_p_RV: Tensor) -> Tensor:
    """Entropy in nats as ``[R]``; two equally likely tokens give log 2 = 0.69."""
    found_R: Tensor = torch.linalg.vecdot(p_RV, log_p_RV)
    return -found_R


def logits_dtype(head_VD: Tensor) -> torch.dtype:
    """What logits are worked with in: float32, or float64 where the embedding is."""
    return torch.promote_types(head_VD.dtype, torch.float32)


def logits(hidden_RD: Tensor, head_VD: Tensor, *, into_RV: Tensor | None = None) -> Tensor:
    """Logits ``[R, V]`` in ``logits_dtype`` from hidden states and the output embedding; in memory that is given."""
    if into_RV is not None and into_RV.dtype == head_VD.dtype:
        return torch.mm(hidden_RD.to(head_VD.dtype), head_VD.T, out=into_RV)
    found_RV = hidden_RD.to(head_VD.dtype) @ head_VD.T
    return found_RV.to(logits_dtype(head_VD)) if into_RV is None else into_RV.copy_(found_RV)


def log_softmax(hidden_RD: Tensor, head_VD: Tensor) -> Tensor:
    """Log-probs ``[R, V]``, in the precision of ``logits``."""
    return torch.log_softmax(logits(hidden_RD, head_VD), dim=1)
