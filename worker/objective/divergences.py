"""Divergences between student and teacher at a token, with their gradients on the student's logits in closed form.

p is the student, q the teacher; gradients never reach q. With d(p, q) the contribution of one vocabulary entry and
s = p * dd/dp, the gradient on logit v is ``s_v - p_v sum(s)``. Every form is exactly 0, and has exactly zero gradient,
where both say the same bits: Adam would make steps of round-off.

Names say which way a divergence goes, since papers number them differently: forward KL(q || p), reverse KL(p || q),
``jensen_shannon`` = b KL(q || m) + (1 - b) KL(p || m) with m = b q + (1 - b) p (Agarwal et al., "On-Policy
Distillation of Language Models", 2024, eq. 1).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from backend.recipes import Divergence


@dataclass(frozen=True)
class LogitGradient:
    """The gradient on the student's logits: of all entries, or of those in ``ids_RK`` and nothing elsewhere."""

    at_RK: Tensor
    ids_RK: Tensor | None = None

    def on_hidden(self, head_VD: Tensor) -> Tensor:
        """The gradient on the hidden states ``[R, D]``, ``dL/dh = dL/dz W``, in the embedding's precision."""
        at_RK = self.at_RK.to(head_VD.dtype)
        if self.ids_RK is None:
            return at_RK @ head_VD
        found_RD: Tensor = embedding_bag(self.ids_RK, head_VD, per_sample_weights=at_RK, mode="sum")
        return found_RD


def divergence(
    log_p_RV: Tensor, log_q_RV: Tensor, target_R: Tensor, settings: Divergence
) -> tuple[Tensor, LogitGradient]:
    """The divergence of each row as ``[R]`` and its gradient on the student's logits.

    Worked: p = (0.5, 0.5), q = (0.25, 0.75): reverse KL = 0.5 log 2 + 0.5 log(2/3) = 0.144 with gradient
    0.5 (log 2 - 0.144) = 0.275 on the first logit; forward KL = 0.25 log(1/2) + 0.75 log(3/2) = 0.131, gradient
    p - q = 0.25.
    """
    ids_RK = None
    match settings.support:
        case "full":
            value_R, grad_RK = _over_support(log_p_RV, log_q_RV, settings)
        case "student_topk_tail":
            value_R, grad_RK = _with_tail(log_p_RV, log_q_RV, settings)
        case "student_topk_renormalised":
            ids_RK = _top(log_p_RV, settings)
            value_R, grad_RK = _renormalised(log_p_RV, log_q_RV, ids_RK, settings)
        case "teacher_topk_renormalised":
            ids_RK = _top(log_q_RV, settings)
            value_R, grad_RK = _renormalised(log_p_RV, log_q_RV, ids_RK, settings)
        case "sampled":
            value_R, grad_RK = _sampled(log_p_RV, log_q_RV, target_R)
    if settings.token_limit is None:
        return value_R, LogitGradient(grad_RK, ids_RK)
    near_R1 = (value_R <= settings.token_limit)[:, None]
    return value_R.clamp(max=settings.token_limit), LogitGradient(grad_RK * near_R1, ids_RK)


def _over_support(log_p_RK: Tensor, log_q_RK: Tensor, settings: Divergence) -> tuple[Tensor, Tensor]:
    """Over entries whose probabilities sum to 1 on both sides."""
    p_RK, delta_RK = log_p_RK.exp(), log_p_RK - log_q_RK
    if settings.name == "reverse_kl" and settings.entry_limit is None:
        slope_RK = delta_RK.mul_(p_RK)
        value_R1 = slope_RK.sum(1, keepdim=True)
        return value_R1.squeeze(1), slope_RK.sub_(p_RK.mul_(value_R1))
    q_RK = log_q_RK.exp()
    if settings.name == "forward_kl":
        entry_RK, kept_RK = _limited(-q_RK * delta_RK, settings)
        # sum(q) is 1: only what the limit cuts off is summed, so that equal distributions leave exactly nothing.
        left_R1 = 1 - (q_RK * ~kept_RK).sum(1, keepdim=True)
        return entry_RK.sum(1), p_RK * left_R1 - q_RK * kept_RK
    if settings.name == "reverse_kl":
        entry_RK, kept_RK = _limited(p_RK * delta_RK, settings)
        slope_RK = p_RK * delta_RK * kept_RK - p_RK * ~kept_RK
        return entry_RK.sum(1), slope_RK - p_RK * slope_RK.sum(1, keepdim=True)
    middle_RK = _log_middle(delta_RK, settings.mixture)
    pull_RK = (1 - settings.mixture) * p_RK * -middle_RK
    entry_RK, kept_RK = _limited(pull_RK - settings.mixture * q_RK * (middle_RK + delta_RK), settings)
    slope_RK = pull_RK * kept_RK
    return entry_RK.sum(1), slope_RK - p_RK * slope_RK.sum(1, keepdim=True)


