"""Logging in and out, passwords, invitations."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import StringConstraints

from backend.api.deps import COOKIE, ActorDep, SessionDep, SessionsDep, SettingsDep, check_origin
from backend.api.shapes import Body, Shape
from backend.database import transaction
from backend.domain import projects, users
from backend.errors import ForbiddenError, NotAuthenticatedError
from backend.models import Login, Role, User
from backend.settings import Settings

public = APIRouter(prefix="/api", tags=["session"])
router = APIRouter(prefix="/api", tags=["session"])

Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class LoginBody(Body):
    """E-mail address and password."""

    email: Text
    password: Text


class PasswordBody(Body):
    """The password change."""

    current: Text
    new: Text


class AcceptBody(Body):
    """Using an invitation."""

    token: Text
    name: Annotated[str, StringConstraints(max_length=200)] = ""
    password: Text


class UserShape(Shape):
    """A person."""

    id: int
    email: str
    name: str


class MeShape(UserShape):
    """The person who is logged in."""

    must_change_password: bool
    may_create_projects: bool


class ProjectRef(Shape):
    """A project by slug and name."""

    slug: str
    name: str


class MembershipShape(Shape):
    """A project of mine and my role there."""

    project: ProjectRef
    role: Role


class SessionShape(Shape):
    """Who I am, where I may work, and the token that unsafe requests must carry."""

    user: MeShape
    csrf_token: str | None
    memberships: list[MembershipShape]


def _shape(session: SessionDep, user: User, login: Login | None) -> SessionShape:
    return SessionShape(
        user=MeShape.model_validate(user),
        csrf_token=login.csrf_token if login else None,
        memberships=[
            MembershipShape(project=ProjectRef.model_validate(project), role=role)
            for project, role in users.memberships(session, user_id=user.id)
        ],
    )


def _set_cookie(response: Response, token: str, settings: Settings) -> None:
    secure = (settings.public_url or "").startswith("https://")
    response.set_cookie(
        COOKIE, token, max_age=settings.session_days * 86400, httponly=True, samesite="lax", secure=secure
    )


@public.post("/login")
def log_in(
    body: LoginBody, request: Request, response: Response, sessions: SessionsDep, settings: SettingsDep
) -> SessionShape:
    """Open a login; the token travels in an HttpOnly cookie."""
    if request.headers.get("origin") is not None:
        check_origin(request, settings)
    try:
        with transaction(sessions) as session:
            user, login, token = users.log_in(
                session, email=body.email, password=body.password, days=settings.session_days
            )
            shape = _shape(session, user, login)
    except NotAuthenticatedError:
        with transaction(sessions) as session:
            users.note_failed_login(session, email=body.email)
        raise
    _set_cookie(response, token, settings)
    return shape


@public.post("/invitations/accept")
def accept_invitation(
    body: AcceptBody, request: Request, response: Response, session: SessionDep, settings: SettingsDep
) -> SessionShape:
    """Join a project by invitation and log in."""
    if request.headers.get("origin") is not None:
        check_origin(request, settings)
    user = projects.accept(session, token=body.token, name=body.name, password=body.password)
    login, token = users.open_login(session, user=user, days=settings.session_days)
    _set_cookie(response, token, settings)
    return _shape(session, user, login)


@router.get("/session")
def get_session(actor: ActorDep, session: SessionDep) -> SessionShape:
    """Who is asking."""
    return _shape(session, actor.user, actor.login)


@router.post("/logout", status_code=204)
def log_out(actor: ActorDep, session: SessionDep, response: Response) -> None:
    """End this login."""
    if actor.login is not None:
        users.log_out(session, login_id=actor.login.id)
    response.delete_cookie(COOKIE)


@router.post("/password", status_code=204)
def change_password(body: PasswordBody, actor: ActorDep, session: SessionDep) -> None:
    """Choose a new password; other logins end."""
    if actor.login is None:
        raise ForbiddenError("A password is changed by a person who is logged in, not with a key.")
    users.change_password(session, user=actor.user, current=body.current, new=body.new, keep_login_id=actor.login.id)
