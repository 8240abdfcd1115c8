"""The methods a recipe can name, each with its vetted settings and what it needs to know of an attempt."""

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from backend.recipes.parts import Correction, Divergence, Normaliser, Part, Teacher

Fact = Literal["critique", "redraft", "edit", "accepted", "rating", "reference", "rules"]
AnyOf = frozenset[Fact]


def any_of(*facts: Fact) -> AnyOf:
    """One of these is enough."""
    return frozenset(facts)


class MethodPart(Part):
    """What every method says. ``needs`` lists what an attempt must come with, each as alternatives."""

    needs: ClassVar[tuple[AnyOf, ...]] = ()
    # Whether what it learns depends on a reward: then a control with foreign critiques gains too, by chance.
    uses_reward: ClassVar[bool] = True

    normaliser: Normaliser = Field(
        "tokens",
        title="Normaliser",
        description="Divide each term by its tokens in the step, or by its sequences (a long answer weighs more).",
    )
    drift_coefficient: float = Field(
        0.0,
        title="Drift penalty",
        description="Weight of the divergence from the checkpoint that the run started from.",
        ge=0,
        le=10,
    )


class Floored(MethodPart):
    """Tokens too unlikely to be pushed."""

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


class TwoTurns(MethodPart):
    """The policy gradient on both turns, beside what the method is named for."""

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


class Matching(MethodPart):
    """Learning a teacher's whole distribution over the student's own words."""

    uses_reward: ClassVar[bool] = False

    divergence: Divergence = Field(default_factory=Divergence, title="Divergence", description="What is made smaller.")
    teacher: Teacher = Field(default_factory=Teacher, title="Teacher", description="Who reads the added context.")
    correction: Correction = Field(
        default_factory=Correction, title="Off-policy", description="For answers that another policy wrote."
    )
    skip_first: int = Field(
        0,
        title="Skip first tokens",
        description="So many tokens of a response are not learned (they carry the manner of the context).",
        ge=0,
        le=1000,
    )


class RltfSd(Floored, TwoTurns):
    """RLTF self-distillation: learn to write the redraft at first, with no critique in view.

    Song et al., "Expanding the Capabilities of Reinforcement Learning via Text Feedback", 2026. Every token of a
    redraft is weighted by the redraft's reward minus a baseline and scored under the original prompt.
    """

    model_config = ConfigDict(title="RLTF-SD")
    needs: ClassVar = (any_of("critique"), any_of("redraft"))

    name: Literal["rltf-sd"] = "rltf-sd"
    baseline: Literal["first_turn_mean", "same_turn_mean", "none"] = Field(
        "first_turn_mean",
        title="Baseline",
        description=(
            "What is subtracted from a redraft's reward: the mean reward of the first attempts at the same prompt, "
            "the mean of the redrafts at the same prompt, or nothing."
        ),
    )


class RltfFm(TwoTurns):
    """RLTF feedback modelling: learn to write the critique of an attempt, so as to know what is wrong with it.

    Song et al., 2026. Cross-entropy on the critique's tokens after a request to critique the attempt; needs no reward.
    """

    model_config = ConfigDict(title="RLTF-FM")
    needs: ClassVar = (any_of("critique"),)
    uses_reward: ClassVar[bool] = False

    name: Literal["rltf-fm"] = "rltf-fm"


class Rltf(RltfSd):
    """Both parts of RLTF at once, each with its own weight."""

    model_config = ConfigDict(title="RLTF (SD + FM)")

    name: Literal["rltf"] = "rltf"  # type: ignore[assignment]
    critique_coefficient: float = Field(
        0.1, title="Critique weight", description="Weight of learning to write the critiques.", ge=0, le=10
    )


class Sft(MethodPart):
    """Supervised fine-tuning: learn word for word what people corrected the answer to, and answers rated as right."""

    model_config = ConfigDict(title="Fine-tuning on edits")
    needs: ClassVar = (any_of("edit", "accepted"),)

    name: Literal["sft"] = "sft"


class Rft(MethodPart):
    """Rejection-sampling fine-tuning: learn the redrafts that were rated as right, and nothing of the others."""

    model_config = ConfigDict(title="Fine-tuning on right redrafts")
    needs: ClassVar = (any_of("critique"), any_of("redraft"))

    name: Literal["rft"] = "rft"


class Grpo(Floored):
    """Group-relative policy gradient on rated answers: without critiques (one turn), or with the redraft (two turns).

    Shao et al., "DeepSeekMath", 2024. Advantages are centred on their group; they are not divided by its deviation.
    """

    model_config = ConfigDict(title="GRPO")
    needs: ClassVar = (any_of("rating"),)

    name: Literal["grpo"] = "grpo"
    turns: Literal[1, 2] = Field(1, title="Turns", description="Learn the attempt alone, or attempt and redraft.")
    gamma: float = Field(
        0.1, title="Discount", description="How much the redraft's reward counts for the attempt.", ge=0, le=1
    )
    correction: Correction = Field(
        Correction(kind="clipped", low=0.8, high=1.2), title="Off-policy", description="For answers sampled earlier."
    )


