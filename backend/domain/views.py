"""Saved views: a filter with a name, private or shared with the project."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.domain.filters import Filter
from backend.domain.projects import Access
from backend.errors import ConflictError, ForbiddenError, NotFoundError
from backend.models import Listed, Project, Role, SavedView, User

MOST_VIEWS = 100


def visible(session: Session, access: Access) -> Sequence[tuple[SavedView, str]]:
    """My views and those that others share, by name, with whose each is."""
    query = (
        select(SavedView, User.name)
        .join(User, User.id == SavedView.owner_id)
        .where(SavedView.project_id == access.project.id)
        .where((SavedView.owner_id == access.user_id) | SavedView.is_shared)
        .order_by(SavedView.name, SavedView.id)
    )
    return [(view, name) for view, name in session.execute(query)]


def save(session: Session, access: Access, *, name: str, listed: Listed, wanted: Filter, is_shared: bool) -> SavedView:
    """A view of mine; the same name again replaces what it said.

    Raises:
        ConflictError: I have too many views.
    """
    # One at a time per project, so that a name is kept once and the count holds.
    session.execute(select(Project.id).where(Project.id == access.project.id).with_for_update(key_share=True))
    mine = (SavedView.project_id == access.project.id) & (SavedView.owner_id == access.user_id)
    view = session.scalar(select(SavedView).where(mine, SavedView.name == name))
    if view is None:
        if (session.scalar(select(func.count()).where(mine)) or 0) >= MOST_VIEWS:
            raise ConflictError(f"You have {MOST_VIEWS} views; delete one first.")
        view = SavedView(project_id=access.project.id, owner_id=access.user_id, name=name)
        session.add(view)
    view.listed = listed
    view.filter = wanted.model_dump(mode="json", exclude_none=True)
    view.is_shared = is_shared
    session.flush()
    return view


def get(session: Session, view_id: int) -> SavedView:
    """One view."""
    view = session.get(SavedView, view_id)
    if view is None:
        raise NotFoundError(f"There is no view {view_id}.")
    return view


def delete(session: Session, access: Access, view: SavedView) -> None:
    """Take a view away: one's own, or as an admin a shared one. Somebody's private view does not exist for others."""
    if view.owner_id != access.user_id:
        if not view.is_shared:
            raise NotFoundError(f"There is no view {view.id}.")
        if not access.role.covers(Role.admin):
            raise ForbiddenError("Only its owner or an admin may delete a shared view.")
    session.delete(view)
    session.flush()
