"""Vetted recipes by name: what the New-run page offers first."""

from dataclasses import dataclass

from backend.recipes.methods import (
    Grpo,
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
from backend.recipes.parts import Feedback, Optimiser, Sampling
from backend.recipes.recipe import Recipe


@dataclass(frozen=True)
class Preset:
    """A vetted recipe with what it is for and what it needs."""

    name: str
    title: str
    summary: str
    needs: list[str]
    recipe: Recipe


# A divergence is pulled by every token at once; its steps are smaller than those of an advantage.
MATCHING = Optimiser(learning_rate=1e-4)
GROUP = Sampling(attempts_per_prompt=4)

PRESETS: list[Preset] = [
    Preset(
        "rltf-sd", "Learn from critiques",
        "Writes at first what it used to write only after a critique. Trains on what was collected.",
        ["critiques"], Recipe(),
    ),
    Preset(
        "rltf-sd-no-critique", "Control: second try without critique",
        "The same run with the critique left out, to see whether it is the words that help.",
        ["critiques"], Recipe(feedback=Feedback(redrafts="start", control="no_critique")),
    ),
    Preset(
        "rltf-sd-foreign", "Control: foreign critiques",
        "The same run with critiques of other rules. With a rating in the loss this control is not flat.",
        ["critiques"], Recipe(feedback=Feedback(redrafts="start", control="foreign")),
    ),
    Preset(
        "rltf-sd-live", "Learn live from a verifier",
        "The policy answers afresh in every step and the verifier critiques it; pulled back to where it began.",
        ["prompts"],
        Recipe(method=RltfSd(drift_coefficient=0.2), feedback=Feedback(attempts="live", redrafts="start")),
    ),
    Preset(
        "rltf-fm", "Learn to critique",
        "Learns to write the critiques, so as to know what is wrong; the answers follow indirectly.",
        ["critiques"], Recipe(method=RltfFm()),
    ),
    Preset(
        "rltf", "Learn redrafts and critiques",
        "Both parts of RLTF at once.",
        ["critiques"], Recipe(method=Rltf()),
    ),
    Preset(
        "trd", "Distil along redrafts",
        "Learns the whole distribution that wrote the redraft, word by word; needs no rating.",
        ["critiques"], Recipe(method=Trd(), optimiser=MATCHING),
    ),
    Preset(
        "sdpo", "Distil critiques into the answer",
        "The policy that reads the critique teaches each word of its own answer; needs no rating and no redraft.",
        ["critiques"], Recipe(method=Sdpo(), optimiser=MATCHING),
    ),
    Preset(
        "step-align", "Distil edits in place",
        "The teacher sees the answer with only its wrong places rewritten.",
        ["edits or critiques"], Recipe(method=StepAlign(), optimiser=MATCHING),
    ),
    Preset(
        "sd-zero", "Distil from ratings alone",
        "The policy that knows its answer was wrong teaches each word; needs ratings only.",
        ["ratings"], Recipe(method=SdZero(), optimiser=MATCHING),
    ),
    Preset(
        "opsd", "Distil reference answers",
        "The start checkpoint that sees the reference teaches each word of the attempt.",
        ["references"], Recipe(method=Opsd(), optimiser=MATCHING),
    ),
    Preset(
        "sdft", "Distil demonstrations",
        "The policy with a good answer as example teaches the policy without it; forgets little.",
        ["edits or references"], Recipe(method=Sdft(), optimiser=MATCHING),
    ),
    Preset(
        "rules", "Distil project rules",
        "The start checkpoint that reads the project's rules teaches the policy that does not.",
        ["rules"], Recipe(method=Rules(), optimiser=MATCHING),
    ),
    Preset(
        "sft", "Learn from edits",
        "Learns the corrected answers word for word.",
        ["edits"], Recipe(method=Sft()),
    ),
    Preset(
        "rft", "Learn right redrafts",
        "Learns the redrafts that were rated as right, and nothing of the others.",
        ["critiques"], Recipe(method=Rft()),
    ),
    Preset(
        "grpo", "Learn from ratings",
        "The policy gradient on rated answers; no critique is read. The baseline of the field.",
        ["prompts"], Recipe(method=Grpo(drift_coefficient=0.05), feedback=Feedback(attempts="live"), sampling=GROUP),
    ),
]  # fmt: skip
