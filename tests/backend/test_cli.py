"""The command line: what an operator types, and what is said when it cannot be done."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from backend import cli as command_line
from backend.cli import cli
from backend.commands import doctor
from backend.commands.starting import connected
from backend.database import Sessions, migrate, transaction
from backend.domain import users
from backend.models import Checkpoint, Prompt, User
from backend.settings import Settings
from tests import factories
from tests.fakes import FakeEngine


@pytest.fixture
def given(committed: Sessions, committed_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sessions:
    """An installation with a database of its own that is named by the environment."""
    monkeypatch.setenv("REDRAFT_DATABASE_URL", committed_url)
    monkeypatch.setenv("REDRAFT_DATA_DIR", str(tmp_path))
    with transaction(committed) as session:
        factories.project(session, factories.user(session), slug="demo")
    return committed


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refusal(words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """What ``redraft`` says when it refuses; it must end with code 1 and no traceback."""
    monkeypatch.setattr(sys, "argv", ["redraft", *words])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert "Traceback" not in said
    return said


def test_a_new_person_can_log_in_with_the_printed_password_and_must_change_it(given: Sessions) -> None:
    password = run("user", "add", "ann@example.org", "--project", "demo").split()[-1]
    with transaction(given) as session:
        person, _, _ = users.log_in(session, email="ann@example.org", password=password, days=1)
        assert person.must_change_password


def test_a_forgotten_password_is_replaced(given: Sessions) -> None:
    password = run("user", "reset", "owner@example.org").split()[-1]
    with transaction(given) as session:
        person, _, _ = users.log_in(session, email="owner@example.org", password=password, days=1)
        assert person.must_change_password


def test_bad_lines_of_an_import_are_named_and_nothing_is_kept_unless_asked(
    given: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prompts.jsonl"
    file.write_text(json.dumps({"prompt": "What is a lung?"}) + "\nnot json\n")
    assert "line 2:" in refusal(["import", "prompts", str(file), "--project", "demo"], monkeypatch, capsys)
    assert _count(given, Prompt) == 0
    assert "1 imported" in run("import", "prompts", str(file), "--project", "demo", "--keep-good")
    assert "1 there already" in run("import", "prompts", str(file), "--project", "demo", "--keep-good")
    assert _count(given, Prompt) == 1


def test_a_project_that_is_not_there_is_named(
    given: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.jsonl").touch()
    words = ["import", "prompts", str(tmp_path / "empty.jsonl"), "--project", "nowhere"]
    assert "'nowhere'" in refusal(words, monkeypatch, capsys)
    assert _count(given, Prompt) == 0


def _count(sessions: Sessions, table: type) -> int:
    with transaction(sessions) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_setup_makes_schema_base_model_and_owner_and_can_run_again(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "models" / "mine"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").write_bytes(b"weights")
    monkeypatch.setenv("REDRAFT_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("REDRAFT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("REDRAFT_BASE_MODEL", "mine")
    assert "one-time password" in run("setup")
    assert "one-time password" not in run("setup")
    with connected(empty_database_url) as sessions:
        assert _count(sessions, User) == 1
        assert _count(sessions, Checkpoint) == 1


def test_setup_says_how_to_get_a_base_model_that_is_missing(
    given: Sessions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REDRAFT_BASE_MODEL", "absent")
    assert "redraft models add" in refusal(["setup"], monkeypatch, capsys)
    assert _count(given, Checkpoint) == 0


def test_without_a_database_a_command_says_where_one_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("REDRAFT_DATABASE_URL", raising=False)
    monkeypatch.setenv("REDRAFT_DATA_DIR", str(tmp_path))
    assert "REDRAFT_DATABASE_URL" in refusal(["migrate"], monkeypatch, capsys)


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("REDRAFT_PORT", "many")
    assert "REDRAFT_PORT" in refusal(["doctor"], monkeypatch, capsys)


def test_the_doctor_finds_a_complete_installation_well(
    committed_url: str, redis_url: str, engine: FakeEngine, tmp_path: Path
) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url=committed_url, redis_url=redis_url, engine_url=engine.url,
        base_model=factories.BASE,
    )  # fmt: skip
    found = {finding.name: finding for finding in doctor.examine(settings)}
    assert [found[name].cure for name in ("Database", "Redis", "Engine")] == ["", "", ""]
    assert "redraft models add" in found["Base model"].cure


def test_the_doctor_says_what_to_do_about_each_part_that_is_away(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url="postgresql+psycopg://a:b@127.0.0.1:9/c", redis_url="redis://127.0.0.1:9",
        engine_url="http://127.0.0.1:9",
    )  # fmt: skip
    cures = {finding.name: finding.cure for finding in doctor.examine(settings)}
    for name, setting in (("Database", "DATABASE_URL"), ("Redis", "REDIS_URL"), ("Engine", "ENGINE_URL")):
        assert f"REDRAFT_{setting}" in cures[name]


def test_the_doctor_sees_a_schema_that_is_old_or_missing(empty_database_url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=empty_database_url)
    assert "setup" in _cure(settings, "Database")
    migrate(empty_database_url)
    assert _cure(settings, "Database") == ""


def test_the_doctor_sees_an_engine_that_serves_another_model(engine: FakeEngine, tmp_path: Path) -> None:
    assert "--served-model-name other" in _cure(
        Settings(data_dir=tmp_path, engine_url=engine.url, base_model="other"), "Engine"
    )


def _cure(settings: Settings, name: str) -> str:
    return next(finding.cure for finding in doctor.examine(settings) if finding.name == name)


def test_the_command_answers_as_a_program(tmp_path: Path) -> None:
    env = {**os.environ, "REDRAFT_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "backend.cli", "doctor"]
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert all(part in found.stdout for part in ("Python", "Disk", "Memory", "Database", "Redis", "Engine"))
