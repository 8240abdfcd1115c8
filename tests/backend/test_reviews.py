"""Reviews: accept, return, correct; the overlap stays exact; deletion, restoring and the full history."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from backend import anchors
from backend.domain import assignments, critique_history, critiques, feedback, progress, reviews, rule_sources, rules
from backend.domain.critiques import Draft
from backend.domain.spans import Span
from backend.errors import ConflictError, DomainError, ForbiddenError, InvalidError, MismatchError
from backend.models import (
    AuthorKind,
    Critique,
    CritiqueReview,
    CritiqueRevision,
    CritiqueState,
    Project,
    ReviewState,
    Role,
    Rollout,
    Severity,
    User,
)
from tests import factories

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


class Desk:
    """A project with two annotators and a reviewer, and what tests do there in one line."""

    def __init__(self, session: Session, *, overlap: int = 1) -> None:
        self.session = session
        self.owner = factories.user(session)
        self.project = factories.project(session, self.owner, overlap=overlap)
        self.ann, self.ben = (self.member(name) for name in ("ann", "ben"))
        self.rita = self.member("rita", Role.reviewer)
        self.keys = itertools.count()

    def member(self, name: str, role: Role = Role.annotator) -> User:
        return factories.member(self.session, self.project, f"{name}@example.org", role)

    def lease(self, person: User) -> Critique | None:
        return assignments.lease_next(self.session, project=self.project, user=person, minutes=10)

    def submit(self, critique: Critique, text: str | None = None) -> Critique:
        if text is not None:
            critiques.save_draft(
                self.session, critique=critique, draft=Draft(text=text, rating=0.25), version=critique.draft_version
            )
        key = f"submission {next(self.keys)}"
        critiques.submit(self.session, project=self.project, critique=critique, key=key)
        return critique

    def written(self, person: User, text: str = "Too long.") -> Critique:
        critique = self.lease(person)
        assert critique is not None
        return self.submit(critique, text)

    def accept(self, critique: Critique, by: User | None = None) -> Critique:
        return reviews.accept(self.session, critique=critique, user_id=(by or self.rita).id, revision_id=seen(critique))

    def give_back(self, critique: Critique, note: str = "Say where.") -> Critique:
        return reviews.give_back(
            self.session, critique=critique, user_id=self.rita.id, revision_id=seen(critique), note=note
        )

    def correct(self, critique: Critique, text: str = "Far too long.") -> Critique:
        draft = Draft(text=text, rating=0.5)
        return reviews.correct(
            self.session, critique=critique, user_id=self.rita.id, revision_id=seen(critique), draft=draft
        )

    def delete(self, critique: Critique) -> Critique:
        return reviews.delete(self.session, project=self.project, critique=critique, user_id=self.owner.id)

    def restore(self, critique: Critique) -> Critique:
        return reviews.restore(self.session, access=factories.access(self.project, self.owner), critique=critique)

    def trained(self, **choice: tuple[ReviewState, ...]) -> list[str]:
        items = feedback.usable(self.session, project_id=self.project.id, kinds=list(AuthorKind), **choice)
        return [item.revision.text for item in items]

    def happened(self, critique: Critique) -> list[tuple[str, str, str]]:
        found = critique_history.of(self.session, critique=critique)
        return [(event.what, event.who, event.note) for event in found]


def seen(critique: Critique) -> int:
    assert critique.current_revision_id is not None
    return critique.current_revision_id


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_an_accepted_critique_says_who_reviewed_which_revision_and_when(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.accept(desk.written(desk.ann))
    assert (critique.state, critique.review) == (CritiqueState.submitted, ReviewState.accepted)
    [review] = desk.session.query(CritiqueReview)
    assert (review.reviewer_id, review.revision_id, review.verdict) == (desk.rita.id, seen(critique), "accepted")
    assert review.created_at is not None


def test_accepting_twice_is_one_review(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.written(desk.ann)
    desk.accept(critique)
    desk.accept(critique)
    assert desk.session.query(CritiqueReview).count() == 1


def test_nobody_reviews_what_they_wrote(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.written(desk.rita)
    for review in (desk.accept, desk.give_back, desk.correct):
        with pytest.raises(ForbiddenError, match="Somebody else"):
            review(critique)
    assert critique.review == ReviewState.unreviewed


def test_only_a_submitted_critique_as_it_was_read_is_reviewed(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.written(desk.ann)
    read = seen(critique)
    critiques.reopen(desk.session, project=desk.project, critique=critique, minutes=10)
    with pytest.raises(ConflictError, match="Only a submitted"):
        desk.accept(critique)
    desk.submit(critique, "Other words.")
    with pytest.raises(ConflictError, match="changed since you opened it"):
        reviews.accept(desk.session, critique=critique, user_id=desk.rita.id, revision_id=read)


def test_a_returned_critique_is_first_in_its_authors_queue_and_shows_the_note(desk: Desk) -> None:
    for question in ("What is rain?", "What is snow?"):
        factories.attempt(desk.session, desk.project, question)
    critique = desk.written(desk.ann)
    other = desk.lease(desk.ann)
    desk.give_back(critique, "  Say where.  ")
    found = desk.lease(desk.ann)
    assert found is not None
    assert other is not None
    assert found.id == critique.id != other.id
    assert (found.state, found.review, found.reason) == ("draft", "returned", "Say where.")
    review = reviews.latest(desk.session, critique_id=critique.id)
    assert review is not None
    assert (review.reviewer, review.note) == ("rita", "Say where.")


def test_a_returned_critique_is_not_given_to_another_however_long_it_takes(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.give_back(desk.written(desk.ann))
    critique.lease_expires_at = LONG_AGO
    desk.session.flush()
    assert desk.lease(desk.ben) is None
    done = desk.submit(critique, "Too long: two sentences.")
    assert (done.state, done.review, done.reason) == ("submitted", "unreviewed", None)


def test_a_returned_critique_that_its_author_skips_frees_the_place(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.give_back(desk.written(desk.ann))
    critiques.put_aside(desk.session, project=desk.project, critique=critique, state=CritiqueState.skipped, reason="")
    assert desk.lease(desk.ben) is not None
    with pytest.raises(ConflictError, match="filled"):
        critiques.reopen(desk.session, project=desk.project, critique=critique, minutes=10)


def test_a_return_says_what_to_mend_and_goes_to_people_only(desk: Desk) -> None:
    attempt = factories.attempt(desk.session, desk.project)
    with pytest.raises(InvalidError) as refused:
        desk.give_back(desk.written(desk.ann), " \n")
    assert refused.value.details == {"field": "note"}
    by_code = by_verifier(desk, attempt)
    with pytest.raises(ConflictError, match="cannot mend"):
        desk.give_back(by_code)
    assert desk.accept(by_code).review == ReviewState.accepted


def by_verifier(desk: Desk, attempt: Rollout) -> Critique:
    revision = critiques.add_by_code(
        desk.session, rollout=attempt, kind=AuthorKind.verifier, name="concise", text="17 words.", rating=0.0
    )
    return desk.session.get_one(Critique, revision.critique_id)


def test_training_uses_the_corrected_words_and_both_writers_are_recorded(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.correct(desk.written(desk.ann, "Too long."), "Too long: say it in one sentence.")
    assert desk.trained() == ["Too long: say it in one sentence."]
    assert critique.author_id == desk.ann.id
    kept = desk.session.query(CritiqueRevision).order_by(CritiqueRevision.number).all()
    assert [(one.text, one.corrector_id) for one in kept] == [
        ("Too long.", None),
        ("Too long: say it in one sentence.", desk.rita.id),
    ]


def test_a_correction_that_changes_nothing_or_points_nowhere_is_refused(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.written(desk.ann)
    same = Draft(text="Too long.", rating=0.25)
    elsewhere = anchors.anchor("Another answer altogether.", 0, 7)
    nowhere = Draft(text="Wrong.", spans=[Span(anchor=elsewhere, note="", severity=Severity.minor)])
    for draft, problem in ((same, InvalidError), (Draft(), InvalidError), (nowhere, MismatchError)):
        with pytest.raises(problem), desk.session.begin_nested():
            reviews.correct(
                desk.session, critique=critique, user_id=desk.rita.id, revision_id=seen(critique), draft=draft
            )
        desk.session.refresh(critique)
    assert critique.review == ReviewState.unreviewed
    assert desk.trained() == ["Too long."]


def test_what_an_author_takes_up_again_after_a_correction_starts_from_the_corrected_words(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.correct(desk.written(desk.ann), "Far too long.")
    critiques.reopen(desk.session, project=desk.project, critique=critique, minutes=10)
    assert critique.draft["text"] == "Far too long."
    assert desk.submit(critique).review == ReviewState.unreviewed


def test_a_run_uses_all_submitted_critiques_or_only_those_that_reviewers_accepted_or_corrected(desk: Desk) -> None:
    people = [desk.member(f"p{number}") for number in range(4)]
    desk.project.overlap = 4
    factories.attempt(desk.session, desk.project)
    _, accepted, corrected, returned = [desk.written(person, person.name) for person in people]
    desk.accept(accepted)
    desk.correct(corrected, "mended")
    desk.give_back(returned)
    assert sorted(desk.trained()) == ["mended", "p0", "p1"]
    assert sorted(desk.trained(reviews=feedback.ACCEPTED)) == ["mended", "p1"]


def test_a_deleted_critique_is_hidden_frees_its_place_and_comes_back(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.accept(desk.written(desk.ann))
    rule = rules.create(
        desk.session, project_id=desk.project.id, user_id=desk.owner.id, text="Be brief.", critique_ids=[critique.id]
    )
    desk.delete(critique)
    mine = {"project_id": desk.project.id, "author_id": desk.ann.id}
    assert critiques.page(desk.session, **mine) == []
    assert len(critiques.page(desk.session, **mine, state=CritiqueState.deleted)) == 1
    assert desk.trained() == []
    assert progress.of(desk.session, project=desk.project, user_id=desk.ann.id).to_annotate == 1
    assert rule_sources.of(desk.session, rule_id=rule.id, after=0, limit=9) == []
    assert rules.row(desk.session, rule_id=rule.id).critiques == 0
    desk.restore(critique)
    assert (critique.state, critique.review) == (CritiqueState.submitted, ReviewState.accepted)
    assert desk.trained() == ["Too long."]


def test_a_deleted_critique_whose_place_was_filled_is_not_restored_and_the_reason_said(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.delete(desk.written(desk.ann))
    desk.written(desk.ben)
    with pytest.raises(ConflictError, match="filled this answer's places"):
        desk.restore(critique)
    assert critique.state == CritiqueState.deleted


def test_what_code_wrote_comes_back_whatever_people_wrote(desk: Desk) -> None:
    attempt = factories.attempt(desk.session, desk.project)
    critique = desk.delete(by_verifier(desk, attempt))
    desk.written(desk.ann)
    assert desk.restore(critique).state == CritiqueState.submitted
    with pytest.raises(ConflictError, match="not deleted"):
        desk.restore(critique)


def test_the_history_tells_everything_in_order_with_who_did_it(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.lease(desk.ann)
    assert critique is not None
    critiques.save_draft(desk.session, critique=critique, draft=Draft(text="Too long."), version=0)
    critiques.freeze(desk.session, critique=critique)
    factories.redraft(desk.session, critique)
    desk.submit(critique)
    desk.give_back(critique, "Say where.")
    desk.submit(critique, "Too long: line two.")
    desk.correct(critique, "Too long in line two.")
    desk.delete(critique)
    desk.restore(critique)
    assert desk.happened(critique) == [
        ("begun", "ann", ""),
        ("written", "ann", ""),
        ("redrafted", "ann", ""),
        ("submitted", "ann", ""),
        ("returned", "rita", "Say where."),
        ("written", "ann", ""),
        ("submitted", "ann", ""),
        ("written", "rita", ""),
        ("corrected", "rita", ""),
        ("deleted", "owner", ""),
        ("restored", "owner", ""),
    ]


def test_the_first_submission_is_remembered_through_returns(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.written(desk.ann)
    first = critique.first_submitted_at
    desk.give_back(critique)
    desk.submit(critique, "Too long: line two.")
    assert critique.first_submitted_at == first
    assert critique.submitted_at is not None
    assert first is not None
    assert critique.submitted_at > first


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["lease", "expire", "submit", "return", "accept", "skip", "reopen", "delete", "restore"]),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, overlap=st.integers(1, 2))
def test_no_order_of_steps_gives_an_answer_more_critiques_than_its_overlap_or_takes_a_returned_ones_place(
    desk: Desk, steps: list[tuple[str, int]], overlap: int
) -> None:
    crew = [desk.ann, desk.ben, desk.owner, people_of(desk)]
    desk.project.overlap = overlap
    for old in desk.session.query(Rollout):
        desk.session.delete(old)
    attempt = factories.attempt(desk.session, desk.project)
    for what, number in steps:
        try:
            with desk.session.begin_nested():
                take_step(desk, what, crew[number], attempt)
        except DomainError:
            desk.session.expire_all()
        found = desk.session.query(Critique).filter_by(rollout_id=attempt.id).all()
        assert sum(one.state == CritiqueState.submitted or is_returned(one) for one in found) <= overlap
        for one in filter(is_returned, found):
            assert assignments.has_slot(desk.session, project=desk.project, critique=one)


def people_of(desk: Desk) -> User:
    known = desk.session.query(User).filter_by(email="cho@example.org").one_or_none()
    return known or desk.member("cho")


def is_returned(critique: Critique) -> bool:
    return critique.state == CritiqueState.draft and critique.review == ReviewState.returned


def take_step(desk: Desk, what: str, person: User, attempt: Rollout) -> None:
    if what == "lease":
        desk.lease(person)
        return
    critique = desk.session.query(Critique).filter_by(rollout_id=attempt.id, author_id=person.id).one_or_none()
    if critique is None:
        return
    project: Project = desk.project
    if what in ("submit", "skip", "reopen"):
        critique = critiques.own(desk.session, critique_id=critique.id, user_id=person.id)
    if what == "expire":
        critique.lease_expires_at = LONG_AGO
    elif what == "skip":
        critiques.put_aside(
            desk.session, project=desk.project, critique=critique, state=CritiqueState.skipped, reason=""
        )
    elif what == "reopen":
        critiques.reopen(desk.session, project=project, critique=critique, minutes=10)
    elif what == "submit":
        desk.submit(critique, f"Words of {person.name}.")
    elif critique.current_revision_id is not None:
        steps = {"return": desk.give_back, "accept": desk.accept, "delete": desk.delete, "restore": desk.restore}
        steps[what](critique)
    desk.session.flush()


def test_a_correction_uses_only_tags_and_questions_that_the_form_has_or_had(desk: Desk) -> None:
    factories.attempt(desk.session, desk.project)
    critique = desk.written(desk.ann)
    for said, problem in (({"tags": ["no such tag"]}, "no tag"), ({"answers": {"nobody_asked": "x"}}, "never had")):
        with pytest.raises(InvalidError, match=problem):
            reviews.correct(
                desk.session, critique=critique, user_id=desk.rita.id, revision_id=seen(critique),
                draft=Draft.model_validate({"text": "Far too long.", **said}),
            )  # fmt: skip
