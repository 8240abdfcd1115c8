"""Episodes for the steps of a run, from what was collected or from the policy and a verifier."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import torch

from backend import contexts
from backend.contexts import Message
from backend.recipes import Recipe, Sft
from backend.verifiers import VERIFIERS
from worker.objective.types import Episode, Turn
from worker.training.policy import Policy, View
from worker.training.probes import Prompt
from worker.training.recording import Recorder, SampledPair
from worker.training.sampler import Sampled, sample
from worker.training.state import seed_for

UNRATED = 0.5
PREPARED = "redrafts.json"
PREPARED_AT_ONCE = 32


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
    """What a run learns from, and the prompts its guards look at."""

    items: tuple[Item, ...]
    train_prompts: tuple[Prompt, ...]
    probe_prompts: tuple[Prompt, ...]


@dataclass
class Usage:
    """How much of what a run learned from, in episodes."""

    stored_attempts: int = 0
    live_attempts: int = 0
    recorded_redrafts: int = 0
    sampled_redrafts: int = 0
    edits: int = 0
    right_redrafts: int = 0

    def count(self, episodes: Sequence[Episode], *, live: bool, sampled: Sequence[bool]) -> None:
        """Add the episodes of one step."""
        self.live_attempts += len(episodes) * live
        self.stored_attempts += len(episodes) * (not live)
        for episode, was_sampled in zip(episodes, sampled, strict=True):
            self.edits += episode.edit is not None
            if episode.redraft is not None:
                self.sampled_redrafts += was_sampled
                self.recorded_redrafts += not was_sampled
                self.right_redrafts += episode.redraft.reward > UNRATED


class Source(Protocol):
    """Where a step's episodes come from; the same step always gives the same ones."""

    usage: Usage

    def prepare(self) -> None:
        """Whatever has to be sampled once, before the first step."""
        ...

    def episodes(self, step: int) -> list[Episode]:
        """The episodes of a step, all of a prompt's together."""
        ...


def source_for(recipe: Recipe, data: Data, policy: Policy, recorder: Recorder, folder: Path) -> Source:
    """The source that the recipe asks for; ``folder`` keeps what was sampled once."""
    if recipe.feedback.attempts == "live":
        return LiveSource(recipe, data, policy, recorder)
    return StoredSource(recipe, data, policy, recorder, folder)


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


class _Turns:
    """Which groups are whose turn at a step, for a run that may begin anywhere."""

    def __init__(self, sizes: Sequence[int], recipe: Recipe, *, per_step: int) -> None:
        self._steps = in_turn(sizes, per_step=per_step, seed=recipe.seed)
        self._known: list[list[int]] = []

    def at(self, step: int) -> list[int]:
        while len(self._known) < step:
            self._known.append(next(self._steps))
        return self._known[step - 1]


