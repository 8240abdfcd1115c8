"""People: the first owner, logins, passwords, API keys."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.domain import journal
from backend.errors import InvalidError, NotAuthenticatedError, NotFoundError
from backend.models import ApiKey, Login, Membership, Project, Role, User
from backend.security import MIN_PASSWORD, fingerprint, hash_password, new_password, new_secret, verify_password

FREE_ATTEMPTS = 5
LOCK_MINUTES = 1
SESSION_KEY = "rds_"
API_KEY = "rdk_"
_UNKNOWN_USER_HASH = hash_password("nobody has this password")


@dataclass(frozen=True)
class Actor:
    """Who makes a request: a person by login, or a person's key for one project with one role."""

    user: User
    login: Login | None
    key: ApiKey | None


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def ensure_owner(session: Session, *, email: str, name: str = "Owner") -> str | None:
    """Create the first owner and return their one-time password; None when there are users already."""
    if session.scalar(select(func.count()).select_from(User)):
        return None
    password = new_password()
    create(session, email=email, name=name, password=password, one_time=True, may_create_projects=True)
    return password


def create(
    session: Session, *, email: str, name: str, password: str, one_time: bool, may_create_projects: bool = False
) -> User:
    """Add a user; a one-time password must be changed at the first login."""
    user = User(
        email=normal_email(email),
        name=name.strip(),
        password_hash=hash_password(password),
        must_change_password=one_time,
        may_create_projects=may_create_projects,
    )
    session.add(user)
    session.flush()
    return user


def normal_email(email: str) -> str:
    """Lower case, no surrounding space; refused when it cannot be an address."""
    cleaned = email.strip().lower()
    if cleaned.count("@") != 1 or cleaned.startswith("@") or cleaned.endswith("@") or " " in cleaned:
        raise InvalidError(f"'{email}' is not an e-mail address.", field="email")
    return cleaned


def log_in(session: Session, *, email: str, password: str, days: int) -> tuple[User, Login, str]:
    """Check a password and open a login; returns the user, the login and the cookie's token.

    Raises:
        NotAuthenticatedError: wrong address or password (the same for both), or too many failures in a row.
    """
    user = session.scalar(select(User).where(User.email == email.strip().lower()).with_for_update())
    if user is not None and user.locked_until is not None and user.locked_until > now():
        raise NotAuthenticatedError("Too many wrong passwords. Wait a minute and try again.")
    if not verify_password(user.password_hash if user else _UNKNOWN_USER_HASH, password) or user is None:
        raise NotAuthenticatedError("The e-mail address or the password is wrong.")
    user.failed_logins = 0
    login, token = open_login(session, user=user, days=days)
    return user, login, token


def note_failed_login(session: Session, *, email: str) -> None:
    """Count a wrong password; after several in a row the account pauses for a minute."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()).with_for_update())
    if user is None:
        return
    user.failed_logins += 1
    if user.failed_logins >= FREE_ATTEMPTS:
        user.locked_until = now() + timedelta(minutes=LOCK_MINUTES)


def open_login(session: Session, *, user: User, days: int) -> tuple[Login, str]:
    """A new login of ``user`` that ends after ``days``."""
    token = new_secret(SESSION_KEY)
    login = Login(
        user_id=user.id,
        token_hash=fingerprint(token),
        csrf_token=new_secret(),
        expires_at=now() + timedelta(days=days),
    )
    session.add(login)
    session.execute(delete(Login).where(Login.user_id == user.id, Login.expires_at < now()))
    session.flush()
    return login, token


def by_login_token(session: Session, token: str) -> Actor | None:
    """Who holds the cookie, if the login is known and has not ended."""
    row = session.execute(
        select(User, Login)
        .join(Login, Login.user_id == User.id)
        .where(Login.token_hash == fingerprint(token), Login.expires_at > func.clock_timestamp())
    ).first()
    return Actor(user=row[0], login=row[1], key=None) if row else None


def by_api_key(session: Session, secret: str) -> Actor | None:
    """Who holds the key, if it is known and not revoked."""
    row = session.execute(
        select(User, ApiKey)
        .join(ApiKey, ApiKey.user_id == User.id)
        .where(ApiKey.key_hash == fingerprint(secret), ApiKey.revoked_at.is_(None))
    ).first()
    if row is None:
        return None
    if row[1].last_used_at is None or now() - row[1].last_used_at > timedelta(minutes=1):
        row[1].last_used_at = now()  # to the minute, so that a busy script does not write a row with every request
    return Actor(user=row[0], login=None, key=row[1])


def log_out(session: Session, *, login_id: int) -> None:
    """End one login."""
    session.execute(delete(Login).where(Login.id == login_id))


def change_password(session: Session, *, user: User, current: str, new: str, keep_login_id: int | None) -> None:
    """Set a new password; every other login of the user ends."""
    if not verify_password(user.password_hash, current):
        raise InvalidError("The current password is wrong.", field="current")
    check_password(new)
    if new == current:
        raise InvalidError("The new password must differ from the current one.", field="new")
    user.password_hash = hash_password(new)
    user.must_change_password = False
    session.execute(delete(Login).where(Login.user_id == user.id, Login.id != (keep_login_id or 0)))
    journal.record(session, action="password.changed", subject=f"user {user.id}", user_id=user.id)


def reset_password(session: Session, *, user: User) -> str:
    """A new one-time password; every login of the user ends."""
    password = new_password()
    user.password_hash = hash_password(password)
    user.must_change_password = True
    user.failed_logins = 0
    user.locked_until = None
    session.execute(delete(Login).where(Login.user_id == user.id))
    journal.record(session, action="password.reset", subject=f"user {user.id}", user_id=None)
    return password


def check_password(password: str) -> None:
    """Refuse a password that is too short."""
    if len(password) < MIN_PASSWORD:
        raise InvalidError(f"A password needs at least {MIN_PASSWORD} characters.", field="new")


def memberships(session: Session, *, user_id: int) -> list[tuple[Project, Role]]:
    """The projects of a user with their role, by name."""
    query = (
        select(Project, Membership.role)
        .join(Membership, Membership.project_id == Project.id)
        .where(Membership.user_id == user_id)
        .order_by(Project.name)
    )
    return [(project, role) for project, role in session.execute(query)]


def create_key(
    session: Session, *, user_id: int, project_id: int, name: str, role: Role, own: Role
) -> tuple[ApiKey, str]:
    """A new key with at most the user's own role; the secret is returned once."""
    if not own.covers(role):
        raise InvalidError(f"Your role here is {own}; a key cannot have more.", field="role")
    secret = new_secret(API_KEY)
    key = ApiKey(
        user_id=user_id, project_id=project_id, name=name, role=role, prefix=secret[:12], key_hash=fingerprint(secret)
    )
    session.add(key)
    session.flush()
    journal.record(session, action="key.created", subject=f"key {key.id}", user_id=user_id, project_id=project_id)
    return key, secret


def revoke_key(session: Session, *, user_id: int, project_id: int, key_id: int, own: Role) -> None:
    """Revoke an own key, or anyone's as an admin."""
    key = session.get(ApiKey, key_id)
    if key is None or key.project_id != project_id or (key.user_id != user_id and not own.covers(Role.admin)):
        raise NotFoundError("There is no such key in this project.")
    key.revoked_at = key.revoked_at or now()
    journal.record(session, action="key.revoked", subject=f"key {key.id}", user_id=user_id, project_id=project_id)
