"""The whole recipe, and what cannot work: each problem a sentence with its cure."""

from typing import Literal, Self

from pydantic import Field, model_validator

from backend.recipes.methods import (
    AnyOf,
    Fact,
    Grpo,
    Matching,
    Method,
    MethodPart,
    RltfFm,
    RltfSd,
    Sdpo,
    SdZero,
    TwoTurns,
    any_of,
)
from backend.recipes.parts import Adapter, Feedback, Guards, Optimiser, Part, Sampling


class Recipe(Part):
    """Everything that decides what a run learns."""

    method: Method = Field(default_factory=RltfSd, title="Method", description="The training algorithm.")
    feedback: Feedback = Field(
        default_factory=Feedback, title="Feedback", description="Where attempts, critiques and redrafts come from."
    )
    sampling: Sampling = Field(
        default_factory=Sampling, title="Sampling", description="How responses are sampled during the run."
    )
    adapter: Adapter = Field(default_factory=Adapter, title="Adapter", description="What is trained.")
    optimiser: Optimiser = Field(default_factory=Optimiser, title="Optimiser", description="How it is trained.")
    guards: Guards = Field(default_factory=Guards, title="Guards", description="When a run stops by itself.")
    processes: int = Field(
        1,
        title="Processes",
        description=(
            "Divide every step among so many processes, on a machine with accelerators one each. Changes speed, never "
            "the result."
        ),
        ge=1,
        le=64,
    )
    sharding: Literal["none", "fsdp2"] = Field(
        "none",
        title="Sharding",
        description=(
            "None: every process holds the whole base model. FSDP2: they divide it among them, for one that does not "
            "fit one device; slower."
        ),
    )
    seed: int = Field(0, title="Seed", description="Of every random choice in the run.", ge=0, lt=2**31)

    @model_validator(mode="after")
    def _refuse_what_cannot_work(self) -> Self:
        problems = [*_process_problems(self), *_source_problems(self), *_turn_problems(self), *_matching_problems(self)]
        if problems:
            raise ValueError(" ".join(problems))
        return self

    @property
    def uses_redrafts(self) -> bool:
        """Whether a redraft of the attempt is part of what is learned."""
        return needs(self.method, "redraft") or two_turns(self.method)

    @property
    def answers_recur(self) -> bool:
        """Whether every epoch learns from the same answers: none is sampled by the policy in training."""
        live_redrafts = self.uses_redrafts and self.feedback.redrafts == "live"
        return self.feedback.attempts == "stored" and not live_redrafts

    @property
    def needs(self) -> tuple[AnyOf, ...]:
        """What an attempt must come with, each as alternatives: the method's needs, and those of its redrafts."""
        redraft = (any_of("critique"), any_of("redraft")) if self.uses_redrafts else ()
        return tuple(dict.fromkeys((*self.method.needs, *redraft)))

    @property
    def uses_critiques(self) -> bool:
        """Whether a critique of the attempt is read by somebody."""
        return needs(self.method, "critique") or self.uses_redrafts


def needs(method: MethodPart, fact: Fact) -> bool:
    """Whether the method cannot do without a fact, or takes it as one of several."""
    return any(fact in alternatives for alternatives in method.needs)


def two_turns(method: MethodPart) -> bool:
    """Whether the method learns attempt and redraft as two turns of a conversation."""
    return (isinstance(method, Grpo) and method.turns == 2) or turns_coefficient(method) > 0


def turns_coefficient(method: MethodPart) -> float:
    """The weight of the additional policy gradient on both turns; 0 for methods without one."""
    return method.turns_coefficient if isinstance(method, TwoTurns) else 0.0


def _process_problems(recipe: Recipe) -> list[str]:
    if recipe.sharding != "none" and recipe.processes == 1:
        return [
            "One process has nobody to divide the base model with; set processes to 2 or more, or sharding to 'none'."
        ]
    return []


