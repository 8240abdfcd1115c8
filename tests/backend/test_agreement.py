"""The agreement of a project: who is compared with whom on what, and what each author does."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from backend import anchors
from backend.domain import agreement, annotators, critiques, reviews
from backend.domain.agreement import PairFigures
from backend.domain.critiques import Draft
from backend.domain.spans import Span
from backend.models import AuthorKind, Critique, Project, Role, Rollout, Severity, User
from tests import factories
from tests.backend.api import Api

ANSWER = "Rain is water. It falls from clouds. People use umbrellas in the rain every day."


class Table:
    """A project whose annotators critique the same answers."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.project: Project = factories.project(session, factories.user(session), overlap=9, rating_levels=5)
        self.ann, self.ben, self.cho = (
            factories.member(session, self.project, f"{name}@example.org") for name in ("ann", "ben", "cho")
        )
        self.rita = factories.member(session, self.project, "rita@example.org", Role.reviewer)

    def answer(self) -> Rollout:
        return factories.attempt(self.session, self.project, answer=ANSWER)

    def says(
        self, person: User, rollout: Rollout, rating: float | None = None, text: str = "", *quotes: str
    ) -> Critique:
        critique = factories.submitted(self.session, self.project, rollout, person)
        draft = Draft(text=text, rating=rating, spans=[marked(quote) for quote in quotes])
        critique.draft = draft.model_dump()
        if text:
            critiques.freeze(self.session, critique=critique)
        else:
            revision = critiques.revision_of(self.session, critique)
            assert revision is not None
            revision.text, revision.rating, revision.spans = "", rating, critique.draft["spans"]
        critique.first_submitted_at = critique.created_at + timedelta(seconds=60)
        self.session.flush()
        return critique

    def rate(self, *ratings: dict[User, float]) -> None:
        for given in ratings:
            rollout = self.answer()
            for person, rating in given.items():
                self.says(person, rollout, rating)

    def found(self) -> agreement.Agreement:
        return agreement.of(self.session, project=self.project)

    def pair(self, first: str, second: str) -> PairFigures:
        [found] = [p for p in self.found().pairs if (p.first.name, p.second.name) == (first, second)]
        return found


def marked(quote: str) -> Span:
    start = ANSWER.index(quote)
    return Span(anchor=anchors.anchor(ANSWER, start, start + len(quote)), note="", severity=Severity.minor)


@pytest.fixture
def table(session: Session) -> Table:
    return Table(session)


def test_two_people_are_compared_on_the_answers_that_both_rated(table: Table) -> None:
    ann, ben = table.ann, table.ben
    table.rate({ann: 1, ben: 1}, {ann: 0, ben: 0.25}, {ann: 0, ben: 0}, {ann: 1, ben: 1}, {ann: 0.5})
    pair = table.pair("ann", "ben")
    assert pair.answers == 4
    assert (pair.percent.value, pair.percent.n) == (0.75, 4)
    # chance: 2/4 * 2/4 for the highest, 2/4 * 1/4 for the lowest
    assert pair.kappa.value == pytest.approx((0.75 - 0.375) / (1 - 0.375))
    assert pair.tau_b.value == pytest.approx(4 / (4 * 5) ** 0.5)
    assert table.found().alpha_interval.n == 4
    assert (pair.span_f1.value, pair.span_f1.reason) == (None, "Neither marked a span.")


def test_ratings_agree_on_the_projects_scale_not_to_the_last_digit(table: Table) -> None:
    table.rate({table.ann: 0.5, table.ben: 0.51}, {table.ann: 0.0, table.ben: 0.01})
    assert table.pair("ann", "ben").percent.value == 1


def test_code_and_models_are_compared_with_people_and_stay_out_of_their_alpha(table: Table) -> None:
    rollout = table.answer()
    table.says(table.ann, rollout, 1.0)
    table.says(table.ben, rollout, 1.0)
    for kind, name in ((AuthorKind.verifier, "concise"), (AuthorKind.judge, "house judge")):
        critiques.add_by_code(
            table.session, rollout=rollout, kind=kind, name=name, text="No.", rating=0.0
        )  # fmt: skip
    table.session.flush()
    found = table.found()
    assert [(pair.first.name, pair.second.kind) for pair in found.pairs] == [
        ("ann", "annotator"), ("ann", "judge"), ("ben", "judge"), ("ann", "verifier"), ("ben", "verifier"),
    ]  # fmt: skip
    assert (found.alpha_nominal.value, found.alpha_nominal.n) == (None, 1)
    assert "All ratings are equal" in (found.alpha_nominal.reason or "")


