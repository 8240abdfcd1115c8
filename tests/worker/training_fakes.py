"""Stand-ins at the edge of the training loop: a recorder that keeps everything, a scorer that scores by length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.contexts import Message
from worker.training.feedback import Data, Item
from worker.training.policy import Policy
from worker.training.probes import Prompt
from worker.training.recording import ProbeAnswer, SampledPair, StopRequest
from worker.training.sampler import Sampled

QUESTIONS = ("What is a lung?", "Why is the sky blue?", "What is the answer?", "Who is lazy?", "What is Gras?", "Why?")


@dataclass
class KeepingRecorder:
    """Keeps what is reported; asks to stop once ``stop_at`` steps are done."""

    stop_at: int | None = None
    request: StopRequest = "cancel"
    done: int = 0
    numbers: dict[tuple[int, str], float] = field(default_factory=dict)
    probes: dict[int, list[ProbeAnswer]] = field(default_factory=dict)
    sampled: dict[int, list[SampledPair]] = field(default_factory=dict)
    events: list[tuple[int, str, str]] = field(default_factory=list)
    saves: list[int] = field(default_factory=list)

    def stop_requested(self) -> StopRequest | None:
        return self.request if self.stop_at is not None and self.done >= self.stop_at else None

    def step_done(self, step: int) -> None:
        self.done = step

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            if not name.startswith("time/"):
                assert (step, name) not in self.numbers, f"{name} of step {step} was reported twice"
                self.numbers[step, name] = value

    def probe(self, step: int, answers: Sequence[ProbeAnswer]) -> None:
        self.probes[step] = list(answers)

    def pairs(self, step: int, pairs: Sequence[SampledPair]) -> None:
        self.sampled.setdefault(step, []).extend(pairs)

    def event(self, step: int, kind: str, message: str) -> None:
        self.events.append((step, kind, message))

    def saved(self, step: int, folder: Path) -> None:
        assert (folder / "adapter_model.safetensors").is_file()
        self.saves.append(step)

    def series(self, name: str) -> list[float]:
        return [value for (_, found), value in sorted(self.numbers.items()) if found == name]


class KilledError(Exception):
    """Stands for a SIGKILL."""


@dataclass
class KillingRecorder(KeepingRecorder):
    """Dies in the middle of a step, after it was computed and before it was saved."""

    kill_at: int = 0

    def step_done(self, step: int) -> None:
        super().step_done(step)
        if step == self.kill_at:
            raise KilledError


class LengthScorer:
    """Scores an answer by how short it is; ``on_topic`` is always 1 unless told otherwise."""

    def __init__(self, on_topic: Sequence[float] = ()) -> None:
        self._on_topic = list(on_topic)

    def score(self, _prompts: Sequence[Sequence[Message]], answers: Sequence[Sampled]) -> dict[str, list[float]]:
        topic = self._on_topic.pop(0) if self._on_topic else 1.0
        return {
            "concise": [1.0 / (1 + len(answer.token_ids)) for answer in answers],
            "on_topic": [topic] * len(answers),
        }


def prompt(number: int) -> Prompt:
    return Prompt(number, ({"role": "user", "content": QUESTIONS[number % len(QUESTIONS)]},))


def sampled(policy: Policy, text: str) -> Sampled:
    ids = policy.encode_answer(text)
    return Sampled(ids, text, (-8.0,) * len(ids), "stop")


def item(
    policy: Policy, number: int, *, rating: float | None = 0.0, reward: float | None = 1.0, edit: str | None = None
) -> Item:
    return Item(
        revision_id=100 + number,
        prompt=prompt(number),
        attempt=sampled(policy, "A lung is an organ with which animals breathe air and it is an organ. " * 2),
        critique="Too many words; write one short sentence.",
        rating=rating,
        redraft=None if reward is None else sampled(policy, "A lung is an organ."),
        redraft_reward=reward,
        edit=edit,
    )


def data(policy: Policy, items: Sequence[Item] | None = None) -> Data:
    made = [item(policy, number) for number in range(6)] if items is None else items
    return Data(tuple(made), tuple(prompt(n) for n in range(6)), tuple(prompt(n + 50) for n in range(4)))
