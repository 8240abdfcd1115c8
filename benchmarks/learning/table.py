"""The finished rows as one table: every arm of a kind, its seeds together, with intervals over prompts and seeds."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean

from backend.intervals import mean_interval
from benchmarks.learning.arms import ARMS
from benchmarks.learning.row import Row

HEAD = ("arm", "seeds", "right [95 %]", "on topic [95 %]", "tokens", "drift", "redrafts right", "best step", "s", "")


def table(rows: Sequence[Row], kind: str) -> str:
    """Markdown, one line an arm; an arm without a finished row is left out."""
    by_arm: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.kind == kind:
            by_arm[row.arm].append(row)
    lines = [f"### {kind}", "", _line(HEAD), _line(["---"] * len(HEAD))]
    return "\n".join([*lines, *(_line(_cells(arm, by_arm[arm])) for arm in ARMS if arm in by_arm)])


def _cells(arm: str, rows: Sequence[Row]) -> list[str]:
    endings = sorted({row.ending for row in rows} - {"trained"})
    trained = ARMS[arm].trains
    return [
        arm,
        str(len(rows)),
        _score([score for row in rows for score in row.right]),
        _score([score for row in rows for score in row.on_topic]),
        f"{fmean(row.length for row in rows):.0f}",
        f"{fmean(row.drift for row in rows):.2f}",
        f"{fmean(row.redrafts_right for row in rows):.2f}" if trained else "",
        " ".join(f"{row.best_step}/{row.steps}" for row in rows) if trained else "",
        f"{fmean(row.seconds for row in rows):.0f}",
        ", ".join(f"{sum(row.ending == ending for row in rows)} x {ending}" for ending in endings),
    ]


def _score(scores: Sequence[float]) -> str:
    found = mean_interval(scores)
    return f"{found.mean:.2f} [{found.low:.2f}, {found.high:.2f}]"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
