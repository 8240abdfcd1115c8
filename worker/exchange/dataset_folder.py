"""A Hugging Face dataset folder in a zip: Parquet files per split below ``data/``, and the dataset card.

Unzipped, ``datasets.load_dataset(folder)`` reads it: the card's YAML names the files of each split and the features
(https://huggingface.co/docs/datasets/repository_structure).
"""

import json
import zipfile
from pathlib import Path

from worker.exchange.shapes import Column, Row, Shape
from worker.exchange.writers import Parquet

_ROLE = "  - name: role\n    dtype: string\n  - name: content\n    dtype: string"
_SPAN = "\n".join(
    f"  - name: {name}\n    dtype: {kind}"
    for name, kind in (
        ("start", "int64"), ("end", "int64"), ("quote", "string"), ("note", "string"), ("severity", "string"),
    )
)  # fmt: skip
FEATURES = {
    Column.text: "dtype: string",
    Column.number: "dtype: float64",
    Column.flag: "dtype: bool",
    Column.words: "list: string",
    Column.chat: f"list:\n{_ROLE}",
    Column.spans: f"list:\n{_SPAN}",
}
EMPTY = "train"


class DatasetFolder:
    """Writes each split into a Parquet file beside the zip and packs them at the end."""

    def __init__(self, path: Path, shape: Shape, name: str) -> None:
        self._path = path
        self._shape = shape
        self._name = name
        self._splits: dict[str, Parquet] = {}
        self._counts: dict[str, int] = {}

    def write(self, rows: list[Row]) -> None:
        """Add rows, each to the file of its split."""
        for split in dict.fromkeys(str(row["split"]) for row in rows):
            found = [row for row in rows if row["split"] == split]
            self._writer(split).write(found)
            self._counts[split] += len(found)

    def _writer(self, split: str) -> Parquet:
        if split not in self._splits:
            self._splits[split] = Parquet(self._part(split), self._shape)
            self._counts[split] = 0
        return self._splits[split]

    def _part(self, split: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{split}.part")

    def _sizes(self) -> dict[str, tuple[int, int]]:
        return {split: (self._counts[split], writer.size) for split, writer in self._splits.items()}

    def close(self) -> None:
        """Pack the splits and the card; Parquet is compressed already, so the zip only stores."""
        if not self._splits:
            self._writer(EMPTY)
        with zipfile.ZipFile(self._path, "w", zipfile.ZIP_STORED) as packed:
            packed.writestr("README.md", card(self._name, self._shape, self._sizes()))
            for split, writer in self._splits.items():
                writer.close()
                packed.write(self._part(split), f"data/{split}-00000-of-00001.parquet")
                self._part(split).unlink()


def card(name: str, shape: Shape, sizes: dict[str, tuple[int, int]]) -> str:
    """The dataset card: splits with rows and bytes, files and features for machines, what it is for people."""
    features = "\n".join(f"  - name: {column}\n{_indent(FEATURES[kind])}" for column, kind in shape.columns.items())
    splits = "\n".join(
        f"  - name: {split}\n    num_bytes: {size}\n    num_examples: {count}" for split, (count, size) in sizes.items()
    )
    files = "\n".join(f"  - split: {split}\n    path: data/{split}-*" for split in sizes)
    columns = "\n".join(f"- `{column}`" for column in shape.columns)
    return (
        f"---\npretty_name: {json.dumps(name)}\nconfigs:\n- config_name: default\n  data_files:\n{files}\n"
        f"dataset_info:\n  features:\n{features}\n  splits:\n{splits}\n---\n\n"
        f"# {name}\n\n{shape.about} Collected with Redraft.\n\nColumns:\n\n{columns}\n"
    )


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