def _source_problems(recipe: Recipe) -> list[str]:
    feedback, problems = recipe.feedback, []
    if len(set(feedback.authors)) < len(feedback.authors):
        problems.append("feedback.authors names one kind twice; name each once.")
    if recipe.uses_redrafts and feedback.redrafts == "recorded":
        if feedback.attempts == "live":
            problems.append("Live attempts have no recorded redraft; set feedback.redrafts to 'start' or 'live'.")
        if feedback.control != "none":
            problems.append(
                "A control needs fresh redrafts, for the recorded ones were written under the real critique; "
                "set feedback.redrafts to 'start' or 'live'."
            )
    if feedback.control == "no_critique" and isinstance(recipe.method, RltfFm):
        problems.append("Learning to critique needs critiques; choose another control than 'no_critique'.")
    if feedback.control != "none" and isinstance(recipe.method, Sdpo) and recipe.method.peers:
        problems.append("A right answer would be shown instead of the control's critique; set method.peers to false.")
    if feedback.control != "none" and not recipe.uses_critiques:
        problems.append(
            "This method reads no critique, so there is nothing to control; set feedback.control to 'none'."
        )
    sampled = recipe.uses_redrafts and feedback.redrafts != "recorded"
    if feedback.verifier is None and (feedback.attempts == "live" or sampled):
        problems.append("What is sampled in the run must be rated; set feedback.verifier to 'concise'.")
    if feedback.attempts == "live" and recipe.optimiser.pairs_per_step % recipe.sampling.attempts_per_prompt:
        problems.append("optimiser.pairs_per_step must be a multiple of sampling.attempts_per_prompt.")
    return problems


def _turn_problems(recipe: Recipe) -> list[str]:
    return [*_ratio_problems(recipe), *_two_turn_problems(recipe)]


def _ratio_problems(recipe: Recipe) -> list[str]:
    """A ratio is between log-probs at temperature 1; what was sampled at another is not told by it."""
    if not isinstance(recipe.method, Grpo) or recipe.feedback.attempts == "stored":
        return []
    sampling = recipe.sampling
    temperatures = [sampling.attempt_temperature, *([sampling.redraft_temperature] if recipe.method.turns == 2 else [])]
    if all(temperature == 1 for temperature in temperatures):
        return []
    return [
        "A policy gradient on live answers needs them sampled at temperature 1; set the sampling temperatures to 1."
    ]


def _two_turn_problems(recipe: Recipe) -> list[str]:
    if turns_coefficient(recipe.method) == 0:
        return []
    sampling = recipe.sampling
    if sampling.attempts_per_prompt == 1:
        return ["The policy gradient on two turns compares attempts at one prompt; set attempts_per_prompt above 1."]
    exact = (sampling.attempt_temperature, sampling.redraft_temperature) == (1.0, 1.0)
    if (recipe.feedback.attempts, recipe.feedback.redrafts) == ("live", "live") and exact:
        return []
    cure = (
        "set feedback.attempts and feedback.redrafts to 'live' and both temperatures to 1, or turns_coefficient to 0."
    )
    return [f"The policy gradient on two turns needs what the policy itself just sampled at temperature 1; {cure}"]


def _matching_problems(recipe: Recipe) -> list[str]:
    if not isinstance(recipe.method, Matching):
        return []
    found, problems = recipe.method.divergence, []
    if found.support == "sampled" and (found.name != "reverse_kl" or isinstance(recipe.method, SdZero)):
        problems.append(
            "The written token alone estimates the reverse KL only; set divergence.name to 'reverse_kl', or choose "
            "another support."
        )
    if found.support == "sampled" and recipe.method.correction.kind == "differentiable":
        problems.append("A sampled divergence differentiates the ratio itself; choose another correction.")
    if found.support == "sampled" and found.entry_limit is not None:
        problems.append("A sampled divergence has no entries to limit; leave divergence.entry_limit empty.")
    return problems
