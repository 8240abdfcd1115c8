"""Projects, members, invitations, keys, activity."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from sqlalchemy import select

from backend.api.deps import ActorDep, AdminDep, AnnotatorDep, SessionDep, SettingsDep, ViewerDep
from backend.api.session import UserShape
from backend.api.shapes import Body, Limit, Shape
from backend.domain import assignments, form_versions, guidelines, journal, progress, projects, reviews, to_do, users
from backend.domain.projects import Access
from backend.domain.to_do import ToDo
from backend.errors import ForbiddenError, NotFoundError
from backend.forms import Tag
from backend.models import ApiKey, AuthorKind, Invitation, Project, Role, Split

router = APIRouter(prefix="/api/projects", tags=["projects"])

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class ProjectShape(Shape):
    """A project with my role in it."""

    slug: str
    name: str
    guidelines: str
    overlap: int
    rating_levels: int
    tags: list[str]
    role: Role

    @classmethod
    def of(cls, project: Project, role: Role) -> Self:
        """From the row and the role."""
        return cls(
            slug=project.slug, name=project.name, guidelines=project.guidelines, overlap=project.overlap,
            rating_levels=project.rating_levels, tags=project.tags, role=role,
        )  # fmt: skip


class NewProject(Body):
    """A project to create."""

    slug: str
    name: Annotated[str, StringConstraints(max_length=200)] = ""


class ProjectPatch(Body):
    """Settings of a project; what is left out stays."""

    name: Name | None = None
    guidelines: Annotated[str, StringConstraints(max_length=20_000)] | None = None
    overlap: Annotated[int, Field(ge=1, le=20)] | None = None
    rating_levels: Annotated[int, Field(ge=2, le=11)] | None = None
    tags: Annotated[list[Tag], Field(max_length=20)] | None = None


class ProgressShape(Shape):
    """Counts over a project; ``mine_to_do`` is what I have begun or could be given now, or at least so much.

    ``seconds_left`` is until all is annotated, at the pace of the newest 200 critiques by people.
    """

    prompts: dict[Split, int]
    attempts: int
    critiques: dict[AuthorKind, int]
    redrafts: int
    comparisons: int
    to_annotate: int
    seconds_left: float | None
    mine_submitted: int
    mine_to_do: int
    mine_to_do_is_more: bool


class MemberShape(Shape):
    """A person and their role."""

    user: UserShape
    role: Role


class RoleBody(Body):
    """A new role."""

    role: Role


class InvitationBody(Body):
    """Whom to invite, as what."""

    email: str
    role: Role


class InvitationShape(Shape):
    """An invitation."""

    id: int
    email: str
    role: Role
    expires_at: datetime
    accepted_at: datetime | None


class NewInvitationShape(InvitationShape):
    """A fresh invitation; token and link are shown this once."""

    token: str
    url: str


class KeyBody(Body):
    """A key to create."""

    name: Name
    role: Role


class KeyShape(Shape):
    """A key, without its secret."""

    id: int
    name: str
    role: Role
    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKeyShape(KeyShape):
    """A fresh key; the secret is shown this once."""

    key: str


class ActivityShape(Shape):
    """One entry of the journal."""

    id: int
    action: str
    subject: str
    details: dict[str, object]
    user: str | None
    created_at: datetime


@router.get("")
def list_projects(actor: ActorDep, session: SessionDep) -> list[ProjectShape]:
    """My projects."""
    return [
        ProjectShape.of(project, role)
        for project, role in users.memberships(session, user_id=actor.user.id)
        if actor.key is None or actor.key.project_id == project.id
    ]


@router.post("", status_code=201)
def create_project(body: NewProject, actor: ActorDep, session: SessionDep) -> ProjectShape:
    """A new project of mine."""
    if actor.key is not None:
        raise ForbiddenError("A key belongs to one project and cannot create another.")
    return ProjectShape.of(projects.create(session, user=actor.user, slug=body.slug, name=body.name), Role.owner)


@router.get("/{project}")
def get_project(access: ViewerDep) -> ProjectShape:
    """One project."""
    return ProjectShape.of(access.project, access.role)


@router.patch("/{project}")
def change_project(body: ProjectPatch, access: AdminDep, session: SessionDep) -> ProjectShape:
    """Change settings of a project."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    if body.rating_levels is not None or body.tags is not None:
        form_versions.set_scale(
            session, project=access.project, points=body.rating_levels, tags=body.tags, user_id=access.user_id
        )
    if body.guidelines is not None:
        guidelines.save(session, project=access.project, text=body.guidelines, user_id=access.user_id)
    if body.overlap is not None:
        assignments.change_overlap(session, project=access.project, overlap=body.overlap)
    if body.name is not None:
        access.project.name = body.name
    _journal(session, access, "project.changed", access.project.slug, fields=sorted(changes))
    return ProjectShape.of(access.project, access.role)


