"""A run's typed configuration: the method and the parts every method shares, with vetted defaults.

A recipe that cannot work is refused with the cure in the message; what a recipe needs from a project is said by
``missing`` and ``warnings``. The New-run form is built from ``Recipe``'s JSON schema, so every field speaks.
"""

from backend.recipes.forecasts import Forecast, forecast
from backend.recipes.methods import (
    Grpo,
    Matching,
    MethodPart,
    Opsd,
    Rft,
    Rltf,
    RltfFm,
    RltfSd,
    Rules,
    Sdft,
    Sdpo,
    SdZero,
    Sft,
    StepAlign,
    Trd,
)
from backend.recipes.parts import (
    Adapter,
    Correction,
    Divergence,
    Feedback,
    Guards,
    Optimiser,
    Sampling,
    Teacher,
)
from backend.recipes.presets import PRESETS, Preset
from backend.recipes.recipe import Recipe, needs, turns_coefficient, two_turns
from backend.recipes.supply import Supply, is_usable, missing, uses_recorded, warnings

__all__ = [
    "PRESETS",
    "Adapter",
    "Correction",
    "Divergence",
    "Feedback",
    "Forecast",
    "Grpo",
    "Guards",
    "Matching",
    "MethodPart",
    "Opsd",
    "Optimiser",
    "Preset",
    "Recipe",
    "Rft",
    "Rltf",
    "RltfFm",
    "RltfSd",
    "Rules",
    "Sampling",
    "SdZero",
    "Sdft",
    "Sdpo",
    "Sft",
    "StepAlign",
    "Supply",
    "Teacher",
    "Trd",
    "forecast",
    "is_usable",
    "missing",
    "needs",
    "turns_coefficient",
    "two_turns",
    "uses_recorded",
    "warnings",
]
