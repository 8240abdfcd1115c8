"""The first reading of a lineage: is every line a record, and do the sections come in order and to an end?"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from backend.errors import InvalidError
from worker.exchange.lineage_records import (
    FOLLOWS,
    READ,
    SECTIONS,
    AnyRecord,
    EndRecord,
    FormRecord,
    Header,
    ProjectRecord,
)  # fmt: skip
from worker.exchange.lines import numbered

MOST_REPORTED = 100


class BadLinesError(InvalidError):
    """Lines that cannot be taken; ``details["errors"]`` names each with its reason."""

    def __init__(self, errors: list[tuple[int, str]]) -> None:
        line, reason = errors[0]
        super().__init__(
            f"Nothing was imported: line {line}: {reason}" + (f" (and {len(errors) - 1} more)" if errors[1:] else ""),
            errors=[{"line": number, "reason": why} for number, why in errors],
        )


def check(path: Path) -> int:
    """Read the file once; returns its number of lines.

    Raises:
        BadLinesError: a line is no record, stands in the wrong place, or the end is missing.
    """
    errors: list[tuple[int, str]] = []
    section, lines, last = -1, 0, None
    for lines, line in numbered(path):
        try:
            last = READ.validate_json(line)
            section = _next_section(section, last, lines)
        except (ValidationError, ValueError) as error:
            errors.append((lines, _reason(error)))
            if len(errors) == MOST_REPORTED:
                break
    if not errors and not isinstance(last, EndRecord):
        errors.append((lines + 1, "the line 'end' is missing: the file was cut off"))
    if errors:
        raise BadLinesError(errors)
    return lines


def records(path: Path) -> Iterator[tuple[int, AnyRecord]]:
    """The records of a file that was checked, with their line numbers."""
    return ((number, READ.validate_json(line)) for number, line in numbered(path))


def _next_section(section: int, record: AnyRecord, line: int) -> int:
    kind = FOLLOWS.get(type(record), type(record))
    found = SECTIONS.index(kind)
    single = kind in (Header, ProjectRecord, EndRecord)
    if found < section or (single and found == section):
        raise ValueError(f"'{record.kind}' stands in the wrong place; the kinds follow one another in a fixed order")
    if section < SECTIONS.index(FormRecord) and found != section + 1:
        raise ValueError("the first three lines are 'redraft-lineage', 'project' and 'form'")
    if type(record) in FOLLOWS and section != found:
        raise ValueError("a pair follows its comparison set, and an item its snapshot")
    if isinstance(record, EndRecord) and record.lines != line:
        raise ValueError(f"this is line {line}, but it ends a file of {record.lines} lines")
    return found


def _reason(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}".removeprefix(": ")
        for problem in error.errors()[:3]
    )
