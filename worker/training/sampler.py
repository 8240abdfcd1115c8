"""Rollouts in process: batched sampling from one view of the policy, with token ids and raw log-probs.

Every response draws from a seed of its own, made of the caller's and its place: what is drawn does not depend on what
else is in the batch, on who samples it, or on where a run was resumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from backend.contexts import Message
from worker.training import ranks
from worker.training.growing import growing_cache
from worker.training.policy import Policy, View
from worker.training.seeds import seed_for

BATCH = 64
# Finished rows are dropped from the cache once they are this share of it; each drop copies the rest.
DROP_SHARE = 0.25


@dataclass(frozen=True)
class Sampled:
    """One response. ``logprobs`` are at temperature 1; ``finish_reason`` is ``stop`` or ``length``."""

    token_ids: tuple[int, ...]
    text: str
    logprobs: tuple[float, ...]
    finish_reason: str


def sample(
    policy: Policy,
    conversations: Sequence[Sequence[Message]],
    *,
    view: View,
    temperature: float,
    max_tokens: int,
    seed: int,
) -> list[Sampled]:
    """One response to each conversation, in order; temperature 0 is greedy.

    Processes of one run divide the conversations, and each returns all responses; where the weights are divided, they
    sample all together.
    """
    prompts = [policy.encode_chat(messages) for messages in conversations]
    order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
    own = order if policy.is_sharded else order[ranks.rank() :: ranks.world()]
    found: dict[int, Sampled] = {}
    with torch.inference_mode(), policy.sampling_as(view):
        for start in range(0, len(own), BATCH):
            part = own[start : start + BATCH]
            seeds = [seed_for(seed, index, "response") for index in part]
            decoding = _Decoding(policy, [prompts[index] for index in part], temperature, seeds, max_tokens)
            found |= dict(zip(part, decoding.run(), strict=True))
    everywhere = {index: response for of_process in ranks.gathered(found) for index, response in of_process.items()}
    return [everywhere[index] for index in range(len(prompts))]


class _Decoding:
    """One batch in flight: prompts padded at the front, a cache, and the rows that are still running."""

    def __init__(
        self, policy: Policy, prompts: list[list[int]], temperature: float, seeds: Sequence[int], max_tokens: int
    ) -> None:
        self._policy, self._temperature, self._max_tokens = policy, temperature, max_tokens
        self._draw_BT = torch.stack([_draws(seed, max_tokens) for seed in seeds]).to(policy.device)
        self._cache = growing_cache()
        self._ids: list[list[int]] = [[] for _ in prompts]
        self._logprobs: list[list[float]] = [[] for _ in prompts]
        self._running = list(range(len(prompts)))
        width = max(len(prompt) for prompt in prompts)
        self._next_BT = torch.tensor([[0] * (width - len(p)) + p for p in prompts], device=policy.device)
        self._mask_BT = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=policy.device)
        self._position_BT = (self._mask_BT.cumsum(1) - 1).clamp(min=0)

    def run(self) -> list[Sampled]:
        for token in range(self._max_tokens):
            hidden_BTD = self._policy.hidden_cached(self._next_BT, self._mask_BT, self._position_BT, self._cache)
            self._take(self._policy.log_probs(hidden_BTD[:, -1]), self._draw_BT[self._running, token])
            self._drop_finished()
            if not self._running:
                break
        return [self._finish(row) for row in range(len(self._ids))]

    def _take(self, log_p_BV: Tensor, draw_B: Tensor) -> None:
        chosen_B = choose(log_p_BV, draw_B, self._temperature)
        if self._policy.is_sharded:
            ranks.first_ones(chosen_B)
        picked = log_p_BV.gather(1, chosen_B[:, None]).squeeze(1).tolist()
        for row, token, logprob in zip(self._running, chosen_B.tolist(), picked, strict=True):
            if not self._has_ended(row):
                self._ids[row].append(token)
                self._logprobs[row].append(logprob)
        self._next_BT = chosen_B[:, None]
        self._mask_BT = torch.cat([self._mask_BT, self._mask_BT.new_ones(len(chosen_B), 1)], dim=1)
        self._position_BT = self._position_BT[:, -1:] + 1

    def _drop_finished(self) -> None:
        kept = [place for place, row in enumerate(self._running) if not self._has_ended(row)]
        if len(kept) > (1 - DROP_SHARE) * len(self._running):
            return
        index = torch.tensor(kept, dtype=torch.long, device=self._next_BT.device)
        self._running = [self._running[place] for place in kept]
        self._next_BT, self._mask_BT = self._next_BT[index], self._mask_BT[index]
        self._position_BT = self._position_BT[index]
        if kept:
            self._cache.batch_select_indices(index)

    def _has_ended(self, row: int) -> bool:
        return bool(self._ids[row]) and self._ids[row][-1] in self._policy.end_ids

    def _finish(self, row: int) -> Sampled:
        reason = "stop" if self._has_ended(row) else "length"
        return Sampled(tuple(self._ids[row]), self._policy.decode(self._ids[row]), tuple(self._logprobs[row]), reason)


def _draws(seed: int, count: int) -> Tensor:
    """Uniform in [0, 1), drawn on the CPU, so that they are the same on every device."""
    return torch.rand(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def choose(log_p_BV: Tensor, draw_B: Tensor, temperature: float) -> Tensor:
    """The token ``[B]`` at which the distribution function first exceeds each draw; at temperature 0 the likeliest.

    Worked: probabilities (0.5, 0.25, 0.25) and draws (0.5, 0.76) choose the tokens 1 and 2.
    """
    if temperature == 0:
        return log_p_BV.argmax(1)
    cumulated_BV = torch.softmax(log_p_BV / temperature, dim=1).double().cumsum(1)
    return torch.searchsorted(cumulated_BV, draw_B[:, None] * cumulated_BV[:, -1:], right=True).squeeze(1)
