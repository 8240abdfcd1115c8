"""The rows of the table: which method learns from which critiques."""

import math
from dataclasses import dataclass
from typing import Literal

from backend.recipes import PRESETS, Recipe
from backend.recipes.parts import Control

TRAINED_TOKENS = 12_000
FEWEST_STEPS, MOST_STEPS = 2, 40


@dataclass(frozen=True)
class Arm:
    """One row: ``method`` names a preset, or what is done instead of training."""

    name: str
    method: str
    control: Control = "none"

    @property
    def trains(self) -> bool:
        """Whether weights change."""
        return self.method not in {"base", "in-context"}


METHODS = ("sft", "rft", "grpo", "rltf-sd", "rltf-fm", "rltf", "sdpo", "opsd", "trd")
CONTROLS: tuple[Control, ...] = ("shuffled", "foreign", "correctness", "no_critique")

ARMS = {
    arm.name: arm
    for arm in (
        Arm("base", "base"),
        Arm("in-context", "in-context"),
        *(Arm(method, method) for method in METHODS),
        *(Arm(f"rltf-sd {control}", "rltf-sd", control) for control in CONTROLS),
        *(Arm(f"sdpo {control}", "sdpo", control) for control in CONTROLS[:3]),
    )
}


def recipe(arm: Arm, seed: int, *, steps: int = FEWEST_STEPS) -> Recipe:
    """The preset of the arm on stored feedback, without a reward from anywhere else."""
    preset = next(preset.recipe for preset in PRESETS if preset.name == arm.method)
    feedback = preset.feedback.model_copy(update={"attempts": "stored", "redrafts": "recorded", "verifier": None})
    sampling = preset.sampling.model_copy(update={"attempts_per_prompt": 1})
    optimiser = preset.optimiser.model_copy(update={"steps": steps})
    parts = {"feedback": feedback, "sampling": sampling, "optimiser": optimiser, "seed": seed}
    return Recipe.model_validate(preset.model_copy(update=parts).model_dump())


def steps_for(tokens_of_a_step: int) -> int:
    """How many steps spend the budget of trained tokens that all arms have.

    >>> steps_for(1500)
    8
    """
    return min(MOST_STEPS, max(FEWEST_STEPS, math.ceil(TRAINED_TOKENS / max(tokens_of_a_step, 1))))


Ending = Literal["trained", "no signal", "no healthy checkpoint"]
