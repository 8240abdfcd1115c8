"""Every route asks who is there, and nobody sees another project."""

import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from backend.database import transaction
from backend.models import Role
from tests import factories
from tests.backend.api import Api

PUBLIC = {("POST", "/api/login"), ("POST", "/api/invitations/accept"), ("GET", "/api/health"), ("GET", "/{path:path}")}


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path that the app answers, found by walking its routers, not its description."""
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            yield method, route.path or ""


def test_every_route_but_the_public_ones_answers_401_without_a_login(api: Api) -> None:
    nobody = api.nobody()
    found = list(routes(api.app))
    answers = {
        (method, path): nobody.call(method, re.sub(r"\{[^}]*\}", "1", path)).status_code for method, path in found
    }
    assert len(found) > 55
    assert {route for route, status in answers.items() if status != 401} == PUBLIC


def test_every_answer_carries_the_security_headers(api: Api) -> None:
    headers = api.nobody().get("/api/health").headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(api: Api) -> None:
    nobody = api.nobody()
    wrong = nobody.post("/api/login", {"email": "owner@example.org", "password": "not the password"})
    unknown = nobody.post("/api/login", {"email": "who@example.org", "password": "not the password"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_six_wrong_passwords_pause_the_account_even_for_the_right_one(api: Api) -> None:
    nobody = api.nobody()
    for _ in range(5):
        nobody.post("/api/login", {"email": "owner@example.org", "password": "not the password"})
    right = nobody.post("/api/login", {"email": "owner@example.org", "password": factories.PASSWORD})
    assert right.status_code == 401
    assert "minute" in right.json()["message"]


def test_an_unsafe_request_needs_the_csrf_token_and_the_own_origin(api: Api) -> None:
    owner = api.owner()
    assert owner.client.post("/api/logout", headers={"origin": "http://testserver"}).status_code == 403
    assert owner.post("/api/logout", origin="http://evil.example").status_code == 403
    assert owner.post("/api/logout").status_code == 204
    assert owner.get("/api/session").status_code == 401


def test_a_login_from_another_sites_page_is_refused(api: Api) -> None:
    body = {"email": "owner@example.org", "password": factories.PASSWORD}
    assert api.nobody().post("/api/login", body, origin="http://evil.example").status_code == 403


def test_the_session_cookie_is_out_of_reach_of_scripts(api: Api) -> None:
    body = {"email": "owner@example.org", "password": factories.PASSWORD}
    cookie = api.nobody().post("/api/login", body).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_one_time_password_opens_nothing_but_its_change(api: Api) -> None:
    with transaction(api.sessions) as session:
        person = factories.user(session, "new@example.org")
        person.must_change_password = True
    new = api.login("new@example.org")
    assert new.get("/api/projects").json()["code"] == "password_change_required"
    changed = new.post("/api/password", {"current": factories.PASSWORD, "new": "another long password"})
    assert changed.status_code == 204
    assert new.get("/api/projects").status_code == 200


def test_another_project_does_not_exist_for_me(api: Api) -> None:
    with transaction(api.sessions) as session:
        stranger = factories.user(session, "stranger@example.org")
        factories.project(session, stranger, "secret")
    owner = api.owner()
    hidden = owner.get("/api/projects/secret")
    nowhere = owner.get("/api/projects/nowhere")
    assert hidden.status_code == nowhere.status_code == 404
    assert hidden.json() == nowhere.json()


def test_an_annotator_may_not_launch_or_read_what_reviewers_read(api: Api) -> None:
    annotator = api.member("ann")
    assert annotator.get("/api/projects/demo/critiques").json()["code"] == "forbidden"
    assert annotator.post("/api/projects/demo/verifications", {"verifier": "concise"}).status_code == 403
    assert (
        annotator.get("/api/projects/demo/rollouts").status_code == 403
    )  # with who wrote them, and known items' twins


def test_a_key_is_shown_once_stored_hashed_bound_to_its_project_and_revocable(api: Api) -> None:
    owner = api.owner()
    made = owner.post("/api/projects/demo/keys", {"name": "script", "role": "viewer"}).json()
    listed = owner.get("/api/projects/demo/keys").json()
    assert "key" not in listed[0]
    assert made["key"].startswith(listed[0]["prefix"])
    bearer = {"Authorization": f"Bearer {made['key']}"}
    script = api.nobody()
    assert script.client.get("/api/projects/demo", headers=bearer).json()["role"] == "viewer"
    refused = script.client.post("/api/projects/demo/verifications", headers=bearer, json={"verifier": "concise"})
    assert refused.status_code == 403
    with transaction(api.sessions) as session:
        other = factories.user(session, "x@example.org")
        factories.project(session, other, "other")
    assert script.client.get("/api/projects/other", headers=bearer).status_code == 404
    owner.call("DELETE", f"/api/projects/demo/keys/{made['id']}")
    assert script.client.get("/api/projects/demo", headers=bearer).status_code == 401


def test_nobody_invites_above_their_own_role(api: Api) -> None:
    admin = api.member("adam", Role.admin)
    refused = admin.post("/api/projects/demo/invitations", {"email": "x@example.org", "role": "owner"})
    assert refused.status_code == 403


def test_an_invitation_works_once(api: Api) -> None:
    made = api.owner().post("/api/projects/demo/invitations", {"email": "New@Example.org", "role": "annotator"}).json()
    body = {"token": made["token"], "name": "New Person", "password": "a very long password"}
    joined = api.nobody().post("/api/invitations/accept", body)
    assert joined.json()["memberships"] == [{"project": {"slug": "demo", "name": "Demo"}, "role": "annotator"}]
    assert api.nobody().post("/api/invitations/accept", body).status_code == 404


def test_the_last_owner_stays(api: Api) -> None:
    owner = api.owner()
    mine = owner.get("/api/session").json()["user"]["id"]
    refused = owner.call("PATCH", f"/api/projects/demo/members/{mine}", {"role": "viewer"})
    assert refused.status_code == 409
