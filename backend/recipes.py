"""A run's typed configuration: the method and the parts every method shares, with vetted defaults.

A recipe that cannot work is refused here, with the cure in the message; what a recipe needs from a project is said by
``missing`` and ``warnings``. The New-run form is built from this module's JSON schema, so every field speaks.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Author = Literal["annotator", "verifier", "judge"]


class Part(BaseModel):
    """Part of a recipe: unknown keys are refused, nothing changes after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class RltfSd(Part):
    """RLTF self-distillation: learn to write the redraft at first, with no critique in view.

    Song et al., "Expanding the Capabilities of Reinforcement Learning via Text Feedback", 2026. Every token of a
    redraft is weighted by the redraft's reward minus a baseline and scored under the original prompt.
    """

    model_config = ConfigDict(title="RLTF-SD")

    name: Literal["rltf-sd"] = "rltf-sd"
    baseline: Literal["first_turn_mean", "same_turn_mean", "none"] = Field(
        "first_turn_mean",
        title="Baseline",
        description=(
            "What is subtracted from a redraft's reward: the mean reward of the first attempts at the same prompt, "
            "the mean of the redrafts at the same prompt, or nothing."
        ),
    )
    log_prob_floor: float | None = Field(
        -5.0,
        title="Log-prob floor",
        description="Tokens less likely than this (natural logarithm) are left out. Empty: no floor.",
        ge=-100,
        lt=0,
    )
    floor_applies_to: Literal["negative", "all"] = Field(
        "negative",
        title="Floor applies to",
        description=(
            "Only tokens that are pushed down (a push down has no bound), or all tokens. A floor on all also hides "
            "the rare tokens that a critique asks for."
        ),
    )
    normaliser: Literal["tokens", "sequences"] = Field(
        "tokens",
        title="Normaliser",
        description="Divide each term by its tokens in the step, or by its sequences (a long answer weighs more).",
    )
    turns_coefficient: float = Field(
        0.0,
        title="Policy gradient on the two turns",
        description="Weight of an additional policy gradient on attempt and redraft as sampled. Needs live sampling.",
        ge=0,
        le=10,
    )
    gamma: float = Field(
        0.1,
        title="Discount",
        description="How much the redraft's reward counts for the first attempt in the policy gradient on two turns.",
        ge=0,
        le=1,
    )
    drift_coefficient: float = Field(
        0.0,
        title="Drift penalty",
        description="Weight of the divergence from the checkpoint that the run started from.",
        ge=0,
        le=10,
    )


class Sft(Part):
    """Supervised fine-tuning on edits: learn to write what people corrected the answer to."""

    model_config = ConfigDict(title="Fine-tuning on edits")

    name: Literal["sft"] = "sft"
    drift_coefficient: float = Field(
        0.0,
        title="Drift penalty",
        description="Weight of the divergence from the checkpoint that the run started from.",
        ge=0,
        le=10,
    )


class Feedback(Part):
    """Where attempts, critiques and redrafts come from."""

    attempts: Literal["stored", "live"] = Field(
        "stored",
        title="Attempts",
        description=(
            "Stored: the attempts and critiques that were collected. Live: the policy answers afresh in every step "
            "and the verifier critiques it."
        ),
    )
    redrafts: Literal["recorded", "start", "live"] = Field(
        "recorded",
        title="Redrafts",
        description=(
            "Recorded: the redraft kept with its critique; one that is missing is sampled from the start checkpoint. "
            "Start: all are sampled from the start checkpoint. Live: sampled in every step by the policy in training."
        ),
    )
    control: Literal["none", "foreign", "no_critique"] = Field(
        "none",
        title="Control",
        description=(
            "Is it the words that help? Foreign: the same run with critiques of other rules. No critique: the redraft "
            "is a plain second try."
        ),
    )
    verifier: Literal["concise"] | None = Field(
        "concise",
        title="Verifier",
        description="Rates (and in live runs critiques) what is sampled during the run. Empty: only recorded ratings.",
    )
    authors: tuple[Author, ...] = Field(
        ("annotator", "verifier", "judge"),
        title="Authors",
        description="Whose critiques are used: people, code, models.",
        min_length=1,
        max_length=3,
    )


