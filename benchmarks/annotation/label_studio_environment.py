"""Makes the baseline's own environment, ``.bench/label-studio``: Label Studio and a server for it, pinned."""

import subprocess
import sys
import venv
from pathlib import Path

PINS = Path(__file__).with_name("label-studio-requirements.txt")
FOLDER = Path(__file__).parents[2] / ".bench" / "label-studio"


def prepare(folder: Path = FOLDER) -> Path:
    """Makes the environment unless one with these very pins is there, and returns its interpreter.

    Raises ``CalledProcessError`` when a package cannot be installed.
    """
    python, made, pins = folder / "bin" / "python", folder / "pins.txt", PINS.read_text()
    if not made.is_file() or made.read_text() != pins:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(PINS)], check=True, stdout=sys.stderr)
        made.write_text(pins)
    return python
