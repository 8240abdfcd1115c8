"""The critique form of a project: its versions, and what a new one would change."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import Field

from backend.api.deps import AdminDep, SessionDep, ViewerDep
from backend.api.shapes import Body, Shape
from backend.domain import form_versions
from backend.domain.form_versions import FormRow
from backend.forms import Form

router = APIRouter(prefix="/api/projects/{project}/form", tags=["forms"])


class FormShape(Shape):
    """A version of the form; the author is null for the one that a project began with."""

    number: int
    form: Form
    author: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: FormRow) -> Self:
        """From a line of the list."""
        return cls(number=row.number, form=row.form, author=row.author, created_at=row.version.created_at)


class FormBody(Body):
    """A form to put in force, and the version that it was made from."""

    form: Form
    base: Annotated[int, Field(ge=1)]


class FormCheckBody(Body):
    """A form that is being edited."""

    form: Form


class FormChangesShape(Shape):
    """Keys of questions that come, go and change; how many drafts are open, and how many of them would feel it."""

    added: list[str]
    removed: list[str]
    changed: list[str]
    open_drafts: int
    with_removed_answers: int
    to_complete: int


@router.get("")
def get_form(access: ViewerDep, session: SessionDep) -> FormShape:
    """The form in force."""
    return FormShape.of(form_versions.current(session, project_id=access.project.id))


@router.get("/versions")
def list_forms(access: ViewerDep, session: SessionDep) -> list[FormShape]:
    """Every version of the form, newest first."""
    return [FormShape.of(row) for row in form_versions.versions(session, project_id=access.project.id)]


@router.put("")
def change_form(body: FormBody, access: AdminDep, session: SessionDep) -> FormShape:
    """Put a form in force: a new version, under which drafts go on; what was submitted keeps its own."""
    form_versions.save(session, project=access.project, form=body.form, user_id=access.user_id, base=body.base)
    return FormShape.of(form_versions.current(session, project_id=access.project.id))


@router.post("/changes")
def check_form(body: FormCheckBody, access: AdminDep, session: SessionDep) -> FormChangesShape:
    """What a form would change for questions and open drafts; nothing is stored."""
    return FormChangesShape.model_validate(form_versions.changes(session, project_id=access.project.id, form=body.form))
