"""A project's counts follow whatever is written, without counting."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from backend.domain import critiques, progress, reviews, tallies
from backend.models import (
    AuthorKind,
    Comparison,
    Critique,
    CritiqueState,
    Project,
    Prompt,
    Rollout,
    RolloutSource,
    RolloutState,
    Split,
    Tally,
    User,
    Verdict,
)  # fmt: skip
from tests import factories


@pytest.fixture
def owner(session: Session) -> User:
    return factories.user(session)


@pytest.fixture
def project(session: Session, owner: User) -> Project:
    return factories.project(session, owner, overlap=2)


def counted(session: Session, project: Project) -> tuple[object, ...]:
    """What the rows say, counted one by one."""
    session.expire_all()
    rollouts = [
        (rollout.source, session.get_one(Prompt, rollout.prompt_id).split)
        for rollout in session.scalars(select(Rollout).where(Rollout.project_id == project.id))
        if rollout.state == RolloutState.complete
    ]
    said = Counter(
        critique.author_kind
        for critique in session.scalars(select(Critique).where(Critique.project_id == project.id))
        if critique.state == CritiqueState.submitted
        and session.get_one(Rollout, critique.rollout_id).source != RolloutSource.known
    )
    compared = [
        comparison
        for comparison in session.scalars(select(Comparison))
        if session.get_one(Critique, comparison.critique_id).state != CritiqueState.deleted
    ]
    attempts = [split for source, split in rollouts if source == RolloutSource.attempt]
    redrafts = sum(source == RolloutSource.redraft for source, _ in rollouts)
    open_places = max(0, attempts.count(Split.train) * project.overlap - said[AuthorKind.annotator])
    return len(attempts), {kind: said[kind] for kind in AuthorKind}, redrafts, len(compared), open_places


def told(session: Session, project: Project, owner: User) -> tuple[object, ...]:
    found = progress.of(session, project=project, user_id=owner.id)
    return found.attempts, found.critiques, found.redrafts, found.comparisons, found.to_annotate


def test_every_change_of_what_is_counted_is_noted(session: Session, project: Project, owner: User) -> None:
    def same() -> None:
        session.flush()
        assert told(session, project, owner) == counted(session, project)

    attempts = [factories.attempt(session, project, f"What is {name}?") for name in ("rain", "snow", "fog", "hail")]
    same()
    ann = factories.member(session, project, "ann@example.org")
    said = [factories.submitted(session, project, attempt, ann) for attempt in attempts]
    critiques.add_by_code(
        session, rollout=attempts[0], kind=AuthorKind.verifier, name="v", text="Long.", rating=0.5
    )  # fmt: skip
    same()
    redraft = factories.redraft(session, said[0])
    session.add(Comparison(critique_id=said[0].id, redraft_id=redraft.id, verdict=Verdict.better))
    same()
    assert told(session, project, owner)[2:4] == (1, 1)
    session.get_one(Prompt, attempts[1].prompt_id).split = Split.eval
    same()
    attempts[2].source = RolloutSource.known
    same()
    attempts[3].state = RolloutState.failed
    same()
    reviews.delete(session, project=project, critique=said[0], user_id=owner.id)
    same()
    assert told(session, project, owner)[3] == 0
    session.execute(update(Critique).values(state=CritiqueState.discarded))
    same()
    session.execute(delete(Comparison))
    session.execute(delete(Critique).where(Critique.id != said[0].id))
    same()


def test_many_notes_are_added_up_to_one_and_the_sum_stays(
    session: Session, project: Project, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "KEPT", 2)
    for number in range(5):
        factories.attempt(session, project, f"What is thing {number}?")
    before = told(session, project, owner)
    rows = select(func.count()).select_from(Tally).where(Tally.project_id == project.id)
    assert session.scalar(rows) == 5
    tallies.add_up(session)
    assert session.scalar(rows) == 1
    assert told(session, project, owner) == before == counted(session, project)


def test_the_time_left_follows_the_pace_of_the_newest_critiques_and_is_not_told_by_a_few(
    session: Session, project: Project
) -> None:
    ann = factories.member(session, project, "ann@example.org")
    answers = [factories.attempt(session, project, f"What is thing {number}?") for number in range(10)]

    def left() -> float | None:
        return progress.of(session, project=project, user_id=ann.id).seconds_left

    assert left() is None
    begun = datetime.now(UTC) - timedelta(hours=10)
    for number, answer in enumerate(answers):
        critique = factories.submitted(session, project, answer, ann)
        critique.state, critique.first_submitted_at = CritiqueState.submitted, begun + timedelta(minutes=number)
        session.flush()
        assert (left() is None) == (number < 9)
    assert left() == pytest.approx(10 * 3600, rel=0.01)  # ten wait still, ten took ten hours
