"""Measurements in fresh child processes, in turn: what the parts of the training benchmark share.

A part is a module with ``measure(case) -> Measured``. A child is the same module, started with ``--case JSON``; it
prints what it measured as one line of JSON.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.training.work import resident_bytes

ROOT = Path(__file__).parents[2]
CPU_INFO = Path("/proc/cpuinfo")
PEAK_RESET = Path("/proc/self/clear_refs")

Case = Mapping[str, str | int]


@dataclass(frozen=True)
class Measured:
    """One child's finding: seconds, bytes at the peak above what was resident before, numbers that sides agree on."""

    seconds: float
    peak_bytes: int = 0
    facts: tuple[float, ...] = ()


def peak_above(work: Callable[[], None]) -> int:
    """Resident bytes at the highest while ``work`` runs, above those before it, from Linux's own account."""
    PEAK_RESET.write_text("5")
    before = resident_bytes("VmRSS")
    work()
    return max(0, resident_bytes("VmHWM") - before)


def measured(module: str, case: Case, *, threads: int) -> Measured | None:
    """What a fresh process measures; None when it did not survive, most likely for want of memory."""
    environment = {
        **os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false",
    }  # fmt: skip
    command = [sys.executable, "-m", module, "--case", json.dumps(dict(case))]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return None
    found = json.loads(done.stdout.splitlines()[-1])
    return Measured(found["seconds"], found["peak_bytes"], tuple(found["facts"]))


def in_turn(module: str, cases: Sequence[Case], *, rounds: int, threads: int) -> list[Measured | None]:
    """The medians of every case: all in turn, ``rounds`` times; None for one that never ended."""
    runs = [[measured(module, case, threads=threads) for case in cases] for _ in range(rounds)]
    return [medians([run[place] for run in runs]) for place in range(len(cases))]


def medians(runs: Sequence[Measured | None]) -> Measured | None:
    """The median of seconds and of bytes; the facts are those of the first."""
    ended = [run for run in runs if run is not None]
    if not ended:
        return None
    seconds, peak = median(run.seconds for run in ended), median(run.peak_bytes for run in ended)
    return Measured(seconds, round(peak), ended[0].facts)


def machine(threads: int) -> str:
    """The command that was given and what it ran on, for the head of a table."""
    lines = CPU_INFO.read_text().splitlines() if CPU_INFO.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    command = " ".join(["python", "-m", _module_name(), *sys.argv[1:]])
    return (
        f"$ {command}\n{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {memory / 1e9:.0f} GB; "
        f"{threads} threads, Python {platform.python_version()}"
    )


def parser(description: str | None, *, rounds: int) -> argparse.ArgumentParser:
    """What every part can be told."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)
    made.add_argument("--rounds", type=int, default=rounds)
    made.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    return made


def answer(measure: Callable[[Case], Measured], case: Case) -> None:
    """A child's whole work: measure, and print one line of JSON."""
    print(json.dumps(asdict(measure(case))))


def _module_name() -> str:
    spec = sys.modules["__main__"].__spec__
    return spec.name if spec else sys.argv[0]
