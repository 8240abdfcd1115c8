"""Episodes from what was collected: attempts and critiques, with redrafts recorded or sampled."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from backend.contexts import Message
from backend.domain.feedback import attempt_reward
from backend.recipes import Recipe, supply, uses_recorded
from worker.objective.types import Episode, Turn
from worker.training import ranks
from worker.training.feedback import (
    Data,
    Item,
    NothingToLearnError,
    StoppedWhilePreparingError,
    Turns,
    by_prompt,
    critique_read,
    redraft_context,
    turn,
    verdict,
    written,
)
from worker.training.policy import Policy, View
from worker.training.recording import Recorder, SampledPair
from worker.training.sampler import Sampled, sample
from worker.training.seeds import seed_for
from worker.training.usage import Usage

PREPARED = "redrafts.json"
PREPARED_AT_ONCE = 32


@dataclass(frozen=True)
class _Redraft:
    sampled: Sampled
    reward: float


class StoredSource:
    """Attempts and critiques as collected; redrafts recorded, or sampled under the critique (or its control)."""

    def __init__(self, recipe: Recipe, data: Data, policy: Policy, recorder: Recorder, folder: Path) -> None:
        self._recipe, self._policy, self._recorder = recipe, policy, recorder
        self._file = folder / PREPARED
        self._rules = data.rules
        self._items = [item for item in data.items if is_usable(recipe, item, data.rules)]
        if not self._items:
            raise NothingToLearnError("The snapshot holds nothing that this recipe can learn from.")
        self._critiques = [item.critique for item in self._items]
        self._prompts = [item.prompt for item in self._items]
        self._groups = by_prompt(self._items)
        self._turns = Turns(self._groups, recipe, per_step=recipe.optimiser.pairs_per_step)
        self._prepared: dict[int, _Redraft] = {}
        self.usage = Usage()

    def prepare(self) -> None:
        """Sample from the start checkpoint every redraft that is wanted and not recorded; what is done is kept."""
        if not self._recipe.uses_redrafts or self._recipe.feedback.redrafts == "live":
            return
        self._prepared = ranks.same_everywhere(_read(self._file))
        lacking = [
            place
            for place, item in enumerate(self._items)
            if place not in self._prepared and not uses_recorded(self._recipe, item.redraft_reward)
        ]
        for start in range(0, len(lacking), PREPARED_AT_ONCE):
            if self._recorder.stop_requested() is not None:
                raise StoppedWhilePreparingError
            places = lacking[start : start + PREPARED_AT_ONCE]
            self._prepared |= self._sample(places, view="start", step=0)
            if ranks.is_first():
                _write(self._file, self._prepared)
            done = start + len(places)
            message = f"Sampled {done} of {len(lacking)} redrafts from the start checkpoint."
            self._recorder.event(0, "prepared", message)

    def episodes(self, step: int) -> list[Episode]:
        """The episodes of a step."""
        places = [place for group in self._turns.at(step) for place in self._groups[group]]
        if self._recipe.uses_redrafts and self._recipe.feedback.redrafts == "live":
            sampled = self._sample(places, view="student", step=step)
        else:
            sampled = {place: self._prepared[place] for place in places if place in self._prepared}
        episodes = [self._episode(place, sampled.get(place)) for place in places]
        self.usage.count(episodes, live=False, sampled=[place in sampled for place in places])
        return episodes

    def _sample(self, places: Sequence[int], *, view: View, step: int) -> dict[int, _Redraft]:
        """Redrafts of the items with their ratings, reported as they are made."""
        settings = self._recipe.sampling
        redrafts = sample(
            self._policy, [self._context(place) for place in places], view=view,
            temperature=settings.redraft_temperature, max_tokens=settings.max_tokens,
            seed=seed_for(self._recipe.seed, step, f"redraft {places[0]}"),
        )  # fmt: skip
        found = {
            place: _Redraft(redraft, verdict(self._recipe, self._items[place].prompt, redraft).rating)
            for place, redraft in zip(places, redrafts, strict=True)
        }
        self._recorder.pairs(step, [self._pair(place, found[place]) for place in places])
        return found

    def _critique(self, place: int) -> str:
        reward = attempt_reward(self._items[place].rating)
        return critique_read(self._recipe, self._critiques, self._prompts, place, reward=reward)

    def _context(self, place: int) -> tuple[Message, ...]:
        item = self._items[place]
        return redraft_context(self._recipe, item.prompt, item.attempt, self._critique(place))

    def _pair(self, place: int, redraft: _Redraft) -> SampledPair:
        item = self._items[place]
        return SampledPair(
            prompt_id=item.prompt.id, revision_id=item.revision_id, attempt=None, critique=self._critique(place),
            attempt_reward=self._attempt_reward(item, rated_by_verifier=True), redraft=redraft.sampled,
            redraft_reward=redraft.reward,
        )  # fmt: skip

    def _attempt_reward(self, item: Item, *, rated_by_verifier: bool) -> float:
        """r0 on the scale of r1: the verifier's rating where it rates the redraft, else the critique's."""
        if rated_by_verifier:
            return verdict(self._recipe, item.prompt, item.attempt).rating
        return attempt_reward(item.rating)

    def _episode(self, place: int, sampled: _Redraft | None) -> Episode:
        item = self._items[place]
        recorded = _recorded(item) if self._recipe.uses_redrafts else None
        by_verifier = sampled is not None
        return Episode(
            group=item.prompt.id,
            prompt=item.prompt.messages,
            attempt=replace(
                turn(item.attempt, self._attempt_reward(item, rated_by_verifier=by_verifier)),
                is_rated=by_verifier or item.rating is not None,
            ),
            redraft_context=self._context(place),
            redraft=recorded if sampled is None else turn(sampled.sampled, sampled.reward),
            critique=written(self._policy, self._critique(place)),
            edit=written(self._policy, item.edit) if self._recipe.feedback.control == "none" else None,
            reference=item.prompt.reference,
            rules=self._rules,
            rated_by="verifier" if by_verifier else "author",
        )


def is_usable(recipe: Recipe, item: Item, rules: Sequence[str]) -> bool:
    """Whether an item comes with what the method needs."""
    return supply.is_usable(
        recipe, critique=item.critique, rating=item.rating, edit=item.edit, reference=item.prompt.reference,
        redraft_reward=item.redraft_reward, rules=bool(rules),
    )  # fmt: skip


def _recorded(item: Item) -> Turn | None:
    if item.redraft is None or item.redraft_reward is None:
        return None
    return turn(item.redraft, item.redraft_reward)


def _read(file: Path) -> dict[int, _Redraft]:
    if not file.is_file():
        return {}
    rows = json.loads(file.read_text())
    return {
        int(place): _Redraft(
            Sampled(tuple(row["token_ids"]), row["text"], tuple(row["logprobs"]), row["finish_reason"]), reward
        )
        for place, (row, reward) in rows.items()
    }


def _write(file: Path, prepared: dict[int, _Redraft]) -> None:
    """Whole or not at all."""
    scratch = file.with_suffix(".part")
    scratch.parent.mkdir(parents=True, exist_ok=True)
    rows = {place: (asdict(redraft.sampled), redraft.reward) for place, redraft in prepared.items()}
    scratch.write_text(json.dumps(rows))
    scratch.rename(file)
