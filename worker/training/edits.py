"""Episodes from edits: answers as people corrected them."""

from backend.recipes import Recipe
from worker.objective.types import Episode
from worker.training.feedback import UNRATED, Data, NothingToLearnError, Turns, by_prompt, turn
from worker.training.policy import Policy
from worker.training.usage import Usage


class EditSource:
    """Every edit of the snapshot in turn; nothing is sampled."""

    def __init__(self, recipe: Recipe, data: Data, policy: Policy) -> None:
        items = [item for item in data.items if (item.edit or "").strip()]
        if not items:
            raise NothingToLearnError("There is no edited answer to learn from. Edit answers in Annotate first.")
        self._episodes = [
            Episode(
                group=item.prompt.id,
                prompt=item.prompt.messages,
                attempt=turn(item.attempt, UNRATED if item.rating is None else item.rating),
                edit=policy.encode_answer((item.edit or "").strip()),
            )
            for item in items
        ]
        self._groups = by_prompt(items)
        self._turns = Turns(self._groups, recipe, per_step=recipe.optimiser.pairs_per_step)
        self.usage = Usage()

    def prepare(self) -> None:
        """Nothing is sampled ahead."""

    def episodes(self, step: int) -> list[Episode]:
        """The episodes of a step."""
        found = [self._episodes[place] for group in self._turns.at(step) for place in self._groups[group]]
        self.usage.stored_attempts += len(found)
        self.usage.edits += len(found)
        return found
