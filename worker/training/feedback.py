"""What a run learns from, and in which order: the parts that every source of episodes shares."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch

from backend import contexts
from backend.contexts import Message
from backend.recipes import Recipe
from backend.verifiers import VERIFIERS, Verdict
from worker.objective.advantages import is_right
from worker.objective.types import Episode, Turn, Written
from worker.training.policy import Policy
from worker.training.probes import Prompt
from worker.training.sampler import Sampled
from worker.training.seeds import seed_for
from worker.training.usage import Usage


class NothingToLearnError(Exception):
    """The snapshot holds nothing that this recipe can learn from; the message says what to do."""


class StoppedWhilePreparingError(Exception):
    """Somebody asked for the run to stop before its first step; what was sampled so far is kept."""


@dataclass(frozen=True)
class Item:
    """One critique of a snapshot with what it is about. ``redraft_reward`` is None where nobody judged a redraft."""

    revision_id: int
    prompt: Prompt
    attempt: Sampled
    critique: str
    rating: float | None
    redraft: Sampled | None = None
    redraft_reward: float | None = None
    edit: str | None = None


@dataclass(frozen=True)
class Data:
    """What a run learns from, and the prompts its guards look at; ``rules`` are the project's."""

    items: tuple[Item, ...]
    train_prompts: tuple[Prompt, ...]
    probe_prompts: tuple[Prompt, ...]
    rules: tuple[str, ...] = ()


class Source(Protocol):
    """Where a step's episodes come from; the same step always gives the same ones."""

    usage: Usage

    def prepare(self) -> None:
        """Whatever has to be sampled once, before the first step."""
        ...

    def episodes(self, step: int) -> list[Episode]:
        """The episodes of a step, all of a prompt's together."""
        ...


def in_turn(sizes: Sequence[int], *, per_step: int, seed: int) -> Iterator[list[int]]:
    """Endless steps, each as places of whole groups: shuffled anew each time round, at least ``per_step`` members.

    What is left when a round ends opens the next round's first step; no group is twice in a step.
    """
    wanted = min(per_step, sum(sizes))
    step: list[int] = []
    round_ = 0
    while True:
        generator = torch.Generator().manual_seed(seed_for(seed, round_, "order"))
        for place in torch.randperm(len(sizes), generator=generator).tolist():
            if place not in step:
                step.append(place)
            if sum(sizes[chosen] for chosen in step) >= wanted:
                yield step
                step = []
        round_ += 1


class Turns:
    """Which groups are whose turn at a step, for a run that may begin anywhere."""

    def __init__(self, groups: Sequence[Sequence[int]], recipe: Recipe, *, per_step: int) -> None:
        self._steps = in_turn([len(group) for group in groups], per_step=per_step, seed=recipe.seed)
        self._known: list[list[int]] = []

    def at(self, step: int) -> list[int]:
        """The places of the groups of a step, counted from 1."""
        while len(self._known) < step:
            self._known.append(next(self._steps))
        return self._known[step - 1]


def redraft_context(recipe: Recipe, prompt: Prompt, attempt: Sampled, critique: str) -> tuple[Message, ...]:
    """What a redraft is written under: the critique as it is read, or a plain second try; nothing without either."""
    if recipe.feedback.control == "no_critique":
        return tuple(contexts.second_try(prompt.messages, attempt.text))
    return tuple(contexts.redraft(prompt.messages, attempt.text, critique)) if critique.strip() else ()


def critique_read(
    recipe: Recipe, critiques: Sequence[str], prompts: Sequence[Prompt], place: int, *, reward: float
) -> str:
    """The critique of one of several attempts at prompts, as the recipe's control lets it be read.

    Raises:
        NothingToLearnError: critiques are to be shuffled, and none is of an answer to another prompt.
    """
    match recipe.feedback.control:
        case "none":
            return critiques[place]
        case "foreign":
            return contexts.foreign_critique(place)
        case "shuffled":
            return _of_another(critiques, prompts, place)
        case "correctness":
            return contexts.verdict(right=is_right(reward))
        case "no_critique":
            return ""


def _of_another(critiques: Sequence[str], prompts: Sequence[Prompt], place: int) -> str:
    """The next critique of an answer to another prompt, beginning half way round."""
    count = len(critiques)
    for step in range(count):
        other = (place + count // 2 + step) % count
        if critiques[other].strip() and prompts[other].id != prompts[place].id:
            return critiques[other]
    raise NothingToLearnError("Critiques cannot be shuffled: all are of answers to one prompt.")


def verdict(recipe: Recipe, prompt: Prompt, answer: Sampled) -> Verdict:
    """What the recipe's verifier says of an answer."""
    verifier = VERIFIERS[recipe.feedback.verifier or ""]
    return verifier.verify(contexts.question(prompt.messages), answer.text, answer.finish_reason)


def turn(sampled: Sampled, reward: float) -> Turn:
    """A response as the objective sees it."""
    return Turn(sampled.token_ids, sampled.text, reward, sampled.logprobs)


def written(policy: Policy, text: str | None) -> Written | None:
    """What somebody wrote, as the objective sees it; None where it says nothing."""
    said = (text or "").strip()
    return Written(said, policy.encode_answer(said)) if said else None


def by_prompt(items: Sequence[Item]) -> list[list[int]]:
    """The places of items, those of one prompt together, in order of appearance."""
    groups: dict[int, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        groups[item.prompt.id].append(place)
    return list(groups.values())
