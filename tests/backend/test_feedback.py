"""Feedback as training sees it: which critiques count, and what reward each attempt and redraft has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from backend.domain import critiques, feedback
from backend.models import AuthorKind, CritiqueState, Split, Verdict
from tests import factories

KINDS = list(AuthorKind)
UNIT = st.floats(0, 1)


def test_the_newest_judged_redraft_is_the_one_that_counts(session: Session) -> None:
    owner = factories.user(session)
    project = factories.project(session, owner)
    critique = factories.submitted(session, project, factories.attempt(session, project), owner, rating=0.25)
    judged = factories.redraft(session, critique, "better answer")
    factories.redraft(session, critique, "nobody judged this one")
    critiques.compare(session, critique=critique, redraft_id=judged.id, verdict=Verdict.better, rating=None)
    [item] = feedback.usable(session, project_id=project.id, kinds=KINDS)
    assert item.redraft is not None
    assert (item.redraft.text, item.redraft_reward) == ("better answer", 0.5)


def test_only_submitted_critiques_by_the_named_authors_count(session: Session) -> None:
    owner = factories.user(session)
    project = factories.project(session, owner)
    rollout = factories.attempt(session, project)
    critique = factories.submitted(session, project, rollout, owner)
    critiques.add_by_code(
        session, rollout=rollout, kind=AuthorKind.verifier, name="concise", text="Too long.", rating=0.0
    )
    assert len(feedback.usable(session, project_id=project.id, kinds=KINDS)) == 2
    assert len(feedback.usable(session, project_id=project.id, kinds=[AuthorKind.verifier])) == 1
    critique.state = CritiqueState.discarded
    session.flush()
    assert len(feedback.usable(session, project_id=project.id, kinds=KINDS)) == 1


def test_a_snapshot_stays_what_it_was_when_the_critique_changes(session: Session) -> None:
    owner = factories.user(session)
    project = factories.project(session, owner)
    critique = factories.submitted(session, project, factories.attempt(session, project), owner, text="Old words.")
    items = feedback.usable(session, project_id=project.id, kinds=KINDS)
    snapshot = feedback.freeze(session, project_id=project.id, items=items)
    critique.draft = {**critique.draft, "text": "New words."}
    critiques.freeze(session, critique=critique)
    loaded = feedback.load(session, snapshot_id=snapshot.id)
    assert [item.revision.text for item in loaded] == ["Old words."]
    assert feedback.snapshot_hash(loaded) == snapshot.sha256
    assert feedback.snapshot_hash(feedback.usable(session, project_id=project.id, kinds=KINDS)) != snapshot.sha256


@pytest.mark.parametrize(
    ("r0", "verdict", "rating", "expected"),
    [
        (0.5, Verdict.better, None, 0.75),
        (0.5, Verdict.same, None, 0.5),
        (0.5, Verdict.worse, None, 0.25),
        (0.9, Verdict.better, None, 1.0),
        (0.1, Verdict.worse, None, 0.0),
        (0.5, Verdict.worse, 0.8, 0.8),
        (0.5, None, None, None),
    ],
)
def test_a_redrafts_reward_is_its_rating_else_the_comparison(
    r0: float, verdict: Verdict | None, rating: float | None, expected: float | None
) -> None:
    assert feedback.redraft_reward(r0=r0, verdict=verdict, rating=rating) == expected


@given(r0=UNIT, verdict=st.sampled_from(list(Verdict)))
def test_rewards_stay_in_the_unit_interval_and_keep_the_order_of_the_verdicts(r0: float, verdict: Verdict) -> None:
    reward = feedback.redraft_reward(r0=r0, rating=None, verdict=verdict)
    assert reward is not None
    assert 0 <= reward <= 1
    assert (reward - r0) * {"better": 1, "same": 0, "worse": -1}[verdict] >= 0


def test_a_snapshot_keeps_the_prompts_of_its_day(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    first = factories.prompt(session, project, "What is rain?", Split.train)
    probe = factories.prompt(session, project, "What is snow?", Split.probe)
    snapshot = feedback.freeze(session, project_id=project.id, items=[])
    first.split = Split.eval
    factories.prompt(session, project, "What is hail?", Split.train)
    session.flush()
    session.expire(snapshot)
    assert (snapshot.train_prompt_ids, snapshot.probe_prompt_ids) == ([first.id], [probe.id])
