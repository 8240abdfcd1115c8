"""Scoring many answers under few prompts: each prompt is computed once and kept, for the base model never changes."""

from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor
from transformers import DynamicCache

from worker.training.policy import Policy


class BasePrefixes:
    """Log-probs of answers under the base model without any adapter, with what it made of each prompt kept."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._kept: dict[tuple[int, ...], tuple[DynamicCache, Tensor]] = {}

    def score(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[list[float]]:
        """The log-prob of each token of each answer after its prompt (both token ids), in the order given."""
        by_prompt: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for place, (prompt, _) in enumerate(pairs):
            by_prompt[tuple(prompt)].append(place)
        found: dict[int, list[float]] = {}
        with torch.inference_mode(), self._policy.viewed_as("base"):
            for prompt, places in by_prompt.items():
                scored = self._score(prompt, [pairs[place][1] for place in places])
                found |= dict(zip(places, scored, strict=True))
        return [found[place] for place in range(len(pairs))]

    def _score(self, prompt: tuple[int, ...], answers: list[Sequence[int]]) -> list[list[float]]:
        """All answers to one prompt at once, padded at the end; the prompt's last state predicts each first token."""
        prefix, last_1D = self._prefix(prompt)
        width = max(len(answer) for answer in answers)
        ids_BT = torch.tensor([[*answer, *[0] * (width - len(answer))] for answer in answers])
        states_BTD = last_1D.expand(len(answers), 1, -1)
        if width > 1:
            cache = deepcopy(prefix)
            cache.batch_repeat_interleave(len(answers))
            mask_BT = torch.ones(len(answers), len(prompt) + width - 1, dtype=torch.long)
            position_BT = torch.arange(len(prompt), len(prompt) + width - 1)[None].expand(len(answers), -1)
            rest_BTD = self._policy.hidden_cached(ids_BT[:, :-1], mask_BT, position_BT, cache)
            states_BTD = torch.cat([states_BTD, rest_BTD], dim=1)
        states_RD = torch.cat([states_TD[: len(answer)] for states_TD, answer in zip(states_BTD, answers, strict=True)])
        target_R = torch.cat([ids_T[: len(answer)] for ids_T, answer in zip(ids_BT, answers, strict=True)])
        log_p_RV = self._policy.log_probs(states_RD)
        picked_R = log_p_RV.gather(1, target_R[:, None].to(log_p_RV.device)).squeeze(1)
        return [part_R.tolist() for part_R in torch.split(picked_R, [len(answer) for answer in answers])]

    def _prefix(self, prompt: tuple[int, ...]) -> tuple[DynamicCache, Tensor]:
        if prompt not in self._kept:
            cache = DynamicCache()
            position_BT = torch.arange(len(prompt))[None]
            ids_BT = torch.tensor([prompt])
            hidden_BTD = self._policy.hidden_cached(ids_BT, torch.ones_like(ids_BT), position_BT, cache)
            self._kept[prompt] = (cache, hidden_BTD[:, -1])
        return self._kept[prompt]
