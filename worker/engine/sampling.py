"""Drawing the next token of each row, and how likely tokens were. Log-probs are raw: temperature 1, nothing cut off."""

from dataclasses import dataclass

import torch
from torch import Tensor

GREEDY_BELOW = 1e-5
LIKELY = 512


@dataclass(frozen=True)
class Draw:
    """How the next token is drawn; ``top_k`` 0 means all tokens."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0

    @property
    def greedy(self) -> bool:
        """Whether the likeliest token is taken."""
        return self.temperature < GREEDY_BELOW

    @property
    def cut(self) -> bool:
        """Whether some tokens can't be drawn."""
        return self.top_p < 1 or self.top_k > 0


GREEDY = Draw(temperature=0.0)


@dataclass(frozen=True)
class ScoredToken:
    """A token, its log-prob and the likeliest ones in its place; ``rank`` is 1 for the likeliest, 0 if not asked."""

    token_id: int
    logprob: float
    rank: int = 0
    top: tuple[tuple[int, float], ...] = ()


def generator(seed: int | None) -> torch.Generator:
    """A row's own source of chance; without a seed, a fresh one."""
    made = torch.Generator()
    if seed is None:
        made.seed()
    else:
        made.manual_seed(seed)
    return made


def draw_tokens(logits_RV: Tensor, draws: list[Draw], generators: list[torch.Generator]) -> list[int]:
    """One token per row. Each row's result depends on its own logits, settings and generator alone."""
    chosen = logits_RV.argmax(-1).tolist()
    random = [row for row, draw in enumerate(draws) if not draw.greedy]
    if not random:
        return chosen
    temperatures = torch.tensor([[draws[row].temperature] for row in random], device=logits_RV.device)
    probs_RV = (logits_RV[random] / temperatures).softmax(-1)
    points = torch.stack([torch.rand(1, generator=generators[row], dtype=torch.float64) for row in random])
    cuts = [number for number, row in enumerate(random) if draws[row].cut]
    whole = [number for number, row in enumerate(random) if not draws[row].cut]
    for number in cuts:
        ids, probs = _cut_off(probs_RV[number], draws[random[number]])
        chosen[random[number]] = int(ids[_invert(probs[None], points[number : number + 1])[0]])
    if whole:
        for number, token in zip(whole, _invert(probs_RV[whole], points[whole]).tolist(), strict=True):
            chosen[random[number]] = token
    return chosen


def _invert(probs_RV: Tensor, points_R1: Tensor) -> Tensor:
    """Where the running sum first exceeds the point (a share of the whole): a token of probability 0 is never taken."""
    sums_RV = probs_RV.cumsum(-1, dtype=torch.float64)
    targets_R1 = points_R1.to(sums_RV.device) * sums_RV[:, -1:]
    return torch.searchsorted(sums_RV, targets_R1, right=True).squeeze(-1)


def _cut_off(probs_V: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
    """The tokens that may be drawn: the ``top_k`` likeliest, and of them the fewest that reach ``top_p`` together."""
    wanted = min(draw.top_k or LIKELY, probs_V.shape[0])
    probs, ids = probs_V.topk(wanted)
    if not draw.top_k and float(probs.sum()) < draw.top_p:
        probs, ids = probs_V.sort(descending=True)
    share = probs / probs.sum() if draw.top_k else probs
    before = share.cumsum(-1, dtype=torch.float64) - share
    kept = before < draw.top_p
    kept[0] = True
    return ids[kept], probs[kept]


def score_tokens(logits_RV: Tensor, token_ids: list[int], tops: list[int], *, ranked: bool) -> list[ScoredToken]:
    """How likely the given token of each row was, with so many of the likeliest beside it."""
    ids_R1 = torch.tensor(token_ids, device=logits_RV.device)[:, None]
    whole_R1 = logits_RV.logsumexp(-1, keepdim=True)
    own_R1 = logits_RV.gather(-1, ids_R1)
    logprobs = (own_R1 - whole_R1).squeeze(-1).tolist()
    ranks = ((logits_RV > own_R1).sum(-1) + 1).tolist() if ranked else [0] * len(token_ids)
    most = max(tops, default=0)
    top_values, top_ids = logits_RV.topk(most) if most else (logits_RV[:, :0], ids_R1[:, :0])
    pairs = zip((top_values - whole_R1).tolist(), top_ids.tolist(), strict=True)
    likeliest = [
        tuple(zip(ids[:top], values[:top], strict=True)) for (values, ids), top in zip(pairs, tops, strict=True)
    ]
    return [ScoredToken(*found) for found in zip(token_ids, logprobs, ranks, likeliest, strict=True)]
