"""What routes ask for: a session that commits before the response leaves, and who is asking."""

from collections.abc import Callable, Iterator
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Path, Request
from sqlalchemy.orm import Session

from backend.database import Sessions
from backend.domain import projects, users
from backend.domain.projects import Access
from backend.domain.users import Actor
from backend.engine import EngineClient
from backend.errors import ForbiddenError, NotAuthenticatedError
from backend.models import Role
from backend.settings import Settings

COOKIE = "redraft_session"
CSRF_HEADER = "X-CSRF"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
WITHOUT_NEW_PASSWORD = {"/api/session", "/api/logout", "/api/password"}


# These are coroutines, though they wait for nothing: a plain function would be sent to a thread of its own.
async def get_settings(request: Request) -> Settings:
    """The settings the app was made with."""
    settings: Settings = request.app.state.settings
    return settings


async def get_sessions(request: Request) -> Sessions:
    """The session factory, for routes that open several short transactions."""
    sessions: Sessions = request.app.state.sessions
    return sessions


async def get_engine(request: Request) -> EngineClient:
    """The client of the inference engine."""
    engine: EngineClient = request.app.state.engine
    return engine


async def get_judge_endpoint(request: Request) -> EngineClient | None:
    """The client of the operator's judge, if the settings name one."""
    client: EngineClient | None = request.app.state.judge_endpoint
    return client


SettingsDep = Annotated[Settings, Depends(get_settings)]
SessionsDep = Annotated[Sessions, Depends(get_sessions)]
EngineDep = Annotated[EngineClient, Depends(get_engine)]
JudgeEndpointDep = Annotated[EngineClient | None, Depends(get_judge_endpoint)]


def get_session(sessions: SessionsDep) -> Iterator[Session]:
    """One transaction per request."""
    with sessions.begin() as session:
        yield session


# Function scope: the commit happens before the response is sent, so that a failed commit is seen by the caller.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def require_actor(request: Request, session: SessionDep, settings: SettingsDep) -> Actor:
    """The one guard of every route: a valid key, or a valid cookie with (for unsafe methods) origin and CSRF token.

    Raises:
        NotAuthenticatedError: neither came.
        ForbiddenError: the origin or the CSRF token does not match, or the one-time password was not changed yet.
    """
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith("bearer "):
        actor = users.by_api_key(session, authorization[7:].strip())
    else:
        actor = users.by_login_token(session, request.cookies.get(COOKIE, ""))
        if actor is not None and request.method not in SAFE_METHODS:
            check_origin(request, settings)
            if actor.login is None or request.headers.get(CSRF_HEADER) != actor.login.csrf_token:
                raise ForbiddenError(f"The {CSRF_HEADER} header does not match this login; reload the page.")
    if actor is None:
        raise NotAuthenticatedError("Log in, or send an API key as 'Authorization: Bearer ...'.")
    if actor.key is None and actor.user.must_change_password and request.url.path not in WITHOUT_NEW_PASSWORD:
        raise PasswordChangeRequiredError("Choose a new password first: yours is a one-time password.")
    return actor


class PasswordChangeRequiredError(ForbiddenError):
    """The one-time password still stands."""

    code = "password_change_required"


def check_origin(request: Request, settings: Settings) -> None:
    """Refuse an unsafe request that another site's page sent."""
    origin = request.headers.get("origin")
    own = {f"{request.url.scheme}://{request.headers.get('host', '')}"}
    if settings.public_url:
        own.add("{0.scheme}://{0.netloc}".format(urlsplit(settings.public_url)))
    if origin not in own:
        raise ForbiddenError("The request came from another site.", origin=origin)


ActorDep = Annotated[Actor, Depends(require_actor)]


def access_at_least(role: Role) -> Callable[[Session, Actor, str], Access]:
    """A dependency: access to the project of the path, with at least this role."""

    def dependency(session: SessionDep, actor: ActorDep, project: Annotated[str, Path()]) -> Access:
        return projects.authorise(session, actor, at_least=role, slug=project)

    return dependency


ViewerDep = Annotated[Access, Depends(access_at_least(Role.viewer))]
AnnotatorDep = Annotated[Access, Depends(access_at_least(Role.annotator))]
ReviewerDep = Annotated[Access, Depends(access_at_least(Role.reviewer))]
AdminDep = Annotated[Access, Depends(access_at_least(Role.admin))]