class Sampling(Part):
    """How responses are sampled during the run."""

    attempt_temperature: float = Field(
        1.0, title="Attempt temperature", description="For live first attempts.", gt=0, le=2
    )
    redraft_temperature: float = Field(
        0.7, title="Redraft temperature", description="For redrafts sampled in the run.", gt=0, le=2
    )
    probe_temperature: float = Field(
        0.7, title="Probe temperature", description="For the answers the guards look at; 0 is greedy.", ge=0, le=2
    )
    max_tokens: int = Field(96, title="Longest response", description="In tokens; longer ones are cut.", ge=4, le=8192)
    attempts_per_prompt: int = Field(
        1, title="Attempts per prompt", description="In live runs: first attempts at one prompt in a step.", ge=1, le=64
    )


class Adapter(Part):
    """The low-rank adapter that is trained; the base model's weights never change."""

    rank: int = Field(
        16, title="Rank", description="Size of the adapter; a run from an adapter keeps its rank.", ge=1, le=256
    )
    alpha: int = Field(32, title="Alpha", description="The adapter's scale is alpha divided by rank.", ge=1, le=1024)
    layers: Literal["all_linear", "attention"] = Field(
        "all_linear", title="Layers", description="Which linear layers get an adapter."
    )


class Optimiser(Part):
    """AdamW on the adapter."""

    steps: int = Field(12, title="Steps", description="Updates at most; a guard may stop earlier.", ge=1, le=100_000)
    pairs_per_step: int = Field(
        16, title="Pairs per step", description="Critiqued attempts (or edits) in one update.", ge=1, le=4096
    )
    learning_rate: float = Field(2e-4, title="Learning rate", description="Of AdamW.", gt=0, le=0.1)
    warmup_steps: int = Field(
        0, title="Warm-up steps", description="The rate rises linearly over them.", ge=0, le=10_000
    )
    schedule: Literal["constant", "linear"] = Field(
        "constant", title="Schedule", description="The rate after the warm-up: constant, or falling to 0 at the end."
    )
    weight_decay: float = Field(0.0, title="Weight decay", description="Of AdamW.", ge=0, le=1)
    max_grad_norm: float = Field(
        1.0, title="Gradient limit", description="A longer gradient is scaled down to this length.", gt=0, le=1000
    )
    micro_batch_tokens: int = Field(
        1024,
        title="Micro-batch tokens",
        description="Tokens held in memory at once; changes memory and speed, never the result.",
        ge=16,
        le=1_000_000,
    )


class Guards(Part):
    """Stop rules, watched on the probe prompts. The best healthy checkpoint is kept."""

    enabled: bool = Field(True, title="Enabled", description="Off: nothing stops the run, the last step is kept.")
    every: int = Field(4, title="Every", description="Steps between two looks at the probe prompts.", ge=1, le=1000)
    probe_prompts: int = Field(
        24,
        title="Probe prompts",
        description="Prompts of the probe split to answer at each look, at most.",
        ge=4,
        le=1000,
    )
    max_drift: float = Field(
        2.0,
        title="Most drift",
        description="Divergence from the start checkpoint per token (nats), on the policy's own answers.",
        gt=0,
        le=100,
    )
    min_length_ratio: float = Field(
        0.06, title="Least length", description="Mean answer length against that before training.", ge=0, le=1
    )
    max_length_ratio: float = Field(
        3.0, title="Most length", description="Mean answer length against that before training.", ge=1, le=100
    )
    max_repetition: float = Field(
        0.25, title="Most repetition", description="Share of word triples an answer has said before, mean.", ge=0, le=1
    )
    max_entropy_change: float = Field(
        0.8, title="Most entropy change", description="Change of the policy's entropy, relative to before.", gt=0, le=10
    )
    max_on_topic_drop: float = Field(
        0.25, title="Most loss of topic", description="Fall of the on-topic score from before training.", ge=0, le=1
    )
    patience: int = Field(
        3, title="Patience", description="Looks without a better probe score before the run stops.", ge=1, le=1000
    )


Method = Annotated[RltfSd | Sft, Field(discriminator="name")]


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
    seed: int = Field(0, title="Seed", description="Of every random choice in the run.", ge=0, lt=2**31)

    @model_validator(mode="after")
    def _refuse_what_cannot_work(self) -> Self:
        problems = [*_source_problems(self.feedback), *_method_problems(self)]
        if problems:
            raise ValueError(" ".join(problems))
        return self


