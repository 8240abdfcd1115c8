"""The critique form: a rating scale, tags and questions; which of them are asked, and which answers they take.

An answer is stored under its question's key, which never changes its meaning: whoever edits a form may rename, reorder
and remove questions, and no answer is lost or read as another's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    StringConstraints,
    model_validator,
)

MAX_ANSWER = 5_000

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
Points = Annotated[int, Field(ge=2, le=11)]
Text = Annotated[StrictStr, StringConstraints(max_length=MAX_ANSWER)]
Answer = Text | StrictBool | StrictInt | Annotated[list[Text], Field(max_length=50)]


class Part(BaseModel):
    """A part of a form: exact, and fixed once it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(Part):
    """Asked only where an earlier question has, or includes, one of these values."""

    question: Key
    values: list[StrictStr | StrictBool | StrictInt] = Field(min_length=1, max_length=50)


class Asked(Part):
    """What every question has."""

    key: Key
    label: Label
    help: str = Field("", max_length=500)
    required: bool = False
    shown_when: Condition | None = None


class TextQuestion(Asked):
    """Answered in words."""

    kind: Literal["text"] = "text"


class ChoiceQuestion(Asked):
    """Answered with one of the options."""

    kind: Literal["choice"] = "choice"
    options: list[Label] = Field(min_length=2, max_length=50)


class ChoicesQuestion(Asked):
    """Answered with any number of the options."""

    kind: Literal["choices"] = "choices"
    options: list[Label] = Field(min_length=1, max_length=50)


class ScaleQuestion(Asked):
    """Answered with a number from 1 to ``points``; ``labels`` name all points, or none."""

    kind: Literal["scale"] = "scale"
    points: Points = 5
    labels: list[Label] = Field(default_factory=list, max_length=11)


class YesNoQuestion(Asked):
    """Answered with yes or no."""

    kind: Literal["yes_no"] = "yes_no"


Question = Annotated[
    TextQuestion | ChoiceQuestion | ChoicesQuestion | ScaleQuestion | YesNoQuestion, Field(discriminator="kind")
]


class RatingScale(Part):
    """The scale on which the answer is rated; a rating is stored in [0, 1], whatever the number of points."""

    points: Points = 5
    labels: list[Label] = Field(default_factory=list, max_length=11)
    required: bool = False


class Form(Part):
    """What an annotator fills in beside the critique's text.

    Raises:
        ValueError: two things have one name, labels do not match points, or a condition cannot be met.
    """

    rating: RatingScale = RatingScale()
    tags: list[Tag] = Field(default_factory=list, max_length=20)
    questions: list[Question] = Field(default_factory=list, max_length=40)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        _refuse_twice("tags", self.tags)
        _refuse_twice("keys of questions", [question.key for question in self.questions])
        _refuse_partial_labels("The rating scale", self.rating.points, self.rating.labels)
        earlier: dict[str, Question] = {}
        for question in self.questions:
            if isinstance(question, ScaleQuestion):
                _refuse_partial_labels(f"'{question.label}'", question.points, question.labels)
            if isinstance(question, ChoiceQuestion | ChoicesQuestion):
                _refuse_twice(f"options of '{question.label}'", question.options)
            if question.shown_when is not None:
                _refuse_unmeetable(question, question.shown_when, earlier)
            earlier[question.key] = question
        return self


@dataclass(frozen=True)
class Problem:
    """An answer that the form does not take; ``key`` is None for the rating."""

    key: str | None
    label: str
    message: str


def _refuse_twice(what: str, names: Sequence[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"The {what} must differ; there twice: {', '.join(twice)}.")


def _refuse_partial_labels(what: str, points: int, labels: Sequence[str]) -> None:
    if labels and len(labels) != points:
        raise ValueError(f"{what} has {points} points and {len(labels)} labels; name every point, or none.")


def _refuse_unmeetable(question: Question, condition: Condition, earlier: Mapping[str, Question]) -> None:
    asked = earlier.get(condition.question)
    if asked is None:
        raise ValueError(f"'{question.label}' depends on '{condition.question}', which no earlier question has as key.")
    possible = _values(asked)
    if not possible:
        raise ValueError(f"'{question.label}' cannot depend on '{asked.label}', which is answered in words.")
    if strange := [value for value in condition.values if not _is_among(value, possible)]:
        raise ValueError(f"'{question.label}' waits for {strange[0]!r}, which '{asked.label}' does not offer.")


def _values(question: Question) -> list[str | bool | int]:
    """Every value that an answer can have or include; none for words."""
    match question:
        case ChoiceQuestion() | ChoicesQuestion():
            return list(question.options)
        case ScaleQuestion():
            return list(range(1, question.points + 1))
        case YesNoQuestion():
            return [True, False]
        case TextQuestion():
            return []


def _is_among(value: object, possible: Sequence[object]) -> bool:
    """Membership by value and type: in Python ``True`` equals 1."""
    return any(type(value) is type(known) and value == known for known in possible)


def asked(form: Form, answers: Mapping[str, Answer]) -> list[Question]:
    """The questions that are asked, given the answers so far, in the form's order."""
    shown: dict[str, Question] = {}
    for question in form.questions:
        if question.shown_when is None or _is_met(question.shown_when, shown, answers):
            shown[question.key] = question
    return list(shown.values())


def _is_met(condition: Condition, shown: Mapping[str, Question], answers: Mapping[str, Answer]) -> bool:
    if condition.question not in shown or condition.question not in answers:
        return False
    answer = answers[condition.question]
    given = answer if isinstance(answer, list) else [answer]
    return any(_is_among(value, condition.values) for value in given)


def is_empty(answer: Answer | None) -> bool:
    """Whether nothing was said: no answer, blank words, or none of the options."""
    return answer is None or answer == [] or (isinstance(answer, str) and not answer.strip())


def problems(form: Form, *, rating: float | None, answers: Mapping[str, Answer]) -> list[Problem]:
    """What stands in the way of submitting these answers, in the form's order."""
    found = []
    if form.rating.required and rating is None:
        found.append(Problem(None, "Rating", "Rate the answer."))
    for question in asked(form, answers):
        message = _problem(question, answers.get(question.key))
        if message:
            found.append(Problem(question.key, question.label, f"{question.label}: {message}"))
    return found


def _problem(question: Question, answer: Answer | None) -> str | None:
    if answer is None or is_empty(answer):
        return "this needs an answer." if question.required else None
    match question:
        case TextQuestion():
            return None if isinstance(answer, str) else "answer in words."
        case ChoicesQuestion():
            listed = isinstance(answer, list) and len(set(answer)) == len(answer)
            fits = isinstance(answer, list) and all(_is_among(value, question.options) for value in answer)
            return None if listed and fits else f"choose among {', '.join(question.options)}."
        case ChoiceQuestion():
            return None if _is_among(answer, question.options) else f"choose one of {', '.join(question.options)}."
        case ScaleQuestion():
            fits = _is_among(answer, _values(question))
            return None if fits else f"choose a number from 1 to {question.points}."
        case YesNoQuestion():
            return None if isinstance(answer, bool) else "answer yes or no."


def frozen(form: Form, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers that a revision keeps: those to what is asked, and those to questions that the form no longer has."""
    now = {question.key for question in asked(form, answers)}
    known = {question.key for question in form.questions}
    return {key: answer for key, answer in answers.items() if not is_empty(answer) and (key in now or key not in known)}
