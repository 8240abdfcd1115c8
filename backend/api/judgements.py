"""Judges, and having one judge what was answered."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from backend.api.deps import AdminDep, ReviewerDep, SessionDep, SettingsDep
from backend.api.prompts import JobShape
from backend.api.shapes import Body, Shape
from backend.domain import bulk, judgements, judges
from backend.domain.judges import Judge
from backend.domain.projects import Access
from backend.models import Split
from backend.settings import Settings

router = APIRouter(prefix="/api", tags=["judgements"])


class JudgeShape(Shape):
    """A model that can judge: what it is asked for by, the model behind, and whether this installation serves it."""

    name: str
    model: str
    is_served: bool


class JudgementBody(Body):
    """A judge to run over a split; with ``redraft`` it also rates a second attempt under each critique.

    Without a name the operator's judge is asked, or what ``production`` serves where there is none.
    """

    judge: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    split: Split = Split.train
    redraft: bool = False
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    max_tokens: Annotated[int, Field(ge=1, le=4096)] = 96
    seed: int = 0


def picked(session: Session, access: Access, settings: Settings, name: str | None) -> Judge:
    """The judge of that name in a project of this installation."""
    return judges.pick(
        session, project_id=access.project.id, name=name, base_model=settings.base_model,
        endpoint_model=settings.judge_model,
    )  # fmt: skip


@router.get("/projects/{project}/judges")
def list_judges(access: ReviewerDep, session: SessionDep, settings: SettingsDep) -> list[JudgeShape]:
    """The models that can judge here; the first is asked where none is named."""
    found = judges.listed(
        session, project_id=access.project.id, base_model=settings.base_model, endpoint_model=settings.judge_model
    )
    return [
        JudgeShape(name=judge.name, model=judge.model, is_served=judge.checkpoint is not None) for judge in found
    ]  # fmt: skip


@router.post("/projects/{project}/judgements", status_code=202)
def judge_rollouts(body: JudgementBody, access: AdminDep, session: SessionDep, settings: SettingsDep) -> JobShape:
    """Let a model critique and rate the first attempts of a split; done by worker io."""
    judge = picked(session, access, settings, body.judge)
    request = judgements.request_for(session, access, judge=judge, **body.model_dump(exclude={"judge"}))
    return JobShape.of(bulk.create(session, access, request=request))
