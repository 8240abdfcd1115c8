"""The work that both sides of the training benchmark do, and the form of what they report.

Standard library only: the product's environment and the baseline's both import it.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Self

Mode = Literal["sampled_token", "topk_logits", "full_logits"]
Teacher = Literal["base", "live", "ema"]

MODES: tuple[Mode, ...] = ("sampled_token", "topk_logits", "full_logits")
PROMPTS = Path(__file__).parents[2] / "examples" / "prompts.jsonl"
CRITIQUE = "The answer is too long. Answer in one short sentence of at most 12 words."


@dataclass(frozen=True)
class Work:
    """One self-distillation step, in every detail that changes its result or its cost.

    ``model`` is the folder of a base model. A step draws ``rollouts_per_prompt`` answers of at most ``tokens`` tokens
    to each of its prompts. ``divergence_alpha`` is TRL's: 1 reverse KL, 0 forward KL, between them Jensen-Shannon.
    """

    model: str
    prompts: tuple[str, ...]
    critique: str = CRITIQUE
    dtype: Literal["float32", "bfloat16"] = "float32"
    threads: int = 2
    seed: int = 0
    rollouts: int = 16
    rollouts_per_prompt: int = 8
    tokens: int = 96
    exact_length: bool = False
    temperature: float = 1.0
    rank: int = 16
    alpha: int = 32
    teacher: Teacher = "base"
    divergence_alpha: float = 1.0
    top_k: int = 100
    tail: bool = False
    learning_rate: float = 1e-4
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    max_gradient_norm: float = 1.0

    def __post_init__(self) -> None:
        if self.rollouts % self.rollouts_per_prompt or len(self.prompts) < self.prompts_per_step:
            raise ValueError(
                f"{self.rollouts} rollouts need whole groups of {self.rollouts_per_prompt}, and a prompt for each."
            )

    @property
    def prompts_per_step(self) -> int:
        """Prompts that one step answers; step n takes the n-th such part of ``prompts``, in order, over and over."""
        return self.rollouts // self.rollouts_per_prompt

    def teacher_text(self, prompt: str) -> str:
        """The user turn that the teacher reads in the prompt's place: the prompt, a blank line, the critique."""
        return f"{prompt}\n\n{self.critique}"

    def write(self, file: Path) -> None:
        """Writes the work as JSON."""
        file.write_text(json.dumps(asdict(self), indent=1))

    @classmethod
    def read(cls, file: Path) -> Self:
        """Reads what ``write`` wrote. Raises ``TypeError`` on an unknown or missing field."""
        return cls._of(json.loads(file.read_text()))

    @classmethod
    def _of(cls, found: dict[str, object]) -> Self:
        work = cls(**found)  # type: ignore[arg-type]
        return replace(work, prompts=tuple(work.prompts))


def example_prompts(count: int, file: Path = PROMPTS) -> tuple[str, ...]:
    """The first ``count`` training prompts of the examples that are one question."""
    rows = (json.loads(line) for line in file.read_text().splitlines())
    return tuple(row["prompt"] for row in rows if row["split"] == "train" and "prompt" in row)[:count]


@dataclass(frozen=True)
class Rollout:
    """One answer and the two prompts it is scored under, as token ids; the end token belongs to the answer."""

    student_prompt_ids: list[int]
    teacher_prompt_ids: list[int]
    attempt_ids: list[int]


@dataclass(frozen=True)
class Frozen:
    """A folder with one step's rollouts (``rollouts.json``) and the adapter that training starts from (PEFT's form)."""

    work: Work
    rollouts: list[Rollout]

    @property
    def trained_tokens(self) -> int:
        """Tokens that carry a loss: all of every attempt."""
        return sum(len(rollout.attempt_ids) for rollout in self.rollouts)

    def write(self, folder: Path) -> None:
        """Writes the rollouts beside the adapter."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rollouts.json").write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Reads what ``write`` wrote."""
        found = json.loads((folder / "rollouts.json").read_text())
        return cls(work=Work._of(found["work"]), rollouts=[Rollout(**one) for one in found["rollouts"]])  # noqa: SLF001


def watched(layers: int) -> tuple[str, str]:
    """The two LoRA matrices whose gradients are compared, without the prefix and the adapter's name."""
    return ("layers.0.self_attn.q_proj.lora_B", f"layers.{layers - 1}.mlp.down_proj.lora_A")


@dataclass(frozen=True)
class Scored:
    """What a side says of the frozen rollouts: one loss and one adapter gradient norm (before clipping) a step.

    ``gradients`` is a safetensors file with ``<step>.<matrix>`` for every step and ``watched`` matrix.
    """

    side: str
    mode: Mode
    losses: list[float]
    gradient_norms: list[float]
    trained_tokens: int
    gradients: str


@dataclass(frozen=True)
class Timed:
    """One process's steps, generation included: seconds and trained tokens of each, and the process's memory in bytes.

    ``cpu_seconds`` counts all threads and hardly feels what else the machine does. ``loaded_bytes`` is what was
    resident before the first step, ``peak_bytes`` the most that ever was.
    """

    side: str
    mode: Mode
    seconds: list[float]
    cpu_seconds: list[float]
    generation_seconds: list[float]
    tokens: list[int]
    loaded_bytes: int
    peak_bytes: int


def as_json(result: Scored | Timed) -> str:
    """One line for standard output."""
    return json.dumps(asdict(result))


def from_json(line: str) -> Scored | Timed:
    """What ``as_json`` made into a line. Raises ``TypeError`` when it is neither kind of result."""
    found = json.loads(line)
    return Scored(**found) if "losses" in found else Timed(**found)


def resident_bytes(field: Literal["VmRSS", "VmHWM"]) -> int:
    """This process's resident memory now (``VmRSS``) or at its highest (``VmHWM``), from Linux's own account.

    Not ``ru_maxrss``: Linux lets a child inherit it from the process that started it.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(f"{field}:")))
