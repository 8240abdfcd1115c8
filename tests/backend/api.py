"""A logged-in client for tests of the HTTP edge: origin, cookie and CSRF token as the browser sends them."""

from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from backend.database import Sessions, transaction
from backend.models import Project, Role
from tests import factories

ORIGIN = "http://testserver"


@dataclass
class Caller:
    """Somebody who is logged in, or nobody."""

    app: FastAPI
    client: TestClient
    csrf: str = ""

    def call(self, method: str, path: str, json: object = None, **headers: str) -> Response:
        sent = {"origin": ORIGIN, "X-CSRF": self.csrf, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.client.request(method, path, json=json, headers=sent)

    def get(self, path: str) -> Response:
        return self.call("GET", path)

    def post(self, path: str, json: object = None, **headers: str) -> Response:
        return self.call("POST", path, json if json is not None else {}, **headers)

    def put(self, path: str, json: object) -> Response:
        return self.call("PUT", path, json)


@dataclass
class Api:
    """The application over a committed database, with an owner and a project ``demo``."""

    app: FastAPI
    sessions: Sessions

    def nobody(self) -> Caller:
        return Caller(self.app, TestClient(self.app, base_url=ORIGIN, raise_server_exceptions=True))

    def login(self, email: str) -> Caller:
        caller = self.nobody()
        answer = caller.post("/api/login", {"email": email, "password": factories.PASSWORD})
        assert answer.status_code == 200, answer.text
        caller.csrf = answer.json()["csrf_token"]
        return caller

    def owner(self) -> Caller:
        return self.login("owner@example.org")

    def member(self, name: str, role: Role = Role.annotator) -> Caller:
        with transaction(self.sessions) as session:
            project = session.query(Project).filter_by(slug="demo").one()
            factories.member(session, project, f"{name}@example.org", role)
        return self.login(f"{name}@example.org")

    def attempts(self, *questions: str) -> None:
        with transaction(self.sessions) as session:
            project = session.query(Project).filter_by(slug="demo").one()
            for question in questions:
                factories.attempt(session, project, question)


def populate(sessions: Sessions) -> None:
    """An owner and a project."""
    with transaction(sessions) as session:
        factories.base(session)
        factories.project(session, factories.user(session))
