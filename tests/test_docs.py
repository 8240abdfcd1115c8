"""The documents say what there is."""

import re
from pathlib import Path

import pytest

from backend.cli import cli, import_commands, model_commands, user_commands
from backend.settings import Settings
from worker.objective.methods import METHODS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
GLOSSARY = (ROOT / "docs" / "design.md").read_text()


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_is_in_the_readme(field: str) -> None:
    assert f"REDRAFT_{field.upper()}" in README


def test_every_command_is_in_the_readme() -> None:
    groups = {"": cli, "user ": user_commands, "models ": model_commands, "import ": import_commands}
    missing = [
        f"redraft {prefix}{command.name or command.callback.__name__}"  # type: ignore[union-attr]
        for prefix, group in groups.items()
        for command in group.registered_commands
        if f"redraft {prefix}{command.name or command.callback.__name__}" not in README  # type: ignore[union-attr]
    ]
    assert missing == []


def test_every_make_target_that_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z-]+)", README)) - targets == set()


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_its_row_in_the_readme(method: str) -> None:
    assert f"\n| `{method}` | " in README


@pytest.mark.parametrize(
    "word", ["rollout", "critique", "redraft", "verifier", "recipe", "gate", "alias", "step", "rule"]
)
def test_the_glossary_explains_the_words_of_the_code(word: str) -> None:
    assert re.search(rf"^\|[^|]*\b{word}\b[^|]*\|", GLOSSARY, re.MULTILINE)


def test_no_document_names_a_folder_of_somebodys_machine() -> None:
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = file.read_text()
        assert not re.search(r"(?<![\w.])/(?:root|home|Users)/", text), file.name
