"""What a step's episodes and rows say about the feedback itself, whatever the method."""

import re
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from worker.objective.advantages import is_right
from worker.objective.losses import log_softmax
from worker.objective.types import Episode

LOUDEST = 0.05  # the share of tokens that may hold most of what a teacher says
MASS_ROWS = 64


def effective_share(ratio_R: Tensor) -> float:
    """The effective sample size of importance ratios as a share of their number: (sum r)^2 / (n sum r^2).

    1 where all are equal (on-policy); two ratios 1 and 3 give 16 / 20 = 0.8. Kong, 1992.
    """
    total, squares = ratio_R.sum().item(), ratio_R.square().sum().item()
    return total * total / (len(ratio_R) * squares) if squares else 0.0


def feedback_metrics(episodes: Sequence[Episode]) -> dict[str, float]:
    """Rewards of attempts and redrafts, and what the critiques do: how often a redraft is right, or better.

    ``critique/utility`` is the mean gain of reward under the critique; at 0 or below there is nothing to internalise.
    """
    pairs = [(e.attempt.reward, e.redraft.reward) for e in episodes if e.redraft is not None]
    if not pairs:
        return {}
    count = len(pairs)
    copied = [copied_share(e.redraft.text, e.critique.text) for e in episodes if e.redraft and e.critique]
    return {
        "reward/attempt_mean": sum(r0 for r0, _ in pairs) / count,
        "reward/redraft_mean": sum(r1 for _, r1 in pairs) / count,
        "critique/redraft_right_frac": sum(is_right(r1) for _, r1 in pairs) / count,
        "critique/redraft_better_frac": sum(r1 > r0 for r0, r1 in pairs) / count,
        "critique/utility": sum(r1 - r0 for r0, r1 in pairs) / count,
        "critique/copied_frac": sum(copied) / len(copied) if copied else 0.0,
    }


def copied_share(redraft: str, critique: str) -> float:
    """The share of a redraft's pairs of words that stand in the critique: a redraft that talks about its critique.

    >>> copied_share("At most twelve words.", "Use at most twelve words!")
    1.0
    >>> copied_share("Rain falls from clouds.", "Use at most twelve words!")
    0.0
    """
    said, heard = _word_pairs(redraft), set(_word_pairs(critique))
    return sum(pair in heard for pair in said) / len(said) if said else 0.0


def _word_pairs(text: str) -> list[tuple[str, str]]:
    return list(pairwise(re.findall(r"\w+", text.lower())))


def favour_metrics(favour_R: Tensor, right_R: Tensor) -> dict[str, float]:
    """Where a teacher argues with what was written: ``favour_R`` is log q - log p of each written token.

    ``abs_mean`` is how loud it is, ``against_frac`` the share of words it would rather not have, ``loudest_share`` how
    much of its loudness is in the loudest 5 % of the tokens; apart for right and wrong responses where both are known.
    Loud in a few places of wrong responses and quiet in right ones is healthy; against right ones is not.

    Worked: favours (-2, 0, 0, 0) of a wrong response are 0.5 loud, 0.25 against, all of it in one token.
    """
    known_R = favour_R.isfinite()
    parts = {"right": known_R & (right_R == 1), "wrong": known_R & (right_R == 0), "unrated": known_R & right_R.isnan()}
    return {
        f"teacher/{name}_{part}": value
        for part, chosen_R in parts.items()
        if bool(chosen_R.any())
        for name, value in _favours(favour_R[chosen_R]).items()
    }


def _favours(favour_R: Tensor) -> dict[str, float]:
    loud_R = favour_R.abs()
    loudest = loud_R.topk(max(1, round(LOUDEST * len(loud_R)))).values.sum()
    total = loud_R.sum()
    return {
        "abs_mean": loud_R.mean().item(),
        "against_frac": (favour_R < 0).float().mean().item(),
        "loudest_share": (loudest / total).item() if bool(total) else 0.0,
    }


def mass_on(hidden_RD: Tensor, head_VD: Tensor, token_ids: Sequence[int]) -> Tensor:
    """The probability ``[R]`` that the next token is one of these."""
    chosen = torch.tensor(sorted(set(token_ids)), device=hidden_RD.device)
    parts = [
        log_softmax(hidden_RD[start : start + MASS_ROWS], head_VD)[:, chosen].exp().sum(1)
        for start in range(0, len(hidden_RD), MASS_ROWS)
    ]
    return torch.cat(parts) if parts else hidden_RD.new_zeros(0)
