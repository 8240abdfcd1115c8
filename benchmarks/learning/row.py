"""One row of the table: one arm, one kind of critique, one seed; trains, answers the held-out prompts, writes a file.

``python -m benchmarks.learning.row --kind shared --arm rltf-sd --seed 1 --model DIR --folder DIR``
"""

import argparse
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from backend import contexts
from backend.contexts import Message
from backend.recipes import Recipe
from benchmarks.learning.arms import ARMS, Arm, Ending, recipe, steps_for
from benchmarks.learning.collecting import MAX_TOKENS, collected
from benchmarks.learning.kinds import KINDS, Kind
from worker.objective.methods import METHODS
from worker.training.feedback import Data, Item
from worker.training.loop import Training
from worker.training.policy import Policy
from worker.training.probes import Prompt
from worker.training.probes import measure as measure_policy
from worker.training.recording import ProbeAnswer, SampledPair, StopRequest
from worker.training.sampler import Sampled, sample
from worker.training.scoring import InProcessScorer
from worker.training.sources import source_for

PROBES = 24


@dataclass(frozen=True)
class Row:
    """What a row says. ``right`` and ``on_topic`` hold one score per held-out prompt; ``drift`` is in nats a token."""

    kind: str
    arm: str
    seed: int
    ending: Ending
    right: list[float]
    on_topic: list[float]
    length: float
    drift: float
    seconds: float
    steps: int = 0
    best_step: int = 0
    redrafts_right: float = 0.0
    answers: tuple[str, ...] = ()


class Quiet:
    """Takes what a run reports and prints what happened."""

    def stop_requested(self) -> StopRequest | None:
        """Nobody stops a row."""
        return None

    def step_done(self, step: int) -> None:
        """Progress is not shown."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Only looks are shown."""
        if "probe/right" in values:
            print(f"  step {step}: " + " ".join(f"{name} {value:.2f}" for name, value in values.items()), flush=True)

    def probe(self, step: int, answers: Sequence[ProbeAnswer]) -> None:
        """Answers to probes are not kept."""

    def pairs(self, step: int, pairs: Sequence[SampledPair]) -> None:
        """Nothing is sampled in a row."""

    def event(self, step: int, kind: str, message: str) -> None:
        """Shown."""
        print(f"  {step} {kind}: {message}", flush=True)

    def saved(self, step: int, folder: Path) -> None:
        """States are the run's own."""


class KindScorer:
    """``right`` by the kind's own rule, and ``on_topic``."""

    def __init__(self, kind: Kind, policy: Policy) -> None:
        self._kind, self._scorer = kind, InProcessScorer(policy)

    def score(self, prompts: Sequence[Sequence[Message]], answers: Sequence[Sampled]) -> dict[str, list[float]]:
        """One list per score."""
        right = [
            self._kind.verify(Prompt(0, tuple(prompt)), answer.text, answer.finish_reason).rating
            for prompt, answer in zip(prompts, answers, strict=True)
        ]
        return {"right": right, "on_topic": self._scorer.score(prompts, answers)["on_topic"]}


def measure(kind: Kind, arm: Arm, seed: int, model: Path, folder: Path) -> Row:
    """Collect (or read) the feedback, train, answer."""
    policy = Policy.load(model, seed=seed)
    started = time.monotonic()
    ending: Ending = "trained"
    steps = best_step = 0
    redrafts_right = 0.0
    if arm.trains:
        items = collected(policy, kind, seed, arm.control, folder)
        redrafts_right = sum(item.redraft_reward or 0.0 for item in items) / len(items)
        data = Data(tuple(_as_learned(arm, item) for item in items), (), tuple(kind.prompts("probe")[:PROBES]))
        started = time.monotonic()
        ending, steps, best_step = _train(policy, kind, arm, seed, data, folder / "states" / f"{arm.name}-{seed}")
    answers = _answers(policy, kind, arm)
    asked = [contexts.student(prompt.messages) for prompt in kind.prompts("eval")]
    scores = KindScorer(kind, policy).score(asked, answers)
    return Row(
        kind.name, arm.name, seed, ending, scores["right"], scores["on_topic"],
        length=sum(len(answer.token_ids) for answer in answers) / len(answers),
        drift=measure_policy(policy, asked[:8], answers[:8]).drift,
        seconds=time.monotonic() - started, steps=steps, best_step=best_step, redrafts_right=redrafts_right,
        answers=tuple(answer.text for answer in answers[:4]),
    )  # fmt: skip


def _as_learned(arm: Arm, item: Item) -> Item:
    """For ``sft`` every redraft is an edit, right or wrong: what words teach where nobody rates."""
    return replace(item, edit=item.redraft.text if item.redraft else None) if arm.method == "sft" else item


def _train(policy: Policy, kind: Kind, arm: Arm, seed: int, data: Data, folder: Path) -> tuple[Ending, int, int]:
    """Train for the budget and load the best checkpoint; how it ended, steps taken, the step of the best."""
    shutil.rmtree(folder, ignore_errors=True)
    made = recipe(arm, seed, steps=steps_for(_tokens_of_a_step(policy, recipe(arm, seed), data, folder)))
    outcome = Training(policy, made, data, KindScorer(kind, policy), Quiet(), folder).run()
    if outcome.folder is None or outcome.best_step is None:
        no_signal = outcome.stop_reason is not None and outcome.stop_reason.startswith("No answer")
        policy.load_student(folder / "step_0")
        return ("no signal" if no_signal else "no healthy checkpoint"), outcome.step, 0
    policy.load_student(outcome.folder)
    shutil.rmtree(folder)
    return "trained", outcome.step, outcome.best_step


def _tokens_of_a_step(policy: Policy, made: Recipe, data: Data, folder: Path) -> int:
    episodes = source_for(made, data, policy, Quiet(), folder).episodes(1)
    return sum(len(example.response_T) for example in METHODS[made.method.name](episodes, made.method).examples)


def _answers(policy: Policy, kind: Kind, arm: Arm) -> list[Sampled]:
    """Greedy answers to the held-out prompts; in context, the second one after a critique of the first."""
    prompts = kind.prompts("eval")
    found = _greedy(policy, [contexts.student(prompt.messages) for prompt in prompts])
    if arm.method != "in-context":
        return found
    critiques = [
        kind.verify(prompt, answer.text, answer.finish_reason).critique
        for prompt, answer in zip(prompts, found, strict=True)
    ]
    reads = [
        contexts.redraft(prompt.messages, answer.text, critique)
        for prompt, answer, critique in zip(prompts, found, critiques, strict=True)
    ]
    return _greedy(policy, reads)


def _greedy(policy: Policy, asked: Sequence[Sequence[Message]]) -> list[Sampled]:
    return sample(policy, asked, view="student", temperature=0.0, max_tokens=MAX_TOKENS, seed=0)


def main() -> None:
    """Measure one row and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=KINDS, required=True)
    parser.add_argument("--arm", choices=ARMS, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    row = measure(KINDS[given.kind], ARMS[given.arm], given.seed, given.model, given.folder)
    file = row_file(given.folder, given.kind, given.arm, given.seed)
    scratch = file.with_suffix(".part")
    scratch.write_text(json.dumps(asdict(row), ensure_ascii=False, indent=1))
    scratch.rename(file)


def row_file(folder: Path, kind: str, arm: str, seed: int) -> Path:
    """Where a finished row is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{kind}-{arm.replace(' ', '-')}-{seed}.row.json"


if __name__ == "__main__":
    main()
