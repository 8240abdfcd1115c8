"""Projects with something of everything that a lineage carries: plans for them, and how they are made."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st
from sqlalchemy import func
from sqlalchemy.orm import Session

from backend import anchors
from backend.database import Sessions, transaction
from backend.domain import critiques, feedback, form_versions, guidelines, known_items, pairs, prompts, reviews, rules
from backend.domain.critiques import Draft
from backend.domain.known_items import Expectation
from backend.domain.pairs import OfRollouts
from backend.domain.spans import Span
from backend.forms import Answer, ChoicesQuestion, Form, TextQuestion, YesNoQuestion
from backend.models import (
    AuthorKind,
    Checkpoint,
    CheckpointState,
    Comparison,
    ComparisonSet,
    Critique,
    CritiqueState,
    Membership,
    Pair,
    Preference,
    PreferenceState,
    Project,
    Prompt,
    QueueOrder,
    ReviewState,
    Role,
    Rollout,
    RolloutSource,
    Routing,
    Split,
    User,
    Verdict,
)
from tests import factories

ADAPTER = "a" * 64
QUESTIONS = (
    YesNoQuestion(key="clear", label="Is it clear?"),
    TextQuestion(key="why", label="Why? 😀"),
    ChoicesQuestion(key="which", label="Which?", options=["one", "two"]),
)
SETTINGS = {
    "overlap": 3, "practice_items": 2, "known_every": 9, "queue_order": QueueOrder.disagreement,
    "routing": Routing.skill, "skill_field": "field", "open_critiques": True,
}  # fmt: skip
Reviewed = ReviewState | None


@dataclass(frozen=True)
class Revision:
    text: str
    rating: float | None = None
    edit: str | None = None
    is_marked: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """A critique: its revisions, what became of it, what a reviewer said, and its judged redrafts."""

    kind: AuthorKind = AuthorKind.annotator
    state: CritiqueState = CritiqueState.submitted
    revisions: tuple[Revision, ...] = ()
    review: Reviewed = None
    redrafts: tuple[tuple[str, Verdict | None, float | None], ...] = ()
    reason: str | None = None
    is_deleted: bool = False


@dataclass(frozen=True)
class Attempt:
    text: str
    logprobs: list[float]
    critiques: list[Plan]
    becomes: str = "attempt"


@dataclass(frozen=True)
class Asked:
    messages: list[str]
    split: Split
    reference: str | None
    metadata: dict[str, object]
    tags: list[str]
    attempts: list[Attempt]


@dataclass(frozen=True)
class Plans:
    """A project."""

    prompts: list[Asked]
    forms: list[Form] = field(default_factory=list)
    guidelines: list[str] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=dict)


CHARACTERS = st.sampled_from(
    ["a", "Z", " ", "\n", "\r\n", "é", "e\u0301", "😀", "👩‍👩‍👧", "\u2028", '"', "\\", "\\u0000", "=", "'", "\t"]
)
TEXTS = st.lists(CHARACTERS, min_size=1, max_size=6).map("".join)
RATINGS = st.none() | st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 1.0])
VALUES = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
    | st.lists(TEXTS, max_size=2)
)  # fmt: skip
ANSWERS = st.fixed_dictionaries(
    {}, optional={"clear": st.booleans(), "why": TEXTS, "which": st.just(["two"])}
)  # fmt: skip
REVISIONS = st.builds(Revision, TEXTS.map("{}!".format), RATINGS, st.none() | TEXTS, st.booleans(), ANSWERS)
PLANNED = st.builds(
    Plan,
    st.sampled_from(AuthorKind),
    st.sampled_from([state for state in CritiqueState if state != CritiqueState.deleted]),
    st.lists(REVISIONS, max_size=2).map(tuple),
    st.sampled_from([None, *(review for review in ReviewState if review != ReviewState.unreviewed)]),
    st.lists(st.tuples(TEXTS, st.none() | st.sampled_from(Verdict), RATINGS), max_size=2).map(tuple),
    st.none() | TEXTS,
    st.booleans(),
)
ATTEMPTS = st.builds(
    Attempt, TEXTS, st.lists(st.floats(-50, 0), max_size=4), st.lists(PLANNED, max_size=2),
    st.sampled_from(["attempt", "gold", "seeded", "evaluation", "run"]),
)  # fmt: skip
ASKED = st.builds(
    Asked, st.lists(TEXTS, min_size=1, max_size=2), st.sampled_from(Split), st.none() | TEXTS,
    st.dictionaries(TEXTS, VALUES, max_size=3), st.lists(TEXTS, max_size=2, unique=True),
    st.lists(ATTEMPTS, max_size=3),
)  # fmt: skip
FORMS = st.builds(
    Form, tags=st.lists(st.sampled_from(["long", "wrong", "tone 😀"]), unique=True),
    questions=st.lists(st.sampled_from(QUESTIONS), unique_by=lambda question: question.key),
)  # fmt: skip
PLANS = st.builds(
    Plans, st.lists(ASKED, max_size=3, unique_by=lambda asked: tuple(asked.messages)), st.lists(FORMS, max_size=2),
    st.lists(TEXTS, max_size=2), st.sampled_from([{}, SETTINGS]),
)  # fmt: skip

ONE_OF_EVERYTHING = Plans(
    prompts=[
        Asked(
            ["What is rain?\r\n😀"], Split.train, None, {"b": 1, "a": 0.5}, ["weather"],
            [
                Attempt(
                    "😀 is water.", [-0.5, -1e-7],
                    [
                        Plan(
                            revisions=(
                                Revision("Too long!", 0.25, None, True, {"clear": True}),
                                Revision("Far too long!", 0.0, "Water. 😀", True),
                            ),
                            review=ReviewState.corrected, redrafts=(("Falling water.", Verdict.better, None),),
                        )
                    ],
                ),
                Attempt("Rain is tea.", [-2.0], [], "seeded"),
            ],
        )
    ],
    forms=[Form(tags=["long"], questions=list(QUESTIONS))], guidelines=["Be brief. 😀\r\n"], settings=SETTINGS,
)  # fmt: skip


def fill(sessions: Sessions, project_id: int, plans: Plans) -> None:
    """Make the project as planned, by the product's own functions where that is short."""
    with transaction(sessions) as session:
        _Maker(session, session.get_one(Project, project_id)).make(plans)


