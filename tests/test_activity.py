"""Every action that the journal records in a project has a name in the web app's activity."""

import ast
import re
from collections.abc import Iterator

from backend.models import ChangeKind, CritiqueState, JobKind, KnownKind, ReviewState
from tests.installation import ROOT

RECORDING = {"record", "_note", "_journal"}
KINDS = {"bulk": ChangeKind, "job": JobKind, "known": KnownKind}
NOT_REVIEWED, NOT_LEFT = ReviewState.unreviewed, CritiqueState.draft


def calls(*names: str) -> Iterator[ast.Call]:
    for folder in ("backend", "worker"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    called = getattr(node.func, "attr", getattr(node.func, "id", None))
                    if called in names:
                        yield node


def recorded() -> set[str]:
    """The actions as they stand in the code, those made of a kind for each of its kinds."""
    found: set[str] = set()
    for call in calls(*RECORDING):
        for node in ast.walk(call):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                noun, dot, _ = str(node.values[0].value).partition(".")
                if dot and noun != "critique":
                    found |= {f"{noun}.{kind}" for kind in KINDS[noun]}
            elif isinstance(node, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(node.value)):
                found.add(str(node.value))
    verbs = {word.value.value for call in calls("record_critique") for word in call.keywords
             if word.arg == "verb" and isinstance(word.value, ast.Constant)}  # fmt: skip
    verbs |= {*CritiqueState, *ReviewState} - {NOT_REVIEWED, NOT_LEFT}
    return found | {f"critique.{verb}" for verb in verbs}


def test_every_recorded_action_has_a_name_in_the_activity() -> None:
    texts = (ROOT / "frontend" / "src" / "features" / "project" / "texts.ts").read_text()
    named = set(re.findall(r'^ {4}"([a-z_]+\.[a-z_]+)": "', texts, re.MULTILINE))
    of_a_project = {action for action in recorded() if not action.startswith("password.")}
    assert len(of_a_project) > 50
    assert sorted(of_a_project - named) == []
