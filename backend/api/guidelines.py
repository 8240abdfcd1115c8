"""Guidelines: their versions, and which one I have read."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from backend.api.deps import AnnotatorDep, SessionDep, ViewerDep
from backend.api.shapes import Body, Shape
from backend.domain import guidelines

router = APIRouter(prefix="/api/projects/{project}/guidelines", tags=["guidelines"])


class GuidelineVersionShape(Shape):
    """A version of the guidelines; the author is null for text that is older than versions."""

    number: int
    author: str | None
    created_at: datetime


class GuidelineTextShape(Shape):
    """What a version says, in markdown."""

    number: int
    text: str


class StandingShape(Shape):
    """The version in force (0: none was written), and the newest that I have read."""

    number: int
    read: int | None


class ReadBody(Body):
    """The version that was read."""

    number: Annotated[int, Field(ge=1)]


@router.get("/versions")
def list_guidelines(access: ViewerDep, session: SessionDep) -> list[GuidelineVersionShape]:
    """Every version, newest first."""
    found = guidelines.versions(session, project_id=access.project.id)
    return [GuidelineVersionShape.model_validate(row) for row in found]


@router.get("/versions/{number}")
def get_guidelines(number: Annotated[int, Path(ge=0)], access: ViewerDep, session: SessionDep) -> GuidelineTextShape:
    """What a version says."""
    return GuidelineTextShape(
        number=number, text=guidelines.text_of(session, project_id=access.project.id, number=number)
    )


@router.put("/read")
def read_guidelines(body: ReadBody, access: AnnotatorDep, session: SessionDep) -> StandingShape:
    """Say that I have read a version."""
    found = guidelines.mark_read(session, project_id=access.project.id, user_id=access.user_id, number=body.number)
    return StandingShape.model_validate(found)
