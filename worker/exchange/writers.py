"""Rows into files. A writer takes rows batch by batch and holds no more than a batch."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import to_json

from backend.domain.exchange import ExportFormat
from worker.exchange.shapes import Column, Row, Shape

_ROLE = pa.struct([("role", pa.string()), ("content", pa.string())])
_SPAN = pa.struct(
    [
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("quote", pa.string()),
        ("note", pa.string()),
        ("severity", pa.string()),
    ]
)
ARROW = {
    Column.text: pa.string(),
    Column.number: pa.float64(),
    Column.flag: pa.bool_(),
    Column.words: pa.list_(pa.string()),
    Column.chat: pa.list_(_ROLE),
    Column.spans: pa.list_(_SPAN),
}
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
CONTROL_STARTS = ("\t", "\r", "\n")


class Writer(Protocol):
    """Where the rows of an export go."""

    def write(self, rows: list[Row]) -> None:
        """Add rows."""

    def close(self) -> None:
        """End the file; without it the file is not whole."""


def open_writer(file_format: ExportFormat, path: Path, shape: Shape) -> Writer:
    """The writer of a format that is one file."""
    kinds: dict[ExportFormat, Callable[[Path, Shape], Writer]] = {
        ExportFormat.jsonl: JsonLines,
        ExportFormat.csv: Csv,
        ExportFormat.parquet: Parquet,
    }
    return kinds[file_format](path, shape)


class JsonLines:
    """One JSON object a line, UTF-8."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self._columns = tuple(shape.columns)
        self._file = path.open("wb")

    def write(self, rows: list[Row]) -> None:
        """Add rows."""
        self._file.writelines(to_json({name: row[name] for name in self._columns}) + b"\n" for row in rows)

    def close(self) -> None:
        """End the file."""
        self._file.close()


class Csv:
    """Comma-separated, quoted throughout, UTF-8; nested values are JSON, and no cell is a spreadsheet's formula."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self._columns = shape.columns
        self._file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._file, quoting=csv.QUOTE_ALL)
        self._csv.writerow(self._columns)

    def write(self, rows: list[Row]) -> None:
        """Add rows."""
        self._csv.writerows([_cell(row[name], kind) for name, kind in self._columns.items()] for row in rows)

    def close(self) -> None:
        """End the file."""
        self._file.close()


def _cell(value: object, kind: Column) -> object:
    if value is None:
        return ""
    if kind == Column.text:
        return harmless(str(value))
    if kind == Column.number:
        return value
    return json.dumps(value, ensure_ascii=False)


def harmless(text: str) -> str:
    """The text behind an apostrophe where a spreadsheet would take it for a formula (OWASP, CSV injection).

    >>> harmless("=1+1"), harmless("one")
    ("'=1+1", 'one')
    """
    runs = text.startswith(CONTROL_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    return f"'{text}" if runs else text


class Parquet:
    """One Parquet file, a row group per batch; ``size`` is that of the rows in memory, in bytes."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self._schema = pa.schema([(name, ARROW[kind]) for name, kind in shape.columns.items()])
        self.size = 0
        self._file = pq.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: list[Row]) -> None:
        """Add rows."""
        batch = pa.RecordBatch.from_pylist(rows, schema=self._schema)
        self.size += batch.nbytes
        self._file.write_batch(batch)

    def close(self) -> None:
        """End the file."""
        self._file.close()
