"""Makes the baseline's own environment, ``.bench/trl``: TRL and what it needs, pinned exactly.

``python benchmarks/training/trl_environment.py [FOLDER]`` prints the path of its interpreter. A second call does
nothing while the pins are the same.
"""

import subprocess
import sys
import venv
from pathlib import Path

PINS = Path(__file__).with_name("trl-requirements.txt")
FOLDER = Path(__file__).parents[2] / ".bench" / "trl"


def interpreter(folder: Path = FOLDER) -> Path:
    """The environment's Python."""
    return folder / "bin" / "python"


def prepare(folder: Path = FOLDER) -> Path:
    """Makes the environment unless one with these very pins is there, and returns its interpreter.

    Raises ``CalledProcessError`` when a package cannot be installed.
    """
    pins = PINS.read_text()
    made = folder / "pins.txt"
    if made.is_file() and made.read_text() == pins:
        return interpreter(folder)
    venv.create(folder, with_pip=True, clear=True)
    pip = [str(interpreter(folder)), "-m", "pip", "install", "--quiet"]
    # torch first and by itself, so that its exact pin decides which build is taken.
    torch = next(line for line in pins.splitlines() if line.startswith("torch=="))
    subprocess.run([*pip, torch], check=True, stdout=sys.stderr)
    subprocess.run([*pip, "-r", str(PINS)], check=True, stdout=sys.stderr)
    made.write_text(pins)
    return interpreter(folder)


if __name__ == "__main__":
    print(prepare(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
