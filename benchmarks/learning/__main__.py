"""``python -m benchmarks.learning``: every row that is not finished yet, each in a process of its own, then the table.

Rows are kept in ``--folder``: an interrupted table goes on where it stopped. Seeds come first, so that the table is
whole with fewer seeds early. ``--only-table`` measures nothing.
"""

import argparse
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

from backend.settings import get_settings
from benchmarks.learning.arms import ARMS
from benchmarks.learning.kinds import KINDS
from benchmarks.learning.row import Row, row_file
from benchmarks.learning.table import table
from worker.base_model import prepare_default

SEEDS = (1, 2, 3)


def main() -> None:
    """Measure what is missing and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=None, help="default: the product's own base model")
    parser.add_argument("--folder", type=Path, default=Path("data/bench-learning"))
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=list(KINDS))
    parser.add_argument("--arms", choices=ARMS, nargs="+", default=list(ARMS))
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--only-table", action="store_true")
    given = parser.parse_args()
    rows = list(itertools.product(given.seeds, given.kinds, given.arms))
    if not given.only_table:
        model = (given.model or prepare_default(get_settings().models_dir)).resolve()
        for number, (seed, kind, arm) in enumerate(rows, 1):
            if not row_file(given.folder, kind, arm, seed).is_file():
                print(f"[{number}/{len(rows)}] {kind} {arm} seed {seed}", flush=True)
                measure(kind, arm, seed, model, given.folder)
    files = [row_file(given.folder, kind, arm, seed) for seed, kind, arm in rows]
    done = [Row(**json.loads(file.read_text())) for file in files if file.is_file()]
    print(f"\n{len(done)} of {len(rows)} rows\n")
    print("\n\n".join(table(done, kind) for kind in given.kinds))


def measure(kind: str, arm: str, seed: int, model: Path, folder: Path) -> None:
    """One row in a process of its own."""
    started = time.monotonic()
    options = {"--kind": kind, "--arm": arm, "--seed": seed, "--model": model, "--folder": folder}
    words = [str(word) for option in options.items() for word in option]
    subprocess.run([sys.executable, "-m", "benchmarks.learning.row", *words], check=True)
    print(f"  {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
