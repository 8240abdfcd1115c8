"""Which source of episodes a recipe asks for."""

from pathlib import Path

from backend.recipes import Recipe
from worker.training.feedback import Data, Source
from worker.training.live import LiveSource
from worker.training.policy import Policy
from worker.training.recording import Recorder
from worker.training.stored import StoredSource


def source_for(recipe: Recipe, data: Data, policy: Policy, recorder: Recorder, folder: Path) -> Source:
    """The source that the recipe asks for; ``folder`` keeps what was sampled once.

    Raises:
        NothingToLearnError: the data hold nothing for it.
    """
    if recipe.feedback.attempts == "live":
        return LiveSource(recipe, data, policy, recorder)
    return StoredSource(recipe, data, policy, recorder, folder)