class StoredSource:
    """Attempts and critiques as collected; redrafts recorded, or sampled under the critique (or its control)."""

    def __init__(self, recipe: Recipe, data: Data, policy: Policy, recorder: Recorder, folder: Path) -> None:
        self._recipe, self._policy, self._recorder = recipe, policy, recorder
        self._file = folder / PREPARED
        self._items = [item for item in data.items if self._is_usable(item)]
        if not self._items:
            raise NothingToLearnError("The snapshot holds nothing that this recipe can learn from; see its check.")
        self._groups = _by_prompt(self._items)
        self._turns = _Turns([len(group) for group in self._groups], recipe, per_step=recipe.optimiser.pairs_per_step)
        self._prepared: dict[int, tuple[Sampled, float]] = {}
        self.usage = Usage()

    def prepare(self) -> None:
        """Sample from the start checkpoint every redraft that is wanted and not recorded; what is done is kept."""
        if self._recipe.feedback.redrafts == "live" or isinstance(self._recipe.method, Sft):
            return
        self._prepared = _read(self._file)
        lacking = [
            place
            for place, item in enumerate(self._items)
            if place not in self._prepared and not self._uses_recorded(item)
        ]
        for start in range(0, len(lacking), PREPARED_AT_ONCE):
            if self._recorder.stop_requested() is not None:
                raise StoppedWhilePreparingError
            self._prepare_some(lacking[start : start + PREPARED_AT_ONCE], done=start, total=len(lacking))

    def episodes(self, step: int) -> list[Episode]:
        """The episodes of a step."""
        places = [place for group in self._turns.at(step) for place in self._groups[group]]
        found = self._redrafts_for(places, step)
        episodes = [self._episode(place, found.get(place)) for place in places]
        self.usage.count(episodes, live=False, sampled=[place in found for place in places])
        return episodes

    def _is_usable(self, item: Item) -> bool:
        if isinstance(self._recipe.method, Sft):
            return bool((item.edit or "").strip())
        if not item.critique.strip():
            return False
        return self._uses_recorded(item) or self._recipe.feedback.verifier is not None

    def _uses_recorded(self, item: Item) -> bool:
        return self._recipe.feedback.redrafts == "recorded" and item.redraft_reward is not None

    def _prepare_some(self, places: Sequence[int], *, done: int, total: int) -> None:
        found = self._sample_redrafts(places, view="start", step=0)
        self._prepared |= found
        _write(self._file, self._prepared)
        self._recorder.event(
            0, "prepared", f"Sampled {done + len(places)} of {total} redrafts from the start checkpoint."
        )

    def _redrafts_for(self, places: Sequence[int], step: int) -> dict[int, tuple[Sampled, float]]:
        if self._recipe.feedback.redrafts == "live" and not isinstance(self._recipe.method, Sft):
            return self._sample_redrafts(places, view="student", step=step)
        return {place: self._prepared[place] for place in places if place in self._prepared}

    def _sample_redrafts(self, places: Sequence[int], *, view: View, step: int) -> dict[int, tuple[Sampled, float]]:
        """Redrafts of the items with their ratings, reported as they are made."""
        redrafts = sample(
            self._policy, [self._context(place) for place in places], view=view,
            temperature=self._recipe.sampling.redraft_temperature, max_tokens=self._recipe.sampling.max_tokens,
            seed=seed_for(self._recipe.seed, step, f"redraft {places[0]}"),
        )  # fmt: skip
        found = {
            place: (redraft, _rate(self._recipe, self._items[place].prompt, redraft))
            for place, redraft in zip(places, redrafts, strict=True)
        }
        self._recorder.pairs(step, [self._pair(place, *found[place]) for place in places])
        return found

    def _context(self, place: int) -> list[Message]:
        item = self._items[place]
        return redraft_context(self._recipe, item.prompt, item.attempt, item.critique, number=place)

    def _pair(self, place: int, redraft: Sampled, reward: float) -> SampledPair:
        item = self._items[place]
        return SampledPair(
            prompt_id=item.prompt.id, revision_id=item.revision_id, attempt=None,
            critique=_critique_read(self._recipe, item.critique, number=place),
            attempt_reward=self._attempt_reward(item, is_sampled=True), redraft=redraft, redraft_reward=reward,
        )  # fmt: skip

    def _attempt_reward(self, item: Item, *, is_sampled: bool) -> float:
        """r0 on the scale of r1: the verifier's rating where it rates the redraft, else the critique's."""
        if is_sampled:
            return _rate(self._recipe, item.prompt, item.attempt)
        return UNRATED if item.rating is None else item.rating

    def _episode(self, place: int, sampled: tuple[Sampled, float] | None) -> Episode:
        item = self._items[place]
        if isinstance(self._recipe.method, Sft):
            attempt = _turn(item.attempt, self._attempt_reward(item, is_sampled=False))
            edit = self._policy.encode_answer(item.edit or "")
            return Episode(item.prompt.id, item.prompt.messages, attempt, edit=edit)
        redraft, reward = sampled or (item.redraft, item.redraft_reward)
        return Episode(
            group=item.prompt.id,
            prompt=item.prompt.messages,
            attempt=_turn(item.attempt, self._attempt_reward(item, is_sampled=sampled is not None)),
            redraft_context=tuple(self._context(place)),
            redraft=None if redraft is None or reward is None else _turn(redraft, reward),
        )


