"""Episodes from the policy itself: it answers afresh, the verifier critiques, a redraft follows."""

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
)
from worker.training.policy import Policy
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
        self._prompts = data.train_prompts
        self._repeats = recipe.sampling.attempts_per_prompt
        self._turns = Turns(
            [range(self._repeats)] * len(data.train_prompts), recipe, per_step=recipe.optimiser.pairs_per_step
        )
        self.usage = Usage()

    def prepare(self) -> None:
        """Nothing is sampled ahead."""

    def episodes(self, step: int) -> list[Episode]:
        """The episodes of a step."""
        prompts = [self._prompts[place] for place in self._turns.at(step) for _ in range(self._repeats)]
        attempts = self._sample([contexts.student(prompt.messages) for prompt in prompts], step, "attempt")
        critiques = [verdict(self._recipe, p, a).critique for p, a in zip(prompts, attempts, strict=True)]
        reads = [
            redraft_context(self._recipe, prompt, attempt, critique, number=number)
            for number, (prompt, attempt, critique) in enumerate(zip(prompts, attempts, critiques, strict=True))
        ]
        redrafts = self._sample(reads, step, "redraft")
        pairs = [
            SampledPair(
                prompt_id=prompt.id, revision_id=None, attempt=attempt,
                critique=critique_read(self._recipe, critique, number=number),
                attempt_reward=verdict(self._recipe, prompt, attempt).rating, redraft=redraft,
                redraft_reward=verdict(self._recipe, prompt, redraft).rating,
            )
            for number, (prompt, attempt, critique, redraft) in enumerate(
                zip(prompts, attempts, critiques, redrafts, strict=True)
            )
        ]  # fmt: skip
        self._recorder.pairs(step, pairs)
        episodes = [
            Episode(
                prompt.id, prompt.messages, turn(attempt, pair.attempt_reward), tuple(read),
                turn(pair.redraft, pair.redraft_reward),
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