def _source_problems(feedback: Feedback) -> list[str]:
    problems = []
    if len(set(feedback.authors)) < len(feedback.authors):
        problems.append("feedback.authors names one kind twice; name each once.")
    if feedback.attempts == "live" and feedback.redrafts == "recorded":
        problems.append("Live attempts have no recorded redraft; set feedback.redrafts to 'start' or 'live'.")
    if feedback.control != "none" and feedback.redrafts == "recorded":
        problems.append(
            "A control needs fresh redrafts, for the recorded ones were written under the real critique; "
            "set feedback.redrafts to 'start' or 'live'."
        )
    if feedback.verifier is None and (feedback.attempts, feedback.redrafts) != ("stored", "recorded"):
        problems.append("What is sampled in the run must be rated; set feedback.verifier to 'concise'.")
    return problems


def _method_problems(recipe: Recipe) -> list[str]:
    method, feedback, sampling = recipe.method, recipe.feedback, recipe.sampling
    sources = (feedback.attempts, feedback.redrafts)
    problems = []
    if isinstance(method, Sft):
        if (*sources, feedback.control) != ("stored", "recorded", "none"):
            problems.append(
                "Fine-tuning on edits samples nothing; set feedback.attempts to 'stored', feedback.redrafts to "
                "'recorded' and feedback.control to 'none'."
            )
        return problems
    exact = (sampling.attempt_temperature, sampling.redraft_temperature) == (1.0, 1.0)
    if method.turns_coefficient > 0 and not (sources == ("live", "live") and exact):
        problems.append(
            "The policy gradient on two turns needs what the policy itself just sampled at temperature 1; set "
            "feedback.attempts and feedback.redrafts to 'live' and both temperatures to 1, or turns_coefficient to 0."
        )
    if feedback.attempts == "live" and recipe.optimiser.pairs_per_step % sampling.attempts_per_prompt:
        problems.append("optimiser.pairs_per_step must be a multiple of sampling.attempts_per_prompt.")
    return problems


@dataclass(frozen=True)
class Supply:
    """What a project holds for a recipe: counts over the usable critiques of the recipe's authors on train prompts."""

    train_prompts: int
    probe_prompts: int
    critiques: int
    rated_critiques: int
    recorded_redrafts: int
    edits: int
    mean_response_tokens: float  # of what is learned: the recorded redraft, or the attempt where there is none


FEWEST_PROBE_PROMPTS = 4


def missing(recipe: Recipe, supply: Supply) -> list[str]:
    """What the project lacks for the recipe, a sentence each; a run with any of it is refused."""
    lacks = []
    if recipe.guards.enabled and supply.probe_prompts < FEWEST_PROBE_PROMPTS:
        lacks.append(
            f"The guards need at least {FEWEST_PROBE_PROMPTS} prompts in the probe split; there are "
            f"{supply.probe_prompts}. Import some, or switch the guards off."
        )
    if isinstance(recipe.method, Sft):
        if not supply.edits:
            lacks.append("There is no edited answer to learn from. Edit answers in Annotate first.")
    elif recipe.feedback.attempts == "live":
        if not supply.train_prompts:
            lacks.append("There is no prompt in the train split. Import prompts first.")
    elif not supply.critiques:
        lacks.append("There is no usable critique. Critique answers in Annotate, or run a verifier, first.")
    elif recipe.feedback.verifier is None and not supply.recorded_redrafts:
        lacks.append("No redraft has been judged. Judge redrafts in Annotate, or choose a verifier.")
    return lacks


def warnings(recipe: Recipe, supply: Supply) -> list[str]:
    """What to know before a launch, a sentence each; none of it stops a run."""
    if isinstance(recipe.method, Sft):
        return []
    notes = []
    if not recipe.guards.enabled:
        notes.append("The guards are off: a run that collapses goes on to its last step.")
    if recipe.feedback.attempts == "stored":
        notes += _stored_warnings(recipe, supply)
    if recipe.method.baseline == "same_turn_mean" and supply.critiques <= supply.train_prompts:
        notes.append("With one redraft per prompt its mean is itself: the same-turn baseline leaves nothing to learn.")
    if recipe.feedback.redrafts == "live" and recipe.method.drift_coefficient == 0:
        notes.append("A policy that learns from its own live redrafts can drift off; watch on_topic, or set a penalty.")
    return notes


def _stored_warnings(recipe: Recipe, supply: Supply) -> list[str]:
    notes = []
    unjudged = supply.critiques - supply.recorded_redrafts
    if recipe.feedback.redrafts == "recorded" and unjudged > 0:
        fate = (
            "they are left out"
            if recipe.feedback.verifier is None
            else f"theirs are sampled from the start checkpoint and rated by the verifier '{recipe.feedback.verifier}'"
        )
        notes.append(f"{unjudged} of {supply.critiques} critiques have no judged redraft; {fate}.")
    if supply.rated_critiques < supply.critiques:
        count = supply.critiques - supply.rated_critiques
        notes.append(f"{count} critiques have no rating of the attempt; they count as 0.5.")
    return notes


