"""Lines of a file with their numbers, read one after the other."""

from collections.abc import Iterator
from pathlib import Path

from backend.errors import InvalidError

LONGEST = 64 * 1024 * 1024


def numbered(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line with its number from 1; only a line feed ends one.

    Raises:
        InvalidError: a line is longer than 64 MiB.
    """
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST + 1):
            number += 1
            if len(line) > LONGEST:
                raise InvalidError(f"Line {number} is longer than {LONGEST // 2**20} MiB; this is no file of records.")
            yield number, line
