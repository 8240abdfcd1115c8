"""Projects, who belongs to them, and whether somebody may do something there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.domain import form_versions, journal, users
from backend.domain.users import Actor
from backend.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from backend.models import Invitation, Membership, Project, Reservation, Role, User
from backend.security import fingerprint, new_secret, verify_password

INVITATION_DAYS = 14
DEFAULT_TAGS = ["wrong", "too long", "unclear", "off topic", "tone"]


@dataclass(frozen=True)
class Access:
    """A project that the actor may enter, with the role that counts for this request."""

    project: Project
    role: Role
    user_id: int


def authorise(
    session: Session, actor: Actor, *, at_least: Role, slug: str | None = None, project_id: int | None = None
) -> Access:
    """The actor's access to a project, named by slug or id.

    Raises:
        NotFoundError: there is no such project, or the actor is not in it (one answer for both).
        ForbiddenError: the actor's role, or the key's, is too low.
    """
    query = (
        select(Project, Membership.role)
        .join(Membership, Membership.project_id == Project.id)
        .where(Membership.user_id == actor.user.id)
        .where(Project.slug == slug if slug is not None else Project.id == project_id)
    )
    row = session.execute(query).first()
    if row is None or (actor.key is not None and actor.key.project_id != row[0].id):
        raise NotFoundError("There is no such thing here, or it is not yours to see.")
    project, role = row
    if actor.key is not None and not actor.key.role.covers(role):
        role = actor.key.role
    if not role.covers(at_least):
        raise ForbiddenError(f"This needs the role {at_least}; yours here is {role}.")
    return Access(project=project, role=role, user_id=actor.user.id)


def create(session: Session, *, user: User, slug: str, name: str) -> Project:
    """A new project owned by ``user``."""
    if not user.may_create_projects:
        raise ForbiddenError("Your account may not create projects; ask an owner of the installation.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", slug):
        raise InvalidError("A slug has 1 to 63 lower-case letters, digits and dashes.", field="slug")
    if session.scalar(select(Project.id).where(Project.slug == slug)):
        raise ConflictError(f"There is a project '{slug}' already.", field="slug")
    project = Project(slug=slug, name=name.strip() or slug, tags=DEFAULT_TAGS)
    session.add(project)
    session.flush()
    session.add(Membership(project_id=project.id, user_id=user.id, role=Role.owner))
    form_versions.begin(session, project=project)
    journal.record(session, action="project.created", subject=slug, user_id=user.id, project_id=project.id)
    return project


def members(session: Session, *, project_id: int) -> Sequence[tuple[User, Role]]:
    """The people of a project, by name."""
    query = (
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.project_id == project_id)
        .order_by(User.name)
    )
    return [(user, role) for user, role in session.execute(query)]


def set_role(session: Session, access: Access, *, user_id: int, role: Role) -> None:
    """Change a member's role; nobody hands out more than they have, and one owner stays."""
    membership = _changeable(session, access, user_id=user_id)
    if not access.role.covers(role):
        raise ForbiddenError(f"Your role is {access.role}; you cannot make somebody {role}.")
    if membership.role == Role.owner and role != Role.owner:
        _refuse_last_owner(session, access)
    membership.role = role
    if role == Role.viewer:
        _keep_nothing_for(session, access, user_id=user_id)
    journal.record(
        session, action="member.role", subject=f"user {user_id}", user_id=access.user_id,
        project_id=access.project.id, role=role,
    )  # fmt: skip


def remove_member(session: Session, access: Access, *, user_id: int) -> None:
    """Take somebody out of the project; what they wrote stays."""
    membership = _changeable(session, access, user_id=user_id)
    if membership.role == Role.owner:
        _refuse_last_owner(session, access)
    session.delete(membership)
    _keep_nothing_for(session, access, user_id=user_id)
    journal.record(
        session, action="member.removed", subject=f"user {user_id}", user_id=access.user_id,
        project_id=access.project.id,
    )  # fmt: skip


def _keep_nothing_for(session: Session, access: Access, *, user_id: int) -> None:
    """Prompts that were kept for somebody who no longer critiques would wait for ever."""
    session.execute(
        delete(Reservation).where(Reservation.project_id == access.project.id, Reservation.user_id == user_id)
    )


def _changeable(session: Session, access: Access, *, user_id: int) -> Membership:
    membership = session.scalar(
        select(Membership).where(Membership.project_id == access.project.id, Membership.user_id == user_id)
    )
    if membership is None:
        raise NotFoundError("That person is not a member of this project.")
    if not access.role.covers(membership.role):
        raise ForbiddenError(f"Only a {membership.role} may change a {membership.role}.")
    return membership


def _refuse_last_owner(session: Session, access: Access) -> None:
    # Locks the project, so that two owners cannot leave at the same moment.
    session.execute(select(Project.id).where(Project.id == access.project.id).with_for_update(key_share=True))
    owners = session.scalar(
        select(func.count()).select_from(Membership)
        .where(Membership.project_id == access.project.id, Membership.role == Role.owner)
    )  # fmt: skip
    if (owners or 0) <= 1:
        raise ConflictError("A project keeps at least one owner; make somebody else owner first.")


def invite(session: Session, access: Access, *, email: str, role: Role) -> tuple[Invitation, str]:
    """An invitation and its one-time token."""
    if not access.role.covers(role):
        raise ForbiddenError(f"Your role is {access.role}; you cannot invite a {role}.")
    token = new_secret("rdi_")
    invitation = Invitation(
        project_id=access.project.id,
        email=users.normal_email(email),
        role=role,
        token_hash=fingerprint(token),
        invited_by=access.user_id,
        expires_at=users.now() + timedelta(days=INVITATION_DAYS),
    )
    session.add(invitation)
    session.flush()
    journal.record(
        session, action="invitation.created", subject=invitation.email, user_id=access.user_id,
        project_id=access.project.id, role=role,
    )  # fmt: skip
    return invitation, token


def accept(session: Session, *, token: str, name: str, password: str) -> User:
    """Use up an invitation: the invited person joins, with a new account or, knowing its password, their old one."""
    invitation = session.scalar(select(Invitation).where(Invitation.token_hash == fingerprint(token)).with_for_update())
    if invitation is None or invitation.accepted_at is not None or invitation.expires_at < users.now():
        raise NotFoundError("This invitation is unknown, used or expired; ask for a new one.")
    user = session.scalar(select(User).where(User.email == invitation.email))
    if user is None:
        users.check_password(password)
        user = users.create(
            session, email=invitation.email, name=name or invitation.email, password=password, one_time=False
        )
    elif not verify_password(user.password_hash, password):
        raise InvalidError("You have an account here; enter its password to join.", field="password")
    invitation.accepted_at = users.now()
    known = session.scalar(
        select(Membership).where(Membership.project_id == invitation.project_id, Membership.user_id == user.id)
    )
    if known is None:
        session.add(Membership(project_id=invitation.project_id, user_id=user.id, role=invitation.role))
    journal.record(
        session, action="invitation.accepted", subject=user.email, user_id=user.id, project_id=invitation.project_id
    )
    return user