def test_spans_agree_by_their_characters_and_critiques_by_their_points(table: Table) -> None:
    rollout = table.answer()
    table.says(table.ann, rollout, None, "Far too long. One sentence.", "Rain is water.")
    table.says(table.ben, rollout, None, "Too long, one sentence please.", "water.", "People use umbrellas")
    pair = table.pair("ann", "ben")
    assert pair.span_f1.value == pytest.approx(2 * 6 / (14 + 6 + 20))
    assert (pair.precision.value, pair.recall.value) == (1.0, pytest.approx(2 / 3))
    assert (pair.percent.value, pair.percent.reason) == (None, "No answer was rated by both.")


def test_words_that_differ_do_not_match(table: Table) -> None:
    for _ in range(2):
        rollout = table.answer()
        table.says(table.ann, rollout, None, "Too long.")
        table.says(table.ben, rollout, None, "Wrong facts about umbrellas.")
    assert table.pair("ann", "ben").precision.value == 0


def test_what_a_reviewer_corrected_is_compared_in_its_authors_own_words(table: Table) -> None:
    rollout = table.answer()
    critique = table.says(table.ann, rollout, 0.0, "Too long.")
    table.says(table.ben, rollout, 1.0, "Fine.")
    revision = critique.current_revision_id
    assert revision is not None
    reviews.correct(
        table.session, critique=critique, user_id=table.rita.id, revision_id=revision,
        draft=Draft(text="Fine.", rating=1.0),
    )  # fmt: skip
    assert table.pair("ann", "ben").percent.value == 0


def test_one_annotator_alone_has_nobody_to_agree_with(table: Table) -> None:
    table.rate({table.ann: 1}, {table.ann: 0})
    found = table.found()
    assert (found.pairs, found.alpha_nominal.value) == ([], None)
    assert found.alpha_nominal.reason == "No answer was rated by two of them."


def test_pairs_beyond_the_most_are_counted_not_computed(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "MOST_PAIRS", 1)
    table.rate({table.ann: 1, table.ben: 1, table.cho: 0}, {table.ann: 1, table.cho: 0})
    found = table.found()
    assert [(pair.first.name, pair.second.name) for pair in found.pairs] == [("ann", "cho")]
    assert found.left_out == 2


def test_each_author_has_counts_a_median_time_and_what_reviewers_said(table: Table) -> None:
    made = [table.says(table.ann, table.answer(), rating, "Too long.") for rating in (0.0, 0.5, 1.0)]
    for critique, seconds in zip(made, (10, 40, 90), strict=True):
        critique.first_submitted_at = critique.created_at + timedelta(seconds=seconds)
    critiques.add_by_code(
        table.session, rollout=table.answer(), kind=AuthorKind.verifier, name="concise", text="No.", rating=0.0
    )
    ids = [critique.current_revision_id or 0 for critique in made]
    reviews.accept(table.session, critique=made[0], user_id=table.rita.id, revision_id=ids[0])
    reviews.give_back(table.session, critique=made[1], user_id=table.rita.id, revision_id=ids[1], note="Say where.")
    ann, code = annotators.figures(table.session, project_id=table.project.id)
    assert (ann.author.name, ann.submitted, ann.median_seconds) == ("ann", 2, 50)
    assert (ann.rated, ann.mean_rating) == (2, 0.5)
    assert (ann.reviewed, ann.accepted, ann.corrected, ann.returned) == (2, 1, 0, 1)
    assert (code.author.kind, code.submitted, code.median_seconds, code.reviewed) == ("verifier", 1, None, 0)


def test_agreement_is_for_reviewers_and_an_empty_project_says_why_there_is_none(api: Api) -> None:
    path = "/api/projects/demo/agreement"
    assert api.member("ann").get(path).status_code == 403
    shown = api.member("rita", Role.reviewer).get(path).json()
    assert (shown["pairs"], shown["authors"], shown["left_out"]) == ([], [], 0)
    nothing = {"value": None, "low": None, "high": None, "n": 0, "reason": "No answer was rated by two of them."}
    assert shown["alpha_interval"] == nothing
