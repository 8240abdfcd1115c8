"""Files of exports and imports: written under a name of their own, moved into place only when they are whole."""

import contextlib
import os
import time
from pathlib import Path

DAY_SECONDS = 24 * 3600


def part_of(final: Path, attempt: int) -> Path:
    """Where this attempt writes; what earlier attempts left behind is removed."""
    final.parent.mkdir(parents=True, exist_ok=True)
    for left in final.parent.glob(f"{final.name}.*.part"):
        if not left.name.startswith(f"{final.name}.{attempt}."):
            left.unlink(missing_ok=True)
    return final.with_name(f"{final.name}.{attempt}.part")


def persist(path: Path) -> None:
    """Make sure that the file's bytes outlive a power cut."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def move(part: Path, final: Path) -> None:
    """Put the whole file in its place, for good."""
    part.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def sweep(folder: Path, *, days: float) -> int:
    """Remove files older than so many days; returns how many."""
    limit = time.time() - days * DAY_SECONDS
    old = [file for file in folder.glob("*") if _written(file) < limit]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def _written(file: Path) -> float:
    with contextlib.suppress(FileNotFoundError):
        return file.stat().st_mtime
    return time.time()
