"""How a project was set up, from its lineage: settings, and the versions of form and guidelines."""

from backend.domain import form_versions, guidelines
from backend.errors import InvalidError
from backend.models import FormVersion, GuidelineVersion
from worker.exchange.lineage_records import FormRecord, GuidelinesRecord, ProjectRecord
from worker.exchange.lineage_target import Line, Target


def take_project(target: Target, lines: list[Line]) -> None:
    """Take over the settings, and make room for the versions of form and guidelines that follow."""
    for name, value in lines[0].of(ProjectRecord).model_dump(exclude={"kind"}).items():
        setattr(target.project, name, value)
    form_versions.clear(target.session, project=target.project)
    guidelines.clear(target.session, project=target.project)


def take_forms(target: Target, lines: list[Line]) -> None:
    """Put the versions of the form in force, one after the other."""
    for line in lines:
        record = line.of(FormRecord)
        try:
            form_versions.refuse_other_kinds(record.content, target.forms)
        except InvalidError as error:
            raise line.bad(f"content: {error.message}") from error
        target.forms.append(record.content)
        version = FormVersion(
            project_id=target.project.id, number=len(target.forms), content=record.content.model_dump(mode="json"),
            author_name=record.author_name, created_at=record.created_at,
        )  # fmt: skip
        form_versions.put(target.session, project=target.project, version=version)


def take_guidelines(target: Target, lines: list[Line]) -> None:
    """Put the versions of the guidelines in force, one after the other."""
    for line in lines:
        record = line.of(GuidelinesRecord)
        target.guidelines += 1
        version = GuidelineVersion(
            project_id=target.project.id, number=target.guidelines, text=record.text, author_name=record.author_name,
            created_at=record.created_at,
        )  # fmt: skip
        guidelines.put(target.session, project=target.project, version=version)
