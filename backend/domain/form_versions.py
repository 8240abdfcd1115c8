"""Versions of a project's critique form: the newest is in force, and what was answered under an older one stays so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend import forms
from backend.domain import journal
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.forms import Answer, Form, RatingScale
from backend.models import Critique, CritiqueState, FormVersion, Project, User


@dataclass(frozen=True)
class FormRow:
    """A version of the form; ``author`` is None for the one a project began with."""

    number: int
    form: Form
    version: FormVersion
    author: str | None


@dataclass(frozen=True)
class FormChanges:
    """What a new form would change: keys of questions, and how many open drafts feel it."""

    added: list[str]
    removed: list[str]
    changed: list[str]
    open_drafts: int
    with_removed_answers: int
    to_complete: int


def begin(session: Session, *, project: Project) -> FormVersion:
    """The first version, of a project that was just made."""
    form = Form(rating=RatingScale(points=project.rating_levels), tags=project.tags)
    return _add(session, project=project, form=form, number=1, user_id=None)


def _add(session: Session, *, project: Project, form: Form, number: int, user_id: int | None) -> FormVersion:
    version = FormVersion(project_id=project.id, number=number, content=form.model_dump(mode="json"), author_id=user_id)
    return put(session, project=project, version=version)


def clear(session: Session, *, project: Project) -> None:
    """Take every version away, so that those of another installation take their place."""
    session.execute(delete(FormVersion).where(FormVersion.project_id == project.id))


def put(session: Session, *, project: Project, version: FormVersion) -> FormVersion:
    """Put a version in force; the project's row repeats what lists show of it."""
    form = Form.model_validate(version.content)
    session.add(version)
    project.rating_levels, project.tags = form.rating.points, form.tags
    session.flush()
    return version


def set_scale(
    session: Session, *, project: Project, points: int | None, tags: Sequence[str] | None, user_id: int | None
) -> None:
    """Another scale or other tags, which stand in the form: a version of it; None leaves what is."""
    form = current(session, project_id=project.id).form
    rating = form.rating
    if points not in (None, rating.points):
        rating = RatingScale(points=points, required=rating.required)
    kept = form.tags if tags is None else list(dict.fromkeys(tags))
    changed = form.model_copy(update={"rating": rating, "tags": kept})
    save(session, project=project, form=changed, user_id=user_id)


def save(
    session: Session, *, project: Project, form: Form, user_id: int | None, base: int | None = None
) -> FormVersion:
    """Put a form in force. The same form again makes no version.

    ``base`` is the version that was edited, None for whichever is the newest.

    Raises:
        ConflictError: somebody saved another version meanwhile.
        InvalidError: a question changed its kind under the same key, so that old answers would be read wrongly.
    """
    session.execute(select(Project.id).where(Project.id == project.id).with_for_update(key_share=True))
    now = current(session, project_id=project.id)
    if base is not None and base != now.number:
        raise ConflictError(
            f"The form was changed meanwhile: version {now.number} is in force, yours began with {base}. Reload it.",
            version=now.number,
        )
    if now.form == form:
        return now.version
    refuse_other_kinds(form, [row.form for row in versions(session, project_id=project.id)])
    made = _add(session, project=project, form=form, number=now.number + 1, user_id=user_id)
    journal.record(
        session, action="form.changed", subject=f"version {made.number}", user_id=user_id, project_id=project.id
    )
    return made


def refuse_other_kinds(form: Form, former: Sequence[Form]) -> None:
    """Check that no question has another kind than one of the same key had in a former form.

    Raises:
        InvalidError: one has, so that old answers would be read wrongly.
    """
    kinds = {question.key: question.kind for old in former for question in old.questions}
    for place, question in enumerate(form.questions):
        if kinds.get(question.key, question.kind) != question.kind:
            raise InvalidError(
                f"'{question.label}': answers under the key '{question.key}' are of the kind {kinds[question.key]}. "
                "Give the question a key of its own.",
                field=f"form.questions.{place}.key",
            )


def versions(session: Session, *, project_id: int) -> list[FormRow]:
    """Every version, newest first."""
    query = (
        select(FormVersion, func.coalesce(User.name, FormVersion.author_name))
        .outerjoin(User, User.id == FormVersion.author_id)
        .where(FormVersion.project_id == project_id)
        .order_by(FormVersion.number.desc())
    )
    return [_row(version, author) for version, author in session.execute(query)]


def current(session: Session, *, project_id: int) -> FormRow:
    """The version in force."""
    return _one(session, project_id=project_id, number=None)