def _log_middle(delta_RK: Tensor, teacher_share: float) -> Tensor:
    """log(m / p) from log(p / q): each side in the form that neither overflows nor rounds away from 0 at 0."""
    student = torch.log1p(teacher_share * torch.expm1(-delta_RK.clamp(min=0)))
    teacher = torch.log1p((1 - teacher_share) * torch.expm1(delta_RK.clamp(max=0))) - delta_RK
    return student.where(delta_RK >= 0, teacher)


def _limited(entry_RK: Tensor, settings: Divergence) -> tuple[Tensor, Tensor]:
    """Entries cut off at the limit, and which were not cut."""
    limit = math.inf if settings.entry_limit is None else settings.entry_limit
    return entry_RK.clamp(max=limit), entry_RK <= limit


def _with_tail(log_p_RV: Tensor, log_q_RV: Tensor, settings: Divergence) -> tuple[Tensor, Tensor]:
    """The student's likeliest tokens, and all the others as one more entry; at k = V that one is empty and adds 0."""
    ids_RK = _top(log_p_RV, settings)
    log_p_RB, log_q_RB = (_and_tail(log_RV, ids_RK) for log_RV in (log_p_RV, log_q_RV))
    value_R, grad_RB = _over_support(log_p_RB, log_q_RB, settings)
    tail_R1 = log_p_RB[:, -1:].exp()
    share_R1 = (grad_RB[:, -1:] / tail_R1).where(tail_R1 > 0, torch.zeros_like(tail_R1))
    grad_RV = log_p_RV.exp().mul_(share_R1)
    return value_R, grad_RV.scatter_(1, ids_RK, grad_RB[:, :-1])


def _and_tail(log_RV: Tensor, ids_RK: Tensor) -> Tensor:
    rest_R1 = log_RV.scatter(1, ids_RK, -math.inf).logsumexp(1, keepdim=True)
    # An empty tail: finite, so that 0 times its logarithm is 0 and not undefined.
    return torch.cat([log_RV.gather(1, ids_RK), rest_R1.clamp(min=torch.finfo(log_RV.dtype).min / 4)], dim=1)


def _renormalised(log_p_RV: Tensor, log_q_RV: Tensor, ids_RK: Tensor, settings: Divergence) -> tuple[Tensor, Tensor]:
    """Both scaled up to 1 on the chosen tokens; the others have no part."""
    log_p_RK, log_q_RK = (torch.log_softmax(log_RV.gather(1, ids_RK), dim=1) for log_RV in (log_p_RV, log_q_RV))
    return _over_support(log_p_RK, log_q_RK, settings)


def _sampled(log_p_RV: Tensor, log_q_RV: Tensor, target_R: Tensor) -> tuple[Tensor, Tensor]:
    """Reverse KL estimated from the written token alone, for tokens that the student itself wrote.

    The value is k3 = q/p - 1 - log(q/p), never negative (Schulman, "Approximating KL divergence", 2020). Its own
    gradient would be that of the forward KL; with the probability ratio of the sample differentiated too it is
    ``(log p - log q) grad log p``, whose mean is the gradient of the reverse KL.
    """
    written_R1 = target_R[:, None]
    delta_R1 = log_p_RV.gather(1, written_R1) - log_q_RV.gather(1, written_R1)
    grad_RV = log_p_RV.exp().mul_(-delta_R1).scatter_add_(1, written_R1, delta_R1)
    return (torch.expm1(-delta_R1) + delta_R1).squeeze(1), grad_RV


def _top(log_RV: Tensor, settings: Divergence) -> Tensor:
    return log_RV.topk(min(settings.top_k, log_RV.shape[1]), dim=1).indices