class _Maker:
    def __init__(self, session: Session, project: Project) -> None:
        self.session, self.project = session, project
        self.owner = session.query(User).order_by(User.id).first()
        self.access = factories.access(project, self.owner)
        self.base = factories.base(session)
        self.adapter = Checkpoint(
            name=f"adapter-{project.id}", project_id=project.id, parent_id=self.base.id, step=8, path="/a",
            sha256=ADAPTER, state=CheckpointState.published,
        )  # fmt: skip
        session.add(self.adapter)
        session.flush()
        self._people = self._names()
        self.reviewer = next(self._people)

    def _names(self) -> Iterator[User]:
        for number in range(1000):
            name = f"p{self.project.id}-{number}"
            person = User(email=f"{name}@example.org", name=name, password_hash="-")
            self.session.add(person)
            self.session.flush()
            self.session.add(Membership(project_id=self.project.id, user_id=person.id, role=Role.annotator))
            yield person

    def make(self, plans: Plans) -> None:
        for name, value in plans.settings.items():
            setattr(self.project, name, value)
        for text in plans.guidelines:
            guidelines.save(self.session, project=self.project, text=text, user_id=self.owner.id)
        for form in plans.forms:
            form_versions.save(self.session, project=self.project, form=form, user_id=self.owner.id)
        self.questions = {question.key for form in plans.forms for question in form.questions}
        self.tags = [tag for tag in ("long",) if any(tag in form.tags for form in plans.forms)]
        for asked in plans.prompts:
            self._prompt(asked)
        for text in {"Be brief.", "Be kind."} if plans.prompts else ():
            proposed_by = "a model" if text == "Be kind." else None
            rules.create(
                self.session, project_id=self.project.id, user_id=self.owner.id, text=text, proposed_by=proposed_by
            )
        items = feedback.usable(self.session, project_id=self.project.id, kinds=list(AuthorKind))
        feedback.freeze(self.session, project_id=self.project.id, items=items, rules=["Be brief."])
        feedback.freeze(self.session, project_id=self.project.id, items=items[:1])

    def _prompt(self, asked: Asked) -> None:
        chat = [{"role": "user", "content": text} for text in asked.messages]
        prompt = Prompt(
            project_id=self.project.id, messages=chat, reference=asked.reference, details=asked.metadata,
            split=asked.split, tags=asked.tags, content_hash=prompts.content_hash(chat),
        )  # fmt: skip
        self.session.add(prompt)
        self.session.flush()
        answers = [self._attempt(prompt, attempt) for attempt in asked.attempts]
        if len({answer.text for answer in answers}) > 1:
            self._compare(answers)

    def _attempt(self, prompt: Prompt, attempt: Attempt) -> Rollout:
        sampled = attempt.becomes in ("evaluation", "run")
        rollout = Rollout(
            project_id=self.project.id, prompt_id=prompt.id, checkpoint_id=self.adapter.id, text=attempt.text,
            token_ids=list(range(len(attempt.logprobs))), logprobs=attempt.logprobs, finish_reason="stop",
            sampling={"temperature": 1.0, "seed": 7}, source=attempt.becomes if sampled else RolloutSource.attempt,
        )  # fmt: skip
        self.session.add(rollout)
        self.session.flush()
        if not sampled:
            made = [self._critique(rollout, plan, number) for number, plan in enumerate(attempt.critiques)]
            self._known(attempt.becomes, rollout, made)
        return rollout

    def _critique(self, rollout: Rollout, plan: Plan, number: int) -> Critique:
        author = next(self._people) if plan.kind == AuthorKind.annotator else None
        critique = Critique(
            project_id=self.project.id, rollout_id=rollout.id, author_kind=plan.kind, author_id=author and author.id,
            author_name=author.name if author else f"code {number}", state=CritiqueState.draft, reason=plan.reason,
        )  # fmt: skip
        self.session.add(critique)
        self.session.flush()
        for revision in plan.revisions:
            critique.draft = self._draft(rollout, revision).model_dump()
            critiques.freeze(self.session, critique=critique)
        if plan.revisions:
            self._redraft(critique, plan)
            critique.state = plan.state
        if critique.state == CritiqueState.submitted:
            critique.submitted_at = critique.first_submitted_at = func.clock_timestamp()
            self._review(rollout, critique, plan.review)
        if plan.is_deleted:
            reviews.delete(self.session, project=self.project, critique=critique, user_id=self.reviewer.id)
        self.session.flush()
        return critique

    def _draft(self, rollout: Rollout, revision: Revision) -> Draft:
        return Draft(
            text=revision.text, rating=revision.rating, edit=revision.edit, tags=self.tags,
            spans=[span(rollout.text)] if revision.is_marked else [],
            answers={key: answer for key, answer in revision.answers.items() if key in self.questions},
        )  # fmt: skip

    def _redraft(self, critique: Critique, plan: Plan) -> None:
        for text, verdict, rating in plan.redrafts:
            redraft = factories.redraft(self.session, critique, text)
            self.session.add(Comparison(critique_id=critique.id, redraft_id=redraft.id, verdict=verdict, rating=rating))

    def _review(self, rollout: Rollout, critique: Critique, review: Reviewed) -> None:
        self.session.flush()
        said = {
            "critique": critique, "user_id": self.reviewer.id, "revision_id": critique.current_revision_id,
            "note": "Look again. 😀",
        }  # fmt: skip
        if review == ReviewState.accepted:
            reviews.accept(self.session, **said)
        if review == ReviewState.corrected:
            reviews.correct(self.session, draft=self._draft(rollout, Revision("Corrected 😀", 1.0)), **said)
        if review == ReviewState.returned and critique.author_id is not None:
            reviews.give_back(self.session, **said)

    def _known(self, kind: str, rollout: Rollout, made: list[Critique]) -> None:
        right = Expectation(rating_low=0.0, rating_high=0.25, note="So.", is_practice=kind == "seeded")
        submitted = [critique for critique in made if critique.state == CritiqueState.submitted]
        if kind == "gold" and submitted:
            known_items.mark_gold(self.session, self.access, critique_id=submitted[0].id, expectation=right)
        if kind == "seeded":
            text = rollout.text + "?"
            known_items.seed(
                self.session, self.access, rollout_id=rollout.id, text=text, token_ids=[1], words=["tea"],
                mistakes=[Span.model_validate(span(text))], expectation=right,
            )  # fmt: skip

    def _compare(self, answers: list[Rollout]) -> None:
        source = OfRollouts(kind="rollouts", pairs=[(answers[0].id, other.id) for other in answers[1:]])
        named = pairs.create(self.session, self.access, name="Named 😀", source=source, overlap=2, reveals=True)
        of_two = ComparisonSet(
            project_id=self.project.id, name="Two", checkpoint_a_id=self.base.id, checkpoint_b_id=self.adapter.id,
            overlap=1, reveals=False, is_open=False, identical=4, created_by=self.owner.id,
        )  # fmt: skip
        self.session.add(of_two)
        for pair in self.session.query(Pair).filter_by(set_id=named.id).all():
            self._prefer(pair.id)

    def _prefer(self, pair_id: int) -> None:
        for state, choice, reason in (
            (PreferenceState.submitted, 2, None), (PreferenceState.skipped, None, "Both wrong."),
            (PreferenceState.draft, 7, None),
        ):  # fmt: skip
            self.session.add(
                Preference(
                    pair_id=pair_id, author_id=next(self._people).id, a_is_left=choice is None, state=state,
                    choice=choice, text="Wet. 😀" if choice else "", reason=reason,
                    submitted_at=func.clock_timestamp() if choice == 2 else None,
                )
            )  # fmt: skip


def span(text: str) -> dict[str, object]:
    """A span over the first character of a text."""
    return {"anchor": vars(anchors.anchor(text, 0, 1)), "note": "This. 😀", "severity": "major"}