def numbered(session: Session, *, project_id: int, number: int) -> FormRow:
    """One version."""
    return _one(session, project_id=project_id, number=number)


def _one(session: Session, *, project_id: int, number: int | None) -> FormRow:
    query = (
        select(FormVersion, func.coalesce(User.name, FormVersion.author_name))
        .outerjoin(User, User.id == FormVersion.author_id)
        .where(FormVersion.project_id == project_id)
        .order_by(FormVersion.number.desc())
        .limit(1)
    )
    if number is not None:
        query = query.where(FormVersion.number == number)
    found = session.execute(query).first()
    if found is None:
        raise NotFoundError(f"There is no version {number} of the form.")
    return _row(found[0], found[1])


def _row(version: FormVersion, author: str | None) -> FormRow:
    return FormRow(version.number, Form.model_validate(version.content), version, author)


def refuse_unknown(
    session: Session, *, project_id: int, answers: Mapping[str, Answer], tags: Sequence[str] = ()
) -> None:
    """Check that every answer is to a question that the project asks or once asked, and every tag was one of its tags.

    Raises:
        InvalidError: no version of the form has a question of that key, or such a tag.
    """
    if tags:
        form = current(session, project_id=project_id).form
        _refuse_unknown_tags(session, project_id=project_id, tags=tags, form=form)
    if not answers or answers.keys() <= {
        question.key for question in current(session, project_id=project_id).form.questions
    }:
        return
    known = {q.key for row in versions(session, project_id=project_id) for q in row.form.questions}
    if unknown := sorted(answers.keys() - known):
        raise InvalidError(
            f"This project's form never had a question '{unknown[0]}'.", field=f"draft.answers.{unknown[0]}"
        )


def refuse_incomplete(
    session: Session, *, project_id: int, answered_under: int | None, rating: float | None, tags: Sequence[str],
    answers: Mapping[str, Answer],
) -> FormRow:  # fmt: skip
    """Check a draft against the form in force, before it counts; returns that form.

    Raises:
        ConflictError: the form has changed since the author last saw it (``answered_under`` names that version).
        InvalidError: an answer is missing or not allowed; the message names the question.
    """
    now = current(session, project_id=project_id)
    if answered_under is not None and answered_under != now.number:
        raise ConflictError(
            f"The form has changed to version {now.number} since you opened it. Your answers are kept; "
            "look at what is asked now and submit again.",
            reason="form_changed",
        )
    _refuse_unknown_tags(session, project_id=project_id, tags=tags, form=now.form)
    found = forms.problems(now.form, rating=rating, answers=answers)
    if found:
        raise InvalidError(
            " ".join(problem.message for problem in found),
            field="rating" if found[0].key is None else f"answers.{found[0].key}",
            problems=[{"key": problem.key, "message": problem.message} for problem in found],
        )
    return now


def _refuse_unknown_tags(session: Session, *, project_id: int, tags: Sequence[str], form: Form) -> None:
    if set(tags) <= set(form.tags):
        return
    known = {tag for row in versions(session, project_id=project_id) for tag in row.form.tags}
    if unknown := sorted(set(tags) - known):
        raise InvalidError(
            f"This project has no tag '{unknown[0]}'; choose among {', '.join(form.tags)}.", field="tags"
        )


def changes(session: Session, *, project_id: int, form: Form) -> FormChanges:
    """What putting ``form`` in force would change, for questions and for open drafts."""
    now = current(session, project_id=project_id).form
    before, after = ({question.key: question for question in version.questions} for version in (now, form))
    removed = [key for key in before if key not in after]
    drafts = session.scalars(
        select(Critique.draft).where(Critique.project_id == project_id, Critique.state == CritiqueState.draft)
    ).all()
    given: list[dict[str, Answer]] = [draft.get("answers") or {} for draft in drafts]  # type: ignore[misc]
    ratings: list[float | None] = [draft.get("rating") for draft in drafts]  # type: ignore[misc]
    return FormChanges(
        added=[key for key in after if key not in before],
        removed=removed,
        changed=[key for key in after if key in before and before[key] != after[key]],
        open_drafts=len(drafts),
        with_removed_answers=sum(any(key in answers for key in removed) for answers in given),
        to_complete=sum(
            bool(forms.problems(form, rating=rating, answers=answers))
            and not forms.problems(now, rating=rating, answers=answers)
            for rating, answers in zip(ratings, given, strict=True)
        ),
    )
