"""Episodes from the policy itself: it answers afresh, the verifier critiques, a redraft follows if one is learned."""

from collections.abc import Sequence
from dataclasses import replace

from backend import contexts
from backend.contexts import Message
from backend.recipes import Recipe
from worker.objective.types import Episode
from worker.training.feedback import (
    Data,
    NothingToLearnError,
    Turns,
    critique_read,
    redraft_context,
    turn,
    verdict,
    written,
)
from worker.training.policy import Policy
from worker.training.probes import Prompt
from worker.training.recording import Recorder, SampledPair
from worker.training.sampler import Sampled, sample
from worker.training.seeds import seed_for
from worker.training.usage import Usage


class LiveSource:
    """The policy answers afresh in every step, the verifier critiques it, and a redraft follows."""

    def __init__(self, recipe: Recipe, data: Data, policy: Policy, recorder: Recorder) -> None:
        if not data.train_prompts:
            raise NothingToLearnError("There is no prompt in the train split. Import prompts first.")
        self._recipe, self._policy, self._recorder = recipe, policy, recorder
        needs_reference = frozenset({"reference"}) in recipe.method.needs
        self._prompts = tuple(prompt for prompt in data.train_prompts if prompt.reference or not needs_reference)
        if not self._prompts:
            raise NothingToLearnError("No train prompt has a reference answer. Import prompts with references first.")
        self._rules = data.rules
        self._repeats = recipe.sampling.attempts_per_prompt
        self._turns = Turns(
            [range(self._repeats)] * len(self._prompts), recipe, per_step=recipe.optimiser.pairs_per_step
        )
        self.usage = Usage()

    def prepare(self) -> None:
        """Nothing is sampled ahead."""

    def episodes(self, step: int) -> list[Episode]:
        """The episodes of a step."""
        prompts = [self._prompts[place] for place in self._turns.at(step) for _ in range(self._repeats)]
        attempts = self._sample([contexts.student(prompt.messages) for prompt in prompts], step, "attempt")
        found = [verdict(self._recipe, prompt, attempt) for prompt, attempt in zip(prompts, attempts, strict=True)]
        critiques = [one.critique for one in found]
        pairs = [
            SampledPair(
                prompt_id=prompt.id, revision_id=None, attempt=attempt,
                critique=critique_read(self._recipe, critiques, prompts, place, reward=found[place].rating),
                attempt_reward=found[place].rating, redraft=None, redraft_reward=0.0,
            )
            for place, (prompt, attempt) in enumerate(zip(prompts, attempts, strict=True))
        ]  # fmt: skip
        reads = [
            redraft_context(self._recipe, prompt, attempt, pair.critique)
            for prompt, attempt, pair in zip(prompts, attempts, pairs, strict=True)
        ]
        if self._recipe.uses_redrafts:
            pairs = self._redrafted(prompts, pairs, reads, step)
        self._recorder.pairs(step, pairs)
        episodes = [
            self._episode(prompt, attempt, read, pair)
            for prompt, attempt, read, pair in zip(prompts, attempts, reads, pairs, strict=True)
        ]
        self.usage.count(episodes, live=True, sampled=[True] * len(episodes))
        return episodes

    def _redrafted(
        self, prompts: Sequence[Prompt], pairs: Sequence[SampledPair], reads: Sequence[Sequence[Message]], step: int
    ) -> list[SampledPair]:
        """The pairs with a redraft each; one that nothing is said of is asked for a plain second try."""
        asked = [
            read or contexts.second_try(prompt.messages, pair.attempt.text if pair.attempt else "")
            for prompt, pair, read in zip(prompts, pairs, reads, strict=True)
        ]
        redrafts = self._sample(asked, step, "redraft")
        return [
            replace(pair, redraft=redraft, redraft_reward=verdict(self._recipe, prompt, redraft).rating)
            for prompt, pair, redraft in zip(prompts, pairs, redrafts, strict=True)
        ]

    def _episode(self, prompt: Prompt, attempt: Sampled, read: tuple[Message, ...], pair: SampledPair) -> Episode:
        return Episode(
            group=prompt.id,
            prompt=prompt.messages,
            attempt=turn(attempt, pair.attempt_reward),
            redraft_context=read,
            redraft=None if pair.redraft is None else turn(pair.redraft, pair.redraft_reward),
            critique=written(self._policy, pair.critique),
            reference=prompt.reference,
            rules=self._rules,
        )

    def _sample(self, conversations: Sequence[Sequence[Message]], step: int, purpose: str) -> list[Sampled]:
        is_attempt = purpose == "attempt"
        settings = self._recipe.sampling
        from_start = not is_attempt and self._recipe.feedback.redrafts == "start"
        return sample(
            self._policy, conversations, view="start" if from_start else "student",
            temperature=settings.attempt_temperature if is_attempt else settings.redraft_temperature,
            max_tokens=settings.max_tokens, seed=seed_for(self._recipe.seed, step, purpose),
        )  # fmt: skip