class Sdpo(Matching):
    """Self-distillation policy optimisation: the same policy, told what is wrong with the answer, teaches each word.

    Hübotter et al., "Reinforcement Learning via Self-Distillation", 2026. The teacher's context is a right answer to
    the same prompt where there is one (or not: a setting), else the critique of the answer itself. Needs no reward.
    """

    model_config = ConfigDict(title="SDPO")
    needs: ClassVar = (any_of("critique"),)

    name: Literal["sdpo"] = "sdpo"
    peers: bool = Field(
        default=False,
        title="Show right answers",
        description="Where another answer to the same prompt was right, the teacher sees it and not the critique.",
    )
    divergence: Divergence = Field(
        Divergence(name="jensen_shannon", support="student_topk_tail", top_k=100),
        title="Divergence",
        description="What is made smaller.",
    )
    teacher: Teacher = Field(Teacher(weights="ema", rate=0.05), title="Teacher", description="Who reads the critique.")
    correction: Correction = Field(
        Correction(kind="capped", high=2.0), title="Off-policy", description="For answers that another policy wrote."
    )


class Sdft(Matching):
    """Self-distillation fine-tuning: the policy with a good answer as example teaches the policy without it.

    Shenfeld et al., "Self-Distillation Enables Continual Learning", 2026. The example is an edit, or the reference.
    """

    model_config = ConfigDict(title="SDFT")
    needs: ClassVar = (any_of("edit", "reference"),)

    name: Literal["sdft"] = "sdft"
    teacher: Teacher = Field(Teacher(weights="ema", rate=0.02), title="Teacher", description="Who sees the example.")
    correction: Correction = Field(
        Correction(kind="capped", high=2.0), title="Off-policy", description="For answers that another policy wrote."
    )


class Opsd(Matching):
    """On-policy self-distillation: the start checkpoint, shown the reference answer, teaches each word of the attempt.

    Zhao et al., "Self-Distilled Reasoner", 2026.
    """

    model_config = ConfigDict(title="OPSD")
    needs: ClassVar = (any_of("reference"),)

    name: Literal["opsd"] = "opsd"
    divergence: Divergence = Field(
        Divergence(name="forward_kl", entry_limit=1.0), title="Divergence", description="What is made smaller."
    )


class StepAlign(Matching):
    """Step-aligned feedback: the teacher sees the attempt with only its wrong places rewritten (or the critique).

    Kara and Ersoy, "The Role of Feedback Alignment in Self-Distillation", 2026. An edit in place is such a text.
    """

    model_config = ConfigDict(title="Step-aligned feedback")
    needs: ClassVar = (any_of("edit", "critique"),)

    name: Literal["step-align"] = "step-align"
    divergence: Divergence = Field(
        Divergence(name="forward_kl"), title="Divergence", description="What is made smaller."
    )


class SdZero(Matching):
    """Self-distillation from ratings alone: the policy that goes on after "that was wrong" teaches each word.

    He et al., "Self-Distillation Zero", 2026, phase 2: half forward, half reverse KL on the teacher's likeliest tokens.
    Its phase 1 is a run of fine-tuning before it.
    """

    model_config = ConfigDict(title="SD-Zero")
    needs: ClassVar = (any_of("rating"),)
    uses_reward: ClassVar[bool] = True

    name: Literal["sd-zero"] = "sd-zero"
    wrong_only: bool = Field(
        default=True, title="Wrong answers only", description="Right answers are left out: they would teach little."
    )
    divergence: Divergence = Field(
        Divergence(name="forward_kl", support="teacher_topk_renormalised", top_k=64),
        title="Divergence",
        description="Its support; the measure is half forward and half reverse KL.",
    )


class Trd(Matching):
    """Teacher-redraft distillation: along a redraft, learn the whole distribution it was written under. No reward."""

    model_config = ConfigDict(title="Distillation along redrafts")
    needs: ClassVar = (any_of("critique"), any_of("redraft"))

    name: Literal["trd"] = "trd"
    divergence: Divergence = Field(
        Divergence(name="forward_kl"), title="Divergence", description="What is made smaller."
    )


class EditDistil(Matching):
    """Distillation along edits: learn a person's corrected answer, each word as the critiqued policy would weigh it."""

    model_config = ConfigDict(title="Distillation along edits")
    needs: ClassVar = (any_of("edit"), any_of("critique"))

    name: Literal["edit-distil"] = "edit-distil"
    divergence: Divergence = Field(
        Divergence(name="forward_kl"), title="Divergence", description="What is made smaller."
    )


class Rules(Matching):
    """Learn the project's rules: the start checkpoint that reads them teaches the policy that does not."""

    model_config = ConfigDict(title="Project rules")
    needs: ClassVar = (any_of("rules"),)

    name: Literal["rules"] = "rules"
    drift_coefficient: float = Field(
        0.02,
        title="Drift penalty",
        description="Weight of the divergence from the checkpoint that the run started from.",
        ge=0,
        le=10,
    )


Method = Annotated[
    RltfSd | RltfFm | Rltf | Sft | Rft | Grpo | Sdpo | Sdft | Opsd | StepAlign | SdZero | Trd | Rules | EditDistil,
    Field(discriminator="name"),
]
