"""The probe scores of a run, computed in process with the frozen base model."""

from collections.abc import Sequence

import torch

from backend.contexts import Message
from backend.suites import SUITE_SCORERS
from worker.evaluation.scorers import COMPARED_PROMPTS, SCORERS, Answer, Pair
from worker.training.policy import Policy, View
from worker.training.prefixes import BasePrefixes
from worker.training.sampler import Sampled

SCORED_TOKENS_AT_ONCE = 2048


class InProcessScorer:
    """``concise`` and ``on_topic`` of probe answers; with too few prompts to compare, ``on_topic`` is left out."""

    def __init__(self, policy: Policy) -> None:
        self._base = FrozenBase(policy)

    def score(self, prompts: Sequence[Sequence[Message]], answers: Sequence[Sampled]) -> dict[str, list[float]]:
        """One list per score, in the order of the answers."""
        asked = [
            Answer(tuple(map(dict, prompt)), answer.text, answer.token_ids, answer.finish_reason)
            for prompt, answer in zip(prompts, answers, strict=True)
        ]
        names = [name for name in SUITE_SCORERS if name != "on_topic" or len(asked) > COMPARED_PROMPTS]
        return {name: SCORERS[name].score(asked, self._base) for name in names}


class FrozenBase:
    """Log-probs of answers under the base model without any adapter; prompts that come again are not computed again."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._prefixes = BasePrefixes(policy)

    def score(self, pairs: Sequence[Pair]) -> list[list[float]]:
        """The log-prob of each token of each pair's answer."""
        sequences = [(self._policy.encode_chat(pair.messages), pair.answer_token_ids) for pair in pairs]
        return self._prefixes.score(sequences)


def answer_logprobs(
    policy: Policy, sequences: Sequence[tuple[Sequence[int], Sequence[int]]], *, view: View
) -> list[list[float]]:
    """Log-probs (temperature 1) of each answer's tokens after its prompt, both as token ids, in the order given."""
    order = sorted(range(len(sequences)), key=lambda place: sum(map(len, sequences[place])))
    found: dict[int, list[float]] = {}
    with torch.inference_mode(), policy.viewed_as(view):
        for batch in _batches(order, [sum(map(len, sequence)) for sequence in sequences]):
            found |= _score_batch(policy, {place: sequences[place] for place in batch})
    return [found[place] for place in range(len(sequences))]


def _batches(order: Sequence[int], lengths: Sequence[int]) -> list[list[int]]:
    """Places in batches whose padded size stays within the budget; ``order`` is by rising length."""
    batches: list[list[int]] = []
    for place in order:
        if batches and lengths[place] * (len(batches[-1]) + 1) <= SCORED_TOKENS_AT_ONCE:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches


def _score_batch(policy: Policy, batch: dict[int, tuple[Sequence[int], Sequence[int]]]) -> dict[int, list[float]]:
    width = max(len(prompt) + len(answer) for prompt, answer in batch.values())
    rows = [[*prompt, *answer, *[0] * (width - len(prompt) - len(answer))] for prompt, answer in batch.values()]
    hidden_BTD = policy.hidden(torch.tensor(rows))
    scored: dict[int, list[float]] = {}
    for row, (place, (prompt, answer)) in enumerate(batch.items()):
        before = len(prompt) - 1
        log_p_TV = policy.log_probs(hidden_BTD[row, before : before + len(answer)])
        picked = log_p_TV.gather(1, torch.tensor(list(answer), device=policy.device)[:, None])
        scored[place] = [float(value) for value in picked[:, 0]]
    return scored
