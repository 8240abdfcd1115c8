"""Judges: which models can judge in a project, and what each would be told now.

A judge is a model that the engine serves, or the one that the installation's operator named in the settings. No
address of a model comes from a request or from the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend import judge_contexts
from backend.domain import checkpoints, form_versions, guidelines, rules
from backend.errors import DomainError, NotFoundError
from backend.models import Checkpoint, Project

ENDPOINT = "endpoint:"
MOST_SERVED = 50
LONGEST_SIGNATURE = 150


@dataclass(frozen=True)
class Judge:
    """A model that can judge: what it is asked for by, and the model behind; without a checkpoint the operator's."""

    name: str
    model: str
    checkpoint: Checkpoint | None

    @property
    def signature(self) -> str:
        """The model as it signs: one that is not served here says so. Checkpoints differ at the end of their names."""
        return self.model[-LONGEST_SIGNATURE:] if self.checkpoint else f"{ENDPOINT}{self.model}"


@dataclass(frozen=True)
class Charge:
    """What a judge is charged with: the versions that it reads, and the name that it therefore signs with."""

    author_name: str
    guideline_version: int
    form_version: int
    rules: list[str]


def listed(session: Session, *, project_id: int, base_model: str, endpoint_model: str | None) -> list[Judge]:
    """The operator's judge, what ``production`` and the other aliases serve, then published checkpoints."""
    names = [f"{ENDPOINT}{endpoint_model}"] if endpoint_model else []
    aliases = [alias.name for alias, *_ in checkpoints.aliases(session, project_id=project_id)]
    served = [row.name for row in checkpoints.of_project(session, project_id=project_id)]
    names += dict.fromkeys([checkpoints.PRODUCTION, *aliases, *served[:MOST_SERVED]])
    found = []
    for name in names:
        try:
            found.append(
                pick(session, project_id=project_id, name=name, base_model=base_model, endpoint_model=endpoint_model)
            )
        except DomainError:  # not published, or not prepared yet
            continue
    return found


def pick(session: Session, *, project_id: int, name: str | None, base_model: str, endpoint_model: str | None) -> Judge:
    """A judge by name; without one the operator's, or what ``production`` serves where there is none.

    Raises:
        NotFoundError: nothing of that name is served, or the operator has named another model.
    """
    own = f"{ENDPOINT}{endpoint_model}" if endpoint_model else None
    asked = name or own or checkpoints.PRODUCTION
    if endpoint_model and asked == own:
        return Judge(name=asked, model=endpoint_model, checkpoint=None)
    if asked.startswith(ENDPOINT):
        raise NotFoundError(
            f"This installation has no judge '{asked}'; its operator names one with REDRAFT_JUDGE_URL and "
            "REDRAFT_JUDGE_MODEL.",
            field="judge",
        )
    checkpoint = checkpoints.resolve(session, project_id=project_id, model=asked, base_model=base_model)
    return Judge(name=asked, model=checkpoint.name, checkpoint=checkpoint)


def charge(session: Session, *, project: Project, judge: Judge) -> Charge:
    """What the judge would be told now: the guidelines, the form and the rules in force."""
    number = guidelines.newest(session, project_id=project.id)
    form = form_versions.current(session, project_id=project.id).number
    active = [rule.text for rule in rules.active(session, project_id=project.id)]
    text, _ = told(session, project_id=project.id, guideline_version=number, form_version=form, active=active)
    return Charge(
        author_name=f"{judge.signature} · guidelines {number} · {judge_contexts.told_hash(text)}",
        guideline_version=number,
        form_version=form,
        rules=active,
    )


def told(
    session: Session, *, project_id: int, guideline_version: int, form_version: int, active: Sequence[str]
) -> tuple[str, int]:
    """What a judge is told under these versions, and the points of the scale it rates on."""
    scale = form_versions.numbered(session, project_id=project_id, number=form_version).form.rating
    text = judge_contexts.instructions(
        guidelines=guidelines.text_of(session, project_id=project_id, number=guideline_version),
        rules=active, points=scale.points, labels=scale.labels,
    )  # fmt: skip
    return text, scale.points
