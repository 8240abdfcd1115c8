"""What both sides of the training benchmark reported, as the text that is printed; pure, standard library only."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.training.work import Mode, Scored, Timed

TOLERANCE = 1e-3
SPEED_GOAL = 1.6
MEMORY_GOAL = 0.45


@dataclass(frozen=True)
class Agreement:
    """How far two sides are apart on the same frozen rollouts: the greatest relative error over all steps."""

    mode: Mode
    steps: int
    loss_error: float
    norm_error: float
    gradient_error: float
    trained_tokens: tuple[int, int]

    @property
    def same_work(self) -> bool:
        """Do they agree well enough to be compared in speed?"""
        worst = max(self.loss_error, self.norm_error, self.gradient_error)
        return worst <= TOLERANCE and self.trained_tokens[0] == self.trained_tokens[1]


def relative_error(one: float, other: float) -> float:
    """``|a - b| / max(|a|, |b|)``; two zeros agree: ``relative_error(2.0, 1.0) == 0.5``."""
    largest = max(abs(one), abs(other))
    return abs(one - other) / largest if largest else 0.0


def agreement(ours: Scored, theirs: Scored, gradient_error: float) -> Agreement:
    """Compares two sides; ``gradient_error`` is that of the watched matrices, the greatest over steps.

    Raises ``ValueError`` when they did not take the same steps in the same mode.
    """
    if ours.mode != theirs.mode or len(ours.losses) != len(theirs.losses):
        raise ValueError(f"{ours.side} and {theirs.side} did not take the same steps.")
    return Agreement(
        mode=ours.mode,
        steps=len(ours.losses),
        loss_error=_worst(ours.losses, theirs.losses),
        norm_error=_worst(ours.gradient_norms, theirs.gradient_norms),
        gradient_error=gradient_error,
        trained_tokens=(ours.trained_tokens, theirs.trained_tokens),
    )


def agreement_table(found: Sequence[Agreement]) -> str:
    """One line a mode: is the work the same?"""
    head = ("mode", "steps", "loss", "gradient norm", "gradients", "trained tokens", "same work")
    rows = [
        (
            one.mode,
            str(one.steps),
            f"{one.loss_error:.1e}",
            f"{one.norm_error:.1e}",
            f"{one.gradient_error:.1e}",
            " / ".join(f"{count:,}" for count in one.trained_tokens),
            "yes" if one.same_work else "NO",
        )
        for one in found
    ]
    return aligned([head, *rows])


def speed_table(runs: Sequence[Timed], *, ours: str = "redraft") -> str:
    """Medians over each side's runs, and ratios of ours to every other side's, with the range over the rounds.

    The n-th run of one side is paired with the n-th of the other: they ran one after the other. Each process's first
    step warms it up and is left out. Raises ``ValueError`` when a process took no other step.
    """
    head = ("mode", "side", "runs", "s/step", "CPU s/step", "s generating", "tokens/s", "peak GB", "loaded GB")
    rows: list[tuple[str, ...]] = [head]
    for mode in dict.fromkeys(run.mode for run in runs):
        sides = _by_side(runs, mode)
        rows += [_medians(mode, side, of_side) for side, of_side in sides.items()]
        mine = sides.pop(ours, None)
        rows += [_ratios(mode, side, mine, theirs) for side, theirs in sides.items() if mine]
    return aligned(rows)


def verdicts(runs: Sequence[Timed], *, ours: str = "redraft") -> list[str]:
    """One line a mode and baseline: are the goals for speed and memory met by the ratios of medians?"""
    lines = []
    for mode in dict.fromkeys(run.mode for run in runs):
        sides = _by_side(runs, mode)
        mine = sides.pop(ours, None)
        for side, theirs in sides.items() if mine else ():
            speed, memory = _speed_ratio(mine, theirs), _memory_ratio(mine, theirs)
            met = "met" if speed >= SPEED_GOAL and memory <= MEMORY_GOAL else "NOT met"
            lines.append(f"{mode} against {side}: {speed:.2f}x tokens/s, {memory:.2f}x peak: goal {met}")
    return lines


def _by_side(runs: Sequence[Timed], mode: str) -> dict[str, list[Timed]]:
    sides: dict[str, list[Timed]] = {}
    for run in runs:
        if run.mode == mode:
            sides.setdefault(run.side, []).append(run)
    return sides


def tokens_per_second(run: Timed) -> float:
    """Trained tokens by wall time, the first step left out."""
    return sum(_warm(run.tokens)) / sum(_warm(run.seconds))


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equal length as text in columns: the first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in rows)
    )


def _worst(one: Sequence[float], other: Sequence[float]) -> float:
    return max(relative_error(a, b) for a, b in zip(one, other, strict=True))


def _warm(steps: Sequence[float]) -> Sequence[float]:
    if len(steps) < 2:
        raise ValueError("A run needs a step after the one that warms it up.")
    return steps[1:]


def _medians(mode: str, side: str, runs: Sequence[Timed]) -> tuple[str, ...]:
    return (
        mode,
        side,
        str(len(runs)),
        f"{median(step for run in runs for step in _warm(run.seconds)):.2f}",
        f"{median(step for run in runs for step in _warm(run.cpu_seconds)):.2f}",
        f"{median(step for run in runs for step in _warm(run.generation_seconds)):.2f}",
        f"{median(map(tokens_per_second, runs)):.1f}",
        f"{median(run.peak_bytes for run in runs) / 1e9:.2f}",
        f"{median(run.loaded_bytes for run in runs) / 1e9:.2f}",
    )


def _ratios(mode: str, side: str, ours: Sequence[Timed], theirs: Sequence[Timed]) -> tuple[str, ...]:
    rounds = list(zip(ours, theirs, strict=False))
    speeds = [tokens_per_second(one) / tokens_per_second(other) for one, other in rounds]
    peaks = [one.peak_bytes / other.peak_bytes for one, other in rounds]
    return (
        mode, f"ratio to {side}", str(len(rounds)), "", "", "",
        f"{_speed_ratio(ours, theirs):.2f} ({min(speeds):.2f}-{max(speeds):.2f})",
        f"{_memory_ratio(ours, theirs):.2f} ({min(peaks):.2f}-{max(peaks):.2f})", "",
    )  # fmt: skip


def _speed_ratio(ours: Sequence[Timed], theirs: Sequence[Timed]) -> float:
    return median(map(tokens_per_second, ours)) / median(map(tokens_per_second, theirs))


def _memory_ratio(ours: Sequence[Timed], theirs: Sequence[Timed]) -> float:
    return median(run.peak_bytes for run in ours) / median(run.peak_bytes for run in theirs)
