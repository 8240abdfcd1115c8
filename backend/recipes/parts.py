"""The parts of a recipe that methods share: where feedback comes from, how responses are sampled, what a step is."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Author = Literal["annotator", "verifier", "judge"]
Control = Literal["none", "foreign", "shuffled", "correctness", "no_critique"]
Normaliser = Literal["tokens", "sequences"]


class Part(BaseModel):
    """Part of a recipe: unknown keys are refused, nothing changes after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Divergence(Part):
    """How far the student is from its teacher at one token: the measure, and the part of the vocabulary it is over."""

    name: Literal["forward_kl", "reverse_kl", "jensen_shannon"] = Field(
        "reverse_kl",
        title="Measure",
        description=(
            "Forward KL(teacher, student) covers all that the teacher would write; reverse KL(student, teacher) seeks "
            "what it writes most; Jensen-Shannon lies between and is bounded."
        ),
    )
    mixture: float = Field(
        0.5, title="Mixture", description="Jensen-Shannon only: the teacher's share of the middle.", gt=0, lt=1
    )
    support: Literal[
        "full", "student_topk_tail", "student_topk_renormalised", "teacher_topk_renormalised", "sampled"
    ] = Field(
        "full",
        title="Support",
        description=(
            "The whole vocabulary; the likeliest tokens with the rest as one (tail) or scaled up to 1 (renormalised); "
            "or the written token alone (reverse KL only)."
        ),
    )
    top_k: int = Field(100, title="Top k", description="How many tokens a top-k support holds.", ge=1, le=100_000)
    entry_limit: float | None = Field(
        None,
        title="Entry limit",
        description="No vocabulary entry adds more than this at a token (nats). Empty: no limit.",
        gt=0,
        le=100,
    )
    token_limit: float | None = Field(
        None,
        title="Token limit",
        description="Tokens that are further apart than this (nats) are not learned. Empty: no limit.",
        gt=0,
        le=100,
    )


class Teacher(Part):
    """Whose weights read the teacher's context."""

    weights: Literal["live", "start", "base", "ema", "synchronised", "trust_region"] = Field(
        "start",
        title="Weights",
        description=(
            "The policy itself; the checkpoint the run started from; the base model; a moving average of the policy; "
            "a copy of it made every few steps; or start and policy mixed."
        ),
    )
    rate: float = Field(
        0.05, title="Rate", description="Moving average only: how far it follows the policy in a step.", gt=0, le=1
    )
    every: int = Field(
        10, title="Copied every", description="Synchronised only: steps between copies.", ge=1, le=10_000
    )
    mixture: float = Field(
        0.5, title="Mixture", description="Trust region only: the policy's share of the mixed logits.", ge=0, le=1
    )

    @property
    def is_fixed(self) -> bool:
        """Whether it says the same throughout a run."""
        return self.weights in {"start", "base"}


class Correction(Part):
    """What is done about responses that another policy wrote: the ratio of both policies' probability, per token."""

    kind: Literal["none", "capped", "clipped", "differentiable"] = Field(
        "none",
        title="Correction",
        description=(
            "None: as if the policy had written them. Capped: weighted by the ratio, at most the upper limit. Clipped: "
            "as in PPO. Differentiable: the ratio itself is learned through."
        ),
    )
    low: float = Field(0.8, title="Lower limit", description="Clipped only.", ge=0, le=1)
    high: float = Field(2.0, title="Upper limit", description="Capped and clipped.", ge=1, le=100)


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
    control: Control = Field(
        "none",
        title="Control",
        description=(
            "Is it the words that help? Foreign: the same run with critiques of other rules. Shuffled: with those of "
            "other answers. Correctness: with only right or wrong. No critique: the redraft is a plain second try."
        ),
    )
    verifier: Literal["concise"] | None = Field(
        "concise",
        title="Verifier",
        description="Rates (and in live runs critiques) what is sampled during the run. Empty: only recorded ratings.",
    )
    authors: tuple[Author, ...] = Field(
        ("annotator", "verifier"),
        title="Authors",
        description="Whose critiques and ratings are used: people, code, models. Models only when named here.",
        min_length=1,
        max_length=3,
    )
    reviewed: Literal["any", "accepted"] = Field(
        "any",
        title="Reviewed",
        description=(
            "Any: every submitted critique, reviewed or not; returned ones never. Accepted: only those that a reviewer "
            "accepted or corrected."
        ),
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

    steps: int = Field(8, title="Steps", description="Updates at most; a guard may stop earlier.", ge=1, le=100_000)
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