@router.get("/{project}/progress")
def get_progress(access: ViewerDep, actor: ActorDep, session: SessionDep) -> ProgressShape:
    """How far the collection is."""
    found = progress.of(session, project=access.project, user_id=access.user_id)
    works = access.role.covers(Role.annotator)
    mine = to_do.of(session, project=access.project, user=actor.user) if works else ToDo(0, is_more=False)
    return ProgressShape(**asdict(found), mine_to_do=mine.count, mine_to_do_is_more=mine.is_more)


@router.get("/{project}/members")
def list_members(access: ViewerDep, session: SessionDep) -> list[MemberShape]:
    """Who belongs to the project."""
    found = projects.members(session, project_id=access.project.id)
    return [MemberShape(user=UserShape.model_validate(user), role=role) for user, role in found]


@router.patch("/{project}/members/{user_id}", status_code=204)
def change_member(user_id: int, body: RoleBody, access: AdminDep, session: SessionDep) -> None:
    """Give a member another role; who no longer critiques keeps no places."""
    projects.set_role(session, access, user_id=user_id, role=body.role)
    if body.role == Role.viewer:
        reviews.let_go(session, access, author_id=user_id)


@router.delete("/{project}/members/{user_id}", status_code=204)
def remove_member(user_id: int, access: AdminDep, session: SessionDep) -> None:
    """Take a member out; what they wrote stays, and their places are free."""
    projects.remove_member(session, access, user_id=user_id)
    reviews.let_go(session, access, author_id=user_id)


@router.get("/{project}/invitations")
def list_invitations(access: AdminDep, session: SessionDep) -> list[InvitationShape]:
    """Invitations, newest first."""
    query = select(Invitation).where(Invitation.project_id == access.project.id).order_by(Invitation.id.desc())
    return [InvitationShape.model_validate(invitation) for invitation in session.scalars(query)]


@router.post("/{project}/invitations", status_code=201)
def invite(body: InvitationBody, access: AdminDep, session: SessionDep, settings: SettingsDep) -> NewInvitationShape:
    """Invite somebody; hand them the link, it is shown once."""
    invitation, token = projects.invite(session, access, email=body.email, role=body.role)
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    shape = InvitationShape.model_validate(invitation)
    return NewInvitationShape(**shape.model_dump(), token=token, url=f"{base}/invitation#{token}")


@router.delete("/{project}/invitations/{invitation_id}", status_code=204)
def withdraw_invitation(invitation_id: int, access: AdminDep, session: SessionDep) -> None:
    """Withdraw an invitation that was not used."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.project_id != access.project.id or invitation.accepted_at is not None:
        raise NotFoundError("There is no open invitation of that number.")
    session.delete(invitation)
    _journal(session, access, "invitation.withdrawn", invitation.email)


@router.get("/{project}/keys")
def list_keys(access: AnnotatorDep, session: SessionDep) -> list[KeyShape]:
    """My keys for this project; admins see all."""
    query = select(ApiKey).where(ApiKey.project_id == access.project.id).order_by(ApiKey.id.desc())
    if not access.role.covers(Role.admin):
        query = query.where(ApiKey.user_id == access.user_id)
    return [KeyShape.model_validate(key) for key in session.scalars(query)]


@router.post("/{project}/keys", status_code=201)
def create_key(body: KeyBody, access: AnnotatorDep, actor: ActorDep, session: SessionDep) -> NewKeyShape:
    """A new key; its secret is shown once."""
    if actor.key is not None:
        raise ForbiddenError("A key cannot make keys; log in.")
    key, secret = users.create_key(
        session, user_id=access.user_id, project_id=access.project.id, name=body.name, role=body.role, own=access.role
    )
    return NewKeyShape(**KeyShape.model_validate(key).model_dump(), key=secret)


@router.delete("/{project}/keys/{key_id}", status_code=204)
def revoke_key(key_id: int, access: AnnotatorDep, session: SessionDep) -> None:
    """Revoke a key; requests with it are refused from now on."""
    users.revoke_key(session, user_id=access.user_id, project_id=access.project.id, key_id=key_id, own=access.role)


@router.get("/{project}/activity")
def list_activity(access: AdminDep, session: SessionDep, limit: Limit = 100) -> list[ActivityShape]:
    """Who did what, newest first."""
    return [
        ActivityShape(
            id=entry.id, action=entry.action, subject=entry.subject, details=entry.details, user=name,
            created_at=entry.created_at,
        )
        for entry, name in journal.recent(session, project_id=access.project.id, limit=limit)
    ]  # fmt: skip


def _journal(session: SessionDep, access: Access, action: str, subject: str, **details: object) -> None:
    journal.record(
        session, action=action, subject=subject, user_id=access.user_id, project_id=access.project.id, **details
    )
