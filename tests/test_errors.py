"""One shape for every failure."""

import json
from pathlib import Path

import pytest

from tests.backend.api import Api

GOLDEN = json.loads((Path(__file__).parent / "golden" / "openapi.json").read_text())


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/nothing", None, 404, "not_found"),
        ("GET", "/api/runs/1", None, 404, "not_found"),
        ("GET", "/api/projects/nowhere", None, 404, "not_found"),
        ("DELETE", "/api/health", None, 405, "http_405"),
        ("POST", "/api/runs", {"project": "demo"}, 422, "malformed"),
        ("POST", "/api/runs", {"project": "demo", "recipe": {}, "extra": 1}, 422, "malformed"),
        ("POST", "/api/projects/demo/verifications", {"verifier": "nobody"}, 400, "invalid"),
        ("POST", "/api/projects", {"slug": "Not A Slug"}, 400, "invalid"),
        ("POST", "/api/projects", {"slug": "demo"}, 409, "conflict"),
        ("POST", "/api/projects", {"slug": "nul", "name": "a\x00b"}, 400, "invalid"),
        ("POST", "/v1/chat/completions", {"model": "production"}, 400, "invalid"),
    ],
)
def test_every_failure_has_code_message_and_details(
    api: Api, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = api.owner().call(method, path, body)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"code", "message", "details"}
    assert answer.json()["code"] == code
    assert len(answer.json()["message"]) > 8


def test_every_request_body_refuses_unknown_fields() -> None:
    open_bodies = set()
    for path, methods in GOLDEN["paths"].items():
        for operation in methods.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None or path.startswith("/v1/"):
                continue
            name = content["schema"]["$ref"].rsplit("/", 1)[-1]
            if GOLDEN["components"]["schemas"][name].get("additionalProperties") is not False:
                open_bodies.add(name)
    assert open_bodies == set()
