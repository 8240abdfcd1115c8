"""What the annotation benchmark measured, as the text that is printed; pure, standard library only."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from benchmarks.training.table import aligned

LATENCY_GOAL_MS = 50.0
RATIO_GOAL = 10.0
IMPORT_GOAL = 10_000.0
SHELL_GOAL_KB = 200.0
ANNOTATE_GOAL_KB = 280.0
PAINT_GOAL_MS = 1000.0


@dataclass(frozen=True)
class Crowd:
    """A crowd at work: how many cycles in how many seconds, and the seconds of every request by name."""

    side: str
    people: int
    think: float
    elapsed: float
    cycles: int
    seconds: dict[str, list[float]]

    @property
    def rate(self) -> float:
        """Cycles a second."""
        return self.cycles / self.elapsed


@dataclass(frozen=True)
class Painted:
    """Milliseconds until a page showed anything, its largest text, and the field that one writes in."""

    first: float
    largest: float
    usable: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of them do not exceed: ``percentile([1, 2, 3, 4], 0.5) == 2``."""
    if not values:
        raise ValueError("There is no percentile of nothing.")
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def crowds_table(crowds: Sequence[Crowd]) -> str:
    """One row a crowd: hand-out and submission at the median and the 95th percentile, and cycles a second."""
    head = ("side", "people", "pause s", "next p50 ms", "p95", "save p50 ms", "p95", "submit p50 ms", "p95", "cycles/s")
    return aligned([head, *(_row(crowd) for crowd in crowds)])


def _row(crowd: Crowd) -> tuple[str, ...]:
    times = [
        f"{1000 * percentile(crowd.seconds[name], share):.1f}" if name in crowd.seconds else "-"
        for name in ("next", "save", "submit")
        for share in (0.5, 0.95)
    ]
    return (crowd.side, str(crowd.people), f"{crowd.think:g}", *times, f"{crowd.rate:.1f}")


def latency_verdict(crowd: Crowd) -> list[str]:
    """Are hand-out and submission fast enough at the 95th percentile?"""
    return [
        judged(f"{name} p95", 1000 * percentile(crowd.seconds[name], 0.95), "ms", at_most=LATENCY_GOAL_MS)
        for name in ("next", "submit")
    ]


def ratio_verdict(ours: Crowd, theirs: Crowd) -> str:
    """How many times the baseline's cycles a second."""
    return judged(f"cycles/s against {theirs.side}", ours.rate / theirs.rate, "times", at_least=RATIO_GOAL)


def paint_verdict(painted: Painted) -> list[str]:
    """Is the page there before one waits?"""
    return [
        judged("annotate page, first paint", painted.first, "ms", at_most=PAINT_GOAL_MS),
        judged("annotate page, largest paint", painted.largest, "ms", at_most=PAINT_GOAL_MS),
        judged("annotate page, ready to write", painted.usable, "ms", at_most=PAINT_GOAL_MS),
    ]


def judged(what: str, value: float, unit: str, *, at_most: float | None = None, at_least: float | None = None) -> str:
    """One line: the value, its goal, and whether it is met."""
    goal = f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}"
    met = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    return f"{what}: {value:.1f} {unit} (goal {goal}: {'met' if met else 'NOT met'})"
