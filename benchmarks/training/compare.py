"""Redraft's self-distillation step beside TRL's, on the same work: first that it is the same, then speed and memory.

``python -m benchmarks.training.compare --model DIR`` runs each measurement in a process of its own, the sides in turn,
and prints how far they agree, medians and ratios. ``--sides trl`` measures the baseline alone.

The baseline is timed twice: ``trl`` as it comes (two micro-batches of 8, activations recomputed in the backward pass)
and ``trl-at-once`` (one batch of 16, activations kept), which is faster and takes the memory that TRL is known for.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import load_file

from backend.settings import get_settings
from benchmarks.training import table, trl_environment
from benchmarks.training.work import MODES, Mode, Scored, Timed, Work, example_prompts, from_json
from worker.base_model import prepare_default
from worker.precision import best_dtype

ROOT = Path(__file__).parents[2]
MODULES = {"redraft": "benchmarks.training.redraft_side", "trl": "benchmarks.training.trl_side"}
AT_ONCE = ("--no-checkpointing", "--micro-batch", "16")


@dataclass(frozen=True)
class Side:
    """A program as it is run; both take the same arguments and print one line of JSON. ``options`` are for timing."""

    name: str
    module: str
    python: Path
    options: tuple[str, ...] = ()

    def run(self, *arguments: str | Path) -> str:
        """Runs it and returns its line. Raises ``CalledProcessError`` when it fails."""
        command = [str(self.python), "-m", self.module, *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout.splitlines()[-1]

    def score(self, frozen: Path, mode: Mode, steps: int) -> Scored:
        """Trains on the frozen rollouts."""
        gradients = frozen / f"{self.name}-{mode}.safetensors"
        found = from_json(self.run("--frozen", frozen, "--mode", mode, "--steps", str(steps), "--gradients", gradients))
        if not isinstance(found, Scored):
            raise TypeError(f"{self.name} did not say what it scored.")
        return found

    def time(self, work: Path, mode: Mode, steps: int) -> Timed:
        """Whole steps, timed; the first one warms up."""
        found = from_json(self.run("--timed", "--work", work, "--mode", mode, "--steps", str(steps), *self.options))
        if not isinstance(found, Timed):
            raise TypeError(f"{self.name} did not say how long it took.")
        return replace(found, side=self.name)


def gradient_error(one: str, other: str) -> float:
    """The greatest ``|a - b| / max(|a|, |b|)`` (Frobenius norms) over the matrices in two safetensors files."""
    ours, theirs = load_file(one), load_file(other)
    if ours.keys() != theirs.keys():
        raise ValueError("The two sides saved gradients of different matrices.")
    norm = np.linalg.norm
    largest = {name: max(norm(ours[name]), norm(theirs[name])) for name in ours}
    return max(float(norm(ours[name] - theirs[name]) / size) if size else 0.0 for name, size in largest.items())


def show_agreement(sides: Sequence[Side], frozen: Path, modes: Sequence[Mode], steps: int) -> None:
    """Both sides on the same tokens, or what the baseline alone says of them."""
    found = []
    for mode in modes:
        scored = [side.score(frozen, mode, steps) for side in sides]
        for one in scored:
            print(f"{one.side} {mode}: losses {one.losses}, gradient norms {one.gradient_norms}")
        if len(scored) == 2:
            ours, theirs = scored
            found.append(table.agreement(ours, theirs, gradient_error(ours.gradients, theirs.gradients)))
    if found:
        print(f"\n{table.agreement_table(found)}\n")


def show_speed(sides: Sequence[Side], work: Path, modes: Sequence[Mode], rounds: int, steps: int) -> None:
    """The sides in turn, ``rounds`` times each."""
    runs = [side.time(work, mode, steps + 1) for mode in modes for _ in range(rounds) for side in sides]
    print(table.speed_table(runs))
    print(*table.verdicts(runs), sep="\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=None, help="default: the product's own base model")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default=str(best_dtype("cpu")).split(".")[1])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--sides", choices=MODULES, nargs="+", default=list(MODULES))
    parser.add_argument("--modes", choices=MODES, nargs="+", default=list(MODES))
    parser.add_argument("--frozen-steps", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=3, help="timed steps of a process, after one that warms it up")
    given = parser.parse_args()
    model = (given.model or prepare_default(get_settings().models_dir)).resolve()
    pythons = {"redraft": Path(sys.executable), "trl": trl_environment.prepare()}
    sides = [Side(name, MODULES[name], pythons[name]) for name in MODULES if name in given.sides]
    exact = Work(model=str(model), prompts=example_prompts(16), dtype="float32", threads=given.threads)
    with TemporaryDirectory() as folder:
        file, frozen = Path(folder) / "work.json", Path(folder) / "frozen"
        # Whether the work is the same is told in float32: bfloat16 has three digits, and each side rounds elsewhere.
        exact.write(file)
        Side("trl", MODULES["trl"], pythons["trl"]).run("--freeze", frozen, "--work", file)
        show_agreement(sides, frozen, given.modes, given.frozen_steps)
        replace(exact, dtype=given.dtype).write(file)
        if "trl" in given.sides:
            sides.append(Side("trl-at-once", MODULES["trl"], pythons["trl"], AT_ONCE))
        show_speed(sides, file, given.modes, given.rounds, given.steps)


if __name__ == "__main__":
    main()
