"""Exports and imports over REST and the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.app import create_app
from backend.cli import cli
from backend.database import Sessions, transaction
from backend.domain import claims
from backend.engine import EngineClient
from backend.models import Job, Prompt, Role, WorkState
from backend.settings import Settings
from tests import factories
from tests.backend.api import Api, Caller, populate
from worker.exchange import exporting, importing

EXPORTS = "/api/projects/demo/exports"
IMPORTS = "/api/projects/demo/imports"


@pytest.fixture
def api(committed: Sessions, tmp_path: Path) -> Api:
    """The application with a data folder of its own and one critique."""
    populate(committed)
    with transaction(committed) as session:
        project = session.query(factories.Project).filter_by(slug="demo").one()
        factories.submitted(session, project, factories.attempt(session, project), session.query(factories.User).one())
    settings = Settings(base_model=factories.BASE, engine_url="http://127.0.0.1:9", data_dir=tmp_path)
    return Api(create_app(settings, committed, EngineClient("http://127.0.0.1:9", None)), committed)


def work(api: Api, job_id: int, state: WorkState = WorkState.succeeded) -> None:
    """What the worker does."""
    settings: Settings = api.app.state.settings
    with transaction(api.sessions) as session:
        kind = session.get_one(Job, job_id).kind
        claim = claims.claim(session, Job, job_id)
    if kind == "export":
        exporting.export(api.sessions, settings.exports_dir, claim)
    else:
        importing.import_file(api.sessions, settings.uploads_dir, claim)
    with transaction(api.sessions) as session:
        claims.finish(session, Job, claim, state=state)


def exported(api: Api, caller: Caller, **body: object) -> dict:
    made = caller.post(EXPORTS, {"shape": "critique", **body})
    assert made.status_code == 202, made.text
    work(api, made.json()["id"])
    return caller.get(f"{EXPORTS}/{made.json()['id']}").json()


def test_a_broken_download_goes_on_where_it_stopped(api: Api) -> None:
    owner = api.owner()
    job = exported(api, owner)
    path = f"{EXPORTS}/{job['id']}/file"
    whole = owner.get(path)
    assert whole.headers["etag"] == f'"{job["sha256"]}"'
    assert whole.headers["content-disposition"] == f'attachment; filename="demo-critique-{job["id"]}.jsonl"'
    assert whole.headers["content-type"] == "application/x-ndjson"
    assert len(whole.content) == job["bytes"]
    rest = owner.call("GET", path, Range="bytes=10-", If_Range=whole.headers["etag"])
    assert (rest.status_code, rest.content) == (206, whole.content[10:])
    assert rest.headers["content-range"] == f"bytes 10-{job['bytes'] - 1}/{job['bytes']}"
    changed = owner.call("GET", path, Range="bytes=10-", If_Range='"another"')
    assert (changed.status_code, changed.content) == (200, whole.content)
    assert owner.call("GET", path, Range=f"bytes={job['bytes']}-").status_code == 416


def test_an_export_is_listed_with_its_progress_and_its_file_is_there_when_it_has_succeeded(api: Api) -> None:
    owner = api.owner()
    queued = owner.post(EXPORTS, {"shape": "dpo", "format": "csv"}).json()
    assert (queued["state"], queued["available"], queued["rows"]) == ("queued", False, None)
    assert owner.get(f"{EXPORTS}/{queued['id']}/file").status_code == 409
    work(api, queued["id"])
    (listed,) = owner.get(EXPORTS).json()
    assert (listed["state"], listed["available"], listed["rows"]) == ("succeeded", True, 0)
    (api.app.state.settings.exports_dir / f"{listed['id']}.csv").unlink()
    assert "export again" in owner.get(f"{EXPORTS}/{listed['id']}/file").json()["message"]
    assert owner.get("/api/projects/demo/jobs").json() == []


BAD_EXPORTS = [
    ({"shape": "novel"}, "shape"),
    ({"shape": "dpo", "format": "xlsx"}, "format"),
    ({"shape": "dpo", "split": "test"}, "split"),
    ({"shape": "dpo", "author_kind": "robot"}, "author_kind"),
    ({"shape": "dpo", "state": "lost"}, "state"),
    ({"shape": "dpo", "state": "deleted"}, "state"),
    ({"shape": "dpo", "reviewed": "perhaps"}, "reviewed"),
    ({"shape": "dpo", "since": "2026-01-01T00:00:00"}, "since"),
    ({"shape": "dpo", "colour": "red"}, "colour"),
    ({}, "shape"),
]


@pytest.mark.parametrize(("body", "field"), BAD_EXPORTS, ids=str)
def test_a_malformed_export_is_refused_by_field(api: Api, body: dict, field: str) -> None:
    answer = api.owner().post(EXPORTS, body)
    assert answer.status_code == 422
    assert field in answer.json()["message"]


@pytest.mark.parametrize(
    "more",
    [
        {"format": "csv"},
        {"split": "train"},
        {"since": "2026-01-01T00:00:00Z"},
        {"state": "draft"},
        {"reviewed": "accepted"},
    ],
    ids=str,
)
def test_a_lineage_is_whole_and_json_lines(api: Api, more: dict) -> None:
    answer = api.owner().post(EXPORTS, {"shape": "lineage", **more})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_deleted_critiques_are_in_no_export(api: Api) -> None:
    refused = api.owner().post(EXPORTS, {"shape": "critique", "state": "deleted"})
    assert refused.status_code == 422
    assert refused.json()["details"]["fields"][0]["field"] == "state"


def upload(caller: Caller, raw: bytes, **query: object) -> object:
    headers = {"origin": "http://testserver", "X-CSRF": caller.csrf}
    return caller.client.post(IMPORTS, content=raw, params=query, headers=headers)


def test_an_uploaded_file_is_imported_and_its_bad_lines_are_listed(api: Api) -> None:
    owner = api.owner()
    raw = b'{"prompt": "New?"}\nnonsense\n'
    made = upload(owner, raw, content="prompts", keep_good=True, name="prompts.jsonl").json()
    assert (made["state"], made["name"]) == ("queued", "prompts.jsonl")
    work(api, made["id"])
    (job,) = owner.get(IMPORTS).json()
    assert (job["records"], job["refused"], job["errors"][0]["line"]) == (1, 1, 2)
    assert owner.get(f"{IMPORTS}/{made['id']}").json() == job
    assert list(api.app.state.settings.uploads_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"content": "novels"}, 422),
        ({"content": "prompts", "format": "xlsx"}, 422),
        ({"content": "prompts", "name": "x" * 201}, 422),
        ({}, 422),
        ({"content": "lineage", "format": "csv"}, 400),
        ({"content": "lineage", "keep_good": True}, 400),
    ],
)
def test_a_malformed_import_is_refused_and_no_file_is_kept(api: Api, query: dict, status: int) -> None:
    assert upload(api.owner(), b"{}", **query).status_code == status
    assert not api.app.state.settings.uploads_dir.exists()


def test_an_upload_beyond_the_limit_is_refused(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.exchange.MAX_UPLOAD_BYTES", 1)
    assert "split it" in upload(api.owner(), b"{}", content="prompts").json()["message"]
    assert list(api.app.state.settings.uploads_dir.iterdir()) == []


def test_reviewers_export_admins_import_and_nobody_sees_another_projects_files(api: Api) -> None:
    owner = api.owner()
    job = exported(api, owner)
    assert api.member("ann").post(EXPORTS, {"shape": "sft"}).status_code == 403
    reviewer = api.member("rita", Role.reviewer)
    assert reviewer.get(f"{EXPORTS}/{job['id']}/file").status_code == 200
    assert upload(reviewer, b"{}", content="prompts").status_code == 403
    with transaction(api.sessions) as session:
        factories.project(session, session.query(factories.User).first(), "other")
    assert owner.get(f"/api/projects/other/exports/{job['id']}/file").status_code == 404
    assert owner.get(f"/api/projects/other/imports/{job['id']}").status_code == 404


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_line_exports_and_imports_a_lineage(
    api: Api, committed_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDRAFT_DATABASE_URL", committed_url)
    monkeypatch.setenv("REDRAFT_DATA_DIR", str(tmp_path))
    with transaction(api.sessions) as session:
        factories.project(session, session.query(factories.User).first(), "copy")
    went, back = tmp_path / "went.jsonl", tmp_path / "back.jsonl"
    assert "sha256" in run("export", "lineage", "--project", "demo", "--output", str(went))
    assert "imported" in run("import", "lineage", str(went), "--project", "copy")
    run("export", "lineage", "--project", "copy", "--output", str(back))
    assert back.read_bytes() == went.read_bytes()
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps({"prompt": "What is more?"}))
    assert "1 imported" in run("import", "file", str(more), "--project", "copy")
    with transaction(api.sessions) as session:
        assert session.query(Prompt).count() == 3
