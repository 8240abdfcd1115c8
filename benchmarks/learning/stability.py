"""Does live training hold? The same recipe far beyond the steps that it needs, watched and not stopped.

``python -m benchmarks.learning.stability`` trains each variant for ``--steps`` with guards that only look, keeps every
look, and says from the same looks where the shipped guards would have stopped and what they would have kept. Finished
rows are kept in ``--folder``; an interrupted table goes on where it stopped.
"""

import argparse
import itertools
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp

from backend.recipes import Feedback, Guards, Optimiser, Recipe, RltfSd, Sampling, Sdpo, Teacher
from backend.settings import get_settings
from benchmarks.learning.kinds import KINDS
from benchmarks.learning.row import KindScorer, Quiet
from worker.base_model import prepare_default
from worker.training.feedback import Data
from worker.training.guards import Look, best, stop_reason
from worker.training.loop import Training
from worker.training.policy import Policy

SHARED = KINDS["shared"]
PROBES = 24
LOOKING_ONLY = Guards(
    every=8, max_drift=100, min_length_ratio=0, max_length_ratio=100, max_repetition=1, max_entropy_change=10,
    max_on_topic_drop=1, patience=1000,
)  # fmt: skip
FROM_START = Feedback(attempts="live", redrafts="start")
MATCHING = Optimiser(learning_rate=1e-4)

VARIANTS = {
    "rltf-sd, redrafts by the policy": Recipe(feedback=Feedback(attempts="live", redrafts="live")),
    "rltf-sd, redrafts by the start": Recipe(feedback=FROM_START),
    "rltf-sd, redrafts by the start, drift 0.2": Recipe(method=RltfSd(drift_coefficient=0.2), feedback=FROM_START),
    "sdpo, moving average": Recipe(method=Sdpo(), feedback=Feedback(attempts="live"), optimiser=MATCHING),
    "sdpo, start": Recipe(
        method=Sdpo(teacher=Teacher(weights="start")), feedback=Feedback(attempts="live"), optimiser=MATCHING
    ),
    "sdpo, trust region": Recipe(
        method=Sdpo(teacher=Teacher(weights="trust_region")), feedback=Feedback(attempts="live"), optimiser=MATCHING
    ),
}


class Watching(Quiet):
    """Keeps every look."""

    def __init__(self) -> None:
        self.looks: list[Look] = []

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """A look is told by its scores."""
        super().metrics(step, values)
        if "probe/right" in values:
            scores = {name: values[f"probe/{name}"] for name in ("right", "on_topic")}
            look = Look(
                step=step, scores=scores, drift=values["drift/kl"], entropy=values["policy/entropy"],
                length=values["rollout/length_mean"], repetition=values["rollout/repetition_frac"],
                hedging=values["policy/hedging_frac"],
            )  # fmt: skip
            self.looks.append(look)


def watch(variant: str, seed: int, steps: int, model: Path) -> list[Look]:
    """The looks of one long run."""
    policy = Policy.load(model, seed=seed)
    recipe = VARIANTS[variant]
    changes = {
        "seed": seed,
        "guards": LOOKING_ONLY,
        "optimiser": recipe.optimiser.model_copy(update={"steps": steps}),
        "sampling": Sampling(attempt_temperature=0.7),
    }
    made = Recipe.model_validate(recipe.model_copy(update=changes).model_dump())
    data = Data((), tuple(SHARED.prompts("train")), tuple(SHARED.prompts("probe")[:PROBES]))
    recorder, folder = Watching(), Path(mkdtemp(prefix="stability-"))
    try:
        Training(policy, made, data, KindScorer(SHARED, policy), recorder, folder).run()
    finally:
        shutil.rmtree(folder)
    return recorder.looks


def line(variant: str, seed: int, looks: list[Look]) -> str:
    """One row: the end without guards, and what the shipped guards make of the same run."""
    guards, last = Guards(), looks[-1]
    stopped = next((n for n in range(2, len(looks) + 1) if stop_reason(looks[:n], guards)), len(looks))
    kept = best(looks[:stopped], guards)
    cells = [
        variant,
        str(seed),
        f"{last.step}: {_scores(last)}",
        f"{min(look.scores['on_topic'] for look in looks):.2f}",
        (stop_reason(looks[:stopped], guards) or "not stopped").split(":")[0],
        "nothing healthy" if kept is None else f"{kept.step}: {_scores(kept)}",
    ]
    return "| " + " | ".join(cells) + " |"


def _scores(look: Look) -> str:
    return f"{look.scores['right']:.2f} / {look.scores['on_topic']:.2f}"


HEAD = "| variant | seed | last: right / on topic | least on topic | shipped guards | kept: right / on topic |"


def main() -> None:
    """Measure what is missing and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=None, help="default: the product's own base model")
    parser.add_argument("--folder", type=Path, default=Path("data/bench-stability"))
    parser.add_argument("--variants", choices=VARIANTS, nargs="+", default=list(VARIANTS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--steps", type=int, default=80, help="ten times what the default recipe takes")
    given = parser.parse_args()
    model = (given.model or prepare_default(get_settings().models_dir)).resolve()
    given.folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for seed, variant in itertools.product(given.seeds, given.variants):
        file = given.folder / f"{variant.replace(', ', '-').replace(' ', '-')}-{seed}-{given.steps}.json"
        if not file.is_file():
            print(f"{variant}, seed {seed}", flush=True)
            file.write_text(json.dumps([asdict(look) for look in watch(variant, seed, given.steps, model)]))
        lines.append(line(variant, seed, [Look(**look) for look in json.loads(file.read_text())]))
    print("\n".join([HEAD, "|" + "---|" * 6, *sorted(lines)]))


if __name__ == "__main__":
    main()