@dataclass(frozen=True)
class Machine:
    """How fast and how large: tokens per second trained, sampled and scored, bytes at rest and per token in flight."""

    trained_per_second: float
    sampled_per_second: float
    scored_per_second: float
    resident_bytes: int
    bytes_per_token: int


# Measured with SmolLM2-135M-Instruct in float32 on one core with AVX2.
ONE_CORE = Machine(85.0, 90.0, 200.0, 1_200_000_000, 2_300_000)
PROMPT_TOKENS = 40
# A look scores the first 32 tokens of each answer under four prompts.
SCORED_TOKENS = 4 * 32


@dataclass(frozen=True)
class Forecast:
    """What a run is expected to take; ``tokens`` are those trained on, sampled and scored."""

    steps: int
    seconds: float
    peak_memory_bytes: int
    tokens: int


def forecast(recipe: Recipe, supply: Supply, *, machine: Machine = ONE_CORE) -> Forecast:
    """A rough estimate from counts and the machine's speed; an early stop makes it shorter."""
    steps, pairs = recipe.optimiser.steps, recipe.optimiser.pairs_per_step
    length = min(supply.mean_response_tokens or recipe.sampling.max_tokens, recipe.sampling.max_tokens)
    probes = _probe_answers(recipe, supply)
    trained = steps * pairs * (length + PROMPT_TOKENS)
    sampled = (_sampled_responses(recipe, supply) + probes) * length
    scored = probes * SCORED_TOKENS
    return Forecast(
        steps=steps,
        seconds=trained / machine.trained_per_second
        + sampled / machine.sampled_per_second
        + scored / machine.scored_per_second,
        peak_memory_bytes=machine.resident_bytes + machine.bytes_per_token * recipe.optimiser.micro_batch_tokens,
        tokens=round(trained + sampled + scored),
    )


def _probe_answers(recipe: Recipe, supply: Supply) -> int:
    """How many answers the guards look at in all."""
    if not recipe.guards.enabled:
        return 0
    looks = 1 + -(-recipe.optimiser.steps // recipe.guards.every)
    return looks * min(recipe.guards.probe_prompts, supply.probe_prompts)


def _sampled_responses(recipe: Recipe, supply: Supply) -> int:
    """How many responses are sampled to learn from."""
    pairs, feedback = recipe.optimiser.steps * recipe.optimiser.pairs_per_step, recipe.feedback
    if isinstance(recipe.method, Sft):
        return 0
    if feedback.attempts == "live":
        return 2 * pairs
    counts = {"recorded": supply.critiques - supply.recorded_redrafts, "start": supply.critiques, "live": pairs}
    return counts[feedback.redrafts]


@dataclass(frozen=True)
class Preset:
    """A vetted recipe with what it is for and what it needs."""

    name: str
    title: str
    summary: str
    needs: list[str]
    recipe: Recipe


PRESETS: list[Preset] = [
    Preset(
        name="rltf-sd",
        title="Learn from critiques",
        summary="Writes at first what it used to write only after a critique. Trains on what was collected.",
        needs=["critiques"],
        recipe=Recipe(),
    ),
    Preset(
        name="rltf-sd-no-critique",
        title="Control: second try without critique",
        summary="The same run with the critique left out, to see whether it is the words that help.",
        needs=["critiques"],
        recipe=Recipe(feedback=Feedback(redrafts="start", control="no_critique")),
    ),
    Preset(
        name="rltf-sd-foreign",
        title="Control: foreign critiques",
        summary="The same run with critiques of other rules. With a rating in the loss this control is not flat.",
        needs=["critiques"],
        recipe=Recipe(feedback=Feedback(redrafts="start", control="foreign")),
    ),
    Preset(
        name="rltf-sd-live",
        title="Learn live from a verifier",
        summary="The policy answers afresh in every step and the verifier critiques it; pulled back to where it began.",
        needs=["prompts"],
        recipe=Recipe(method=RltfSd(drift_coefficient=0.2), feedback=Feedback(attempts="live", redrafts="start")),
    ),
    Preset(
        name="sft",
        title="Learn from edits",
        summary="Learns the corrected answers word for word.",
        needs=["edits"],
        recipe=Recipe(method=Sft()),
    ),
]
