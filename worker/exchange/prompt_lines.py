"""Prompt files of three formats as JSON lines with their numbers, which is what prompts are imported from."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from backend.domain.exchange import ImportFormat
from backend.errors import InvalidError
from worker.exchange.lines import LONGEST, numbered

LONGEST_PROMPT = 1024 * 1024
AT_ONCE = 100
JSON_COLUMNS = ("messages", "metadata")


def read(path: Path, file_format: ImportFormat) -> Iterator[tuple[int, str]]:
    """Lines (of Parquet: rows) with their numbers from 1; blank ones are passed over.

    Raises:
        InvalidError: the file is not of its format, or a line is longer than a prompt.
    """
    ways = {ImportFormat.jsonl: _json_lines, ImportFormat.csv: _csv, ImportFormat.parquet: _parquet}
    for number, line in ways[file_format](path):
        if len(line) > LONGEST_PROMPT:
            raise _too_long(f"Line {number}")
        yield number, line


def _too_long(what: str) -> InvalidError:
    return InvalidError(f"{what} is longer than {LONGEST_PROMPT // 2**20} MiB; no prompt is.")


def _json_lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in numbered(path):
        text = line.decode(errors="surrogateescape").strip()  # what is no UTF-8 is refused as JSON, with its number
        if text:
            yield number, text


def _csv(path: Path) -> Iterator[tuple[int, str]]:
    csv.field_size_limit(LONGEST)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        last = 1
        try:
            for row in rows:
                yield last + 1, json.dumps({name: _cell(name, value) for name, value in row.items() if value})
                last = rows.line_num
        except (csv.Error, UnicodeDecodeError) as error:
            raise InvalidError(f"The file is not CSV in UTF-8 (after line {last}): {error}") from error


def _cell(name: str | None, value: object) -> object:
    if name not in JSON_COLUMNS or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value  # the reader of prompts says what is wrong with it


def _parquet(path: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        for batch in pq.ParquetFile(path).iter_batches(AT_ONCE):
            if batch.nbytes > AT_ONCE * LONGEST_PROMPT:  # a small file can unfold to very much
                raise _too_long(f"A row after row {number}")
            for row in batch.to_pylist():
                number += 1
                yield number, json.dumps(_without_nulls(row), default=str)
    except pa.ArrowException as error:
        raise InvalidError(f"The file is not Parquet (after row {number}): {error}") from error


def _without_nulls(value: object) -> object:
    """The row without what is null: Parquet gives every row every field."""
    if isinstance(value, dict):
        return {name: _without_nulls(found) for name, found in value.items() if found is not None}
    return [_without_nulls(found) for found in value] if isinstance(value, list) else value
