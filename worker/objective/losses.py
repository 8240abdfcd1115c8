"""Losses of single rows with their gradients in closed form: tensors in, tensors out.

Policy gradient and cross-entropy are one function: the negative log-likelihood of the token, times a weight. In a
policy gradient the weight is the advantage and may be negative; in a cross-entropy it is not.
"""

import torch
from torch import Tensor


def weighted_likelihood(log_p_RV: Tensor, target_R: Tensor, weight_R: Tensor) -> tuple[Tensor, Tensor]:
    """Loss ``-w log p(target)`` as ``[R]`` and its gradient ``w (p - onehot(target))`` on the logits as ``[R, V]``.

    Worked: p = (0.25, 0.75), target 0, weight 2: loss 2 log 4 = 2.77, gradient 2 (-0.75, 0.75) = (-1.5, 1.5).
    """
    loss_R = -weight_R * log_p_RV.gather(1, target_R[:, None]).squeeze(1)
    grad_RV = log_p_RV.exp().mul_(weight_R[:, None])
    grad_RV.scatter_add_(1, target_R[:, None], -weight_R[:, None])
    return loss_R, grad_RV


def reverse_divergence(log_p_RV: Tensor, log_q_RV: Tensor, weight_R: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """``KL(p || q)`` as ``[R]``, the loss ``w KL`` as ``[R]`` and its gradient on the logits of p as ``[R, V]``.

    The gradient is ``w p (log p - log q - KL)``.
    Worked: p = (0.5, 0.5), q = (0.25, 0.75): KL = 0.5 log 2 + 0.5 log(2/3) = 0.144; gradient on the first logit
    0.5 (log 2 - 0.144) = 0.275.
    """
    ratio_RV = log_p_RV - log_q_RV
    p_RV = log_p_RV.exp()
    kl_R = (p_RV * ratio_RV).sum(1)
    grad_RV = p_RV.mul_(ratio_RV.sub_(kl_R[:, None])).mul_(weight_R[:, None])
    return kl_R, weight_R * kl_R, grad_RV


def entropy(log_p_RV: Tensor) -> Tensor:
    """Entropy in nats as ``[R]``; two equally likely tokens give log 2 = 0.69."""
    return -(log_p_RV.exp() * log_p_RV).sum(1)


def log_softmax(hidden_RD: Tensor, head_VD: Tensor) -> Tensor:
    """Log-probs ``[R, V]`` in float32 (float64 for float64 input) from hidden states and the output embedding."""
    logits_RV = hidden_RD.to(head_VD.dtype) @ head_VD.T
    return torch.log_softmax(logits_RV.to(torch.promote_types(logits_RV.dtype, torch.float32)), dim=1)
