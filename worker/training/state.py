"""Training state on disk: adapter, optimiser and looks, written whole or not at all, so that a run can go on exactly.

Random choices need no state: each is seeded by the recipe's seed, the step and what it is for.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from worker.training.guards import Look
from worker.training.policy import Policy
from worker.training.usage import Usage

OPTIMISER = "optimiser.safetensors"
PROGRESS = "progress.json"
PREFIX = "step-"
MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass(frozen=True)
class Saved:
    """Where a run stood: the last step done, every look so far, and what it had used."""

    step: int
    looks: tuple[Look, ...]
    usage: Usage
    tokens: int
    seconds: float


def step_folder(folder: Path, step: int) -> Path:
    """Where the state after a step lies."""
    return folder / f"{PREFIX}{step:06d}"


def last_step(folder: Path) -> int | None:
    """The step of the last whole state in a run's folder; None when there is none."""
    steps = sorted(folder.glob(f"{PREFIX}*")) if folder.is_dir() else []
    return int(steps[-1].name.removeprefix(PREFIX)) if steps else None


def save(folder: Path, policy: Policy, optimiser: torch.optim.AdamW, saved: Saved) -> Path:
    """Write the state after a step; a crash leaves either all of it or nothing."""
    target = step_folder(folder, saved.step)
    if target.is_dir():
        return target  # the state after a step is the same whenever it is written
    scratch = folder / f".{target.name}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    policy.save_adapter(scratch)
    if policy.has_teacher:
        policy.save_teacher(scratch)
    save_file(_moments(policy.trained(), optimiser), scratch / OPTIMISER)
    (scratch / PROGRESS).write_text(json.dumps(asdict(saved)))
    for path in (*scratch.iterdir(), scratch):
        _flush(path)
    scratch.rename(target)
    _flush(folder)
    return target


def load_last(folder: Path, policy: Policy, optimiser: torch.optim.AdamW) -> Saved | None:
    """Put policy and optimiser where the last whole state left them; None when there is none."""
    step = last_step(folder)
    if step is None:
        return None
    last = step_folder(folder, step)
    policy.load_student(last)
    if policy.has_teacher:
        policy.load_teacher(last)
    _restore(policy.trained(), optimiser, load_file(last / OPTIMISER))
    progress = json.loads((last / PROGRESS).read_text())
    looks = tuple(Look(**look) for look in progress["looks"])
    return Saved(progress["step"], looks, Usage(**progress["usage"]), progress["tokens"], progress["seconds"])


def prune(folder: Path, *, keep: Sequence[int]) -> None:
    """Remove every state but those of the named steps."""
    kept = {step_folder(folder, step) for step in keep}
    for path in folder.glob(f"{PREFIX}*"):
        if path not in kept:
            shutil.rmtree(path)


def _moments(weights: dict[str, nn.Parameter], optimiser: torch.optim.AdamW) -> dict[str, torch.Tensor]:
    return {
        f"{moment}:{name}": optimiser.state[weight][moment].clone()
        for name, weight in weights.items()
        if weight in optimiser.state
        for moment in MOMENTS
    }


def _restore(weights: dict[str, nn.Parameter], optimiser: torch.optim.AdamW, moments: dict[str, torch.Tensor]) -> None:
    for name, weight in weights.items():
        if f"step:{name}" in moments:
            kept = {moment: moments[f"{moment}:{name}"] for moment in MOMENTS}
            optimiser.state[weight] = {
                moment: values if moment == "step" else values.to(weight.device) for moment, values in kept.items()
            }


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