class LiveSource:
    """The policy answers afresh in every step, the verifier critiques it, and a redraft follows."""

    def __init__(self, recipe: Recipe, data: Data, policy: Policy, recorder: Recorder) -> None:
        if not data.train_prompts:
            raise NothingToLearnError("There is no prompt in the train split. Import prompts first.")
        self._recipe, self._policy, self._recorder = recipe, policy, recorder
        self._prompts = data.train_prompts
        self._repeats = recipe.sampling.attempts_per_prompt
        self._turns = _Turns(
            [self._repeats] * len(data.train_prompts), recipe, per_step=recipe.optimiser.pairs_per_step
        )
        self.usage = Usage()

    def prepare(self) -> None:
        """Nothing is sampled ahead."""

    def episodes(self, step: int) -> list[Episode]:
        """The episodes of a step."""
        prompts = [self._prompts[place] for place in self._turns.at(step) for _ in range(self._repeats)]
        attempts = self._sample([contexts.student(prompt.messages) for prompt in prompts], step, "attempt")
        critiques = [_verdict_text(self._recipe, p, a) for p, a in zip(prompts, attempts, strict=True)]
        reads = [
            redraft_context(self._recipe, prompt, attempt, critique, number=number)
            for number, (prompt, attempt, critique) in enumerate(zip(prompts, attempts, critiques, strict=True))
        ]
        redrafts = self._sample(reads, step, "redraft")
        pairs = [
            SampledPair(
                prompt_id=prompt.id, revision_id=None, attempt=attempt,
                critique=_critique_read(self._recipe, critique, number=number),
                attempt_reward=_rate(self._recipe, prompt, attempt), redraft=redraft,
                redraft_reward=_rate(self._recipe, prompt, redraft),
            )
            for number, (prompt, attempt, critique, redraft) in enumerate(
                zip(prompts, attempts, critiques, redrafts, strict=True)
            )
        ]  # fmt: skip
        self._recorder.pairs(step, pairs)
        episodes = [
            Episode(
                prompt.id, prompt.messages, _turn(attempt, pair.attempt_reward), tuple(read),
                _turn(pair.redraft, pair.redraft_reward),
            )
            for prompt, attempt, read, pair in zip(prompts, attempts, reads, pairs, strict=True)
        ]  # fmt: skip
        self.usage.count(episodes, live=True, sampled=[True] * len(episodes))
        return episodes

    def _sample(self, conversations: list[list[Message]], step: int, purpose: str) -> list[Sampled]:
        is_attempt = purpose == "attempt"
        settings = self._recipe.sampling
        from_start = not is_attempt and self._recipe.feedback.redrafts == "start"
        return sample(
            self._policy, conversations, view="start" if from_start else "student",
            temperature=settings.attempt_temperature if is_attempt else settings.redraft_temperature,
            max_tokens=settings.max_tokens, seed=seed_for(self._recipe.seed, step, purpose),
        )  # fmt: skip


def redraft_context(recipe: Recipe, prompt: Prompt, attempt: Sampled, critique: str, *, number: int) -> list[Message]:
    """What a redraft is written under: the critique, or what the recipe's control puts in its place."""
    if recipe.feedback.control == "no_critique":
        return contexts.second_try(prompt.messages, attempt.text)
    return contexts.redraft(prompt.messages, attempt.text, _critique_read(recipe, critique, number=number))


def _critique_read(recipe: Recipe, critique: str, *, number: int) -> str:
    replaced = {"none": critique, "foreign": contexts.foreign_critique(number), "no_critique": ""}
    return replaced[recipe.feedback.control]


def _rate(recipe: Recipe, prompt: Prompt, answer: Sampled) -> float:
    verifier = VERIFIERS[recipe.feedback.verifier or ""]
    return verifier.verify(contexts.question(prompt.messages), answer.text, answer.finish_reason).rating


def _verdict_text(recipe: Recipe, prompt: Prompt, answer: Sampled) -> str:
    verifier = VERIFIERS[recipe.feedback.verifier or ""]
    return verifier.verify(contexts.question(prompt.messages), answer.text, answer.finish_reason).critique


def _turn(sampled: Sampled, reward: float) -> Turn:
    return Turn(sampled.token_ids, sampled.text, reward)


def _by_prompt(items: Sequence[Item]) -> list[list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        groups[item.prompt.id].append(place)
    return list(groups.values())


def _read(file: Path) -> dict[int, tuple[Sampled, float]]:
    if not file.is_file():
        return {}
    rows = json.loads(file.read_text())
    return {
        int(place): (
            Sampled(tuple(row["token_ids"]), row["text"], tuple(row["logprobs"]), row["finish_reason"]), reward
        )
        for place, (row, reward) in rows.items()
    }  # fmt: skip


def _write(file: Path, prepared: dict[int, tuple[Sampled, float]]) -> None:
    """Whole or not at all."""
    scratch = file.with_suffix(".part")
    scratch.parent.mkdir(parents=True, exist_ok=True)
    scratch.write_text(json.dumps({place: (asdict(sampled), reward) for place, (sampled, reward) in prepared.items()}))
    scratch.rename(file)
