"""Handing out work: exactly as many critiques per answer as the project wants."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.database import Sessions, transaction
from backend.domain import assignments, critiques
from backend.domain.critiques import Draft
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import Critique, CritiqueState, Project, Rollout, User
from tests import factories

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def lease(session: Session, project: Project, person: User) -> Critique | None:
    return assignments.lease_next(session, project=project, user=person, minutes=10)


def write(session: Session, critique: Critique, text: str = "Too long.") -> None:
    critiques.save_draft(session, critique=critique, draft=Draft(text=text), version=critique.draft_version)


def test_a_person_gets_the_same_open_draft_again(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    person = factories.member(session, project, "ann@example.org")
    factories.attempt(session, project)
    factories.attempt(session, project, "What is snow?")
    first = lease(session, project, person)
    assert first is not None
    again = lease(session, project, person)
    assert again is not None
    assert again.id == first.id


def test_a_leased_answer_is_not_given_to_another(session: Session) -> None:
    project = factories.project(session, factories.user(session), overlap=1)
    one, two = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
    factories.attempt(session, project)
    assert lease(session, project, one) is not None
    assert lease(session, project, two) is None


def test_overlap_two_gives_an_answer_to_two_people_and_not_to_a_third(session: Session) -> None:
    project = factories.project(session, factories.user(session), overlap=2)
    people = [factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben", "cho")]
    factories.attempt(session, project)
    leased = [lease(session, project, person) for person in people]
    assert [critique is not None for critique in leased] == [True, True, False]


def test_an_expired_lease_frees_its_place(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    one, two = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
    factories.attempt(session, project)
    slow = lease(session, project, one)
    assert slow is not None
    slow.lease_expires_at = LONG_AGO
    session.flush()
    assert lease(session, project, two) is not None


def test_a_submit_after_the_place_was_filled_is_refused_and_keeps_the_text(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    one, two = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
    factories.attempt(session, project)
    slow = lease(session, project, one)
    assert slow is not None
    write(session, slow, "My slow words.")
    slow.lease_expires_at = LONG_AGO
    session.flush()
    fast = lease(session, project, two)
    assert fast is not None
    write(session, fast)
    critiques.submit(session, project=project, critique=fast, key="key-of-ben")
    with pytest.raises(ConflictError, match="history"):
        critiques.submit(session, project=project, critique=slow, key="key-of-ann")
    assert slow.draft["text"] == "My slow words."
    assert slow.state == CritiqueState.draft


def test_a_submit_after_the_lease_ran_out_counts_while_the_place_is_free(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    person = factories.member(session, project, "ann@example.org")
    factories.attempt(session, project)
    critique = lease(session, project, person)
    assert critique is not None
    write(session, critique)
    critique.lease_expires_at = LONG_AGO
    session.flush()
    critiques.submit(session, project=project, critique=critique, key="k" * 8)
    assert critique.state == CritiqueState.submitted


def test_submitting_twice_with_one_key_counts_once_and_with_another_is_refused(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    person = factories.member(session, project, "ann@example.org")
    factories.attempt(session, project)
    critique = lease(session, project, person)
    assert critique is not None
    write(session, critique)
    counted = critiques.submit(session, project=project, critique=critique, key="first key")
    assert critiques.submit(session, project=project, critique=critique, key="first key").id == counted.id
    with pytest.raises(ConflictError, match="already"):
        critiques.submit(session, project=project, critique=critique, key="other key")
    assert session.scalar(select(func.count()).select_from(Critique)) == 1


def test_an_empty_critique_is_refused_with_the_field_named(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    person = factories.member(session, project, "ann@example.org")
    factories.attempt(session, project)
    critique = lease(session, project, person)
    assert critique is not None
    with pytest.raises(InvalidError) as refused:
        critiques.submit(session, project=project, critique=critique, key="k" * 8)
    assert refused.value.details["field"] == "text"


def test_somebody_elses_assignment_does_not_exist_for_me(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    one, two = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
    factories.attempt(session, project)
    critique = lease(session, project, one)
    assert critique is not None
    with pytest.raises(NotFoundError):
        critiques.own(session, critique_id=critique.id, user_id=two.id)


def test_a_skipped_answer_goes_to_others_and_not_back_to_me(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    one, two = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
    factories.attempt(session, project)
    critique = lease(session, project, one)
    assert critique is not None
    critiques.put_aside(session, project=project, critique=critique, state=CritiqueState.skipped, reason="not my field")
    assert lease(session, project, one) is None
    assert lease(session, project, two) is not None


def test_evaluation_and_probe_prompts_are_never_handed_out(session: Session) -> None:
    project = factories.project(session, factories.user(session))
    person = factories.member(session, project, "ann@example.org")
    rollout = factories.attempt(session, project)
    prompt = factories.prompt(session, project)
    prompt.split = "eval"  # type: ignore[assignment]
    session.flush()
    assert rollout.prompt_id == prompt.id
    assert lease(session, project, person) is None


def finish(session: Session, project: Project, person: User) -> Critique:
    critique = lease(session, project, person)
    assert critique is not None
    write(session, critique)
    critiques.submit(session, project=project, critique=critique, key=f"key {critique.id}")
    return critique


def wanted(session: Session, rollout: Rollout) -> bool:
    session.refresh(rollout, ["wanted"])
    return rollout.wanted


def test_an_answer_leaves_the_queue_with_its_last_critique_and_comes_back_when_one_is_withdrawn(
    session: Session,
) -> None:
    project = factories.project(session, factories.user(session), overlap=2)
    one, two = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
    rollout = factories.attempt(session, project)
    finish(session, project, one)
    assert wanted(session, rollout)
    last = finish(session, project, two)
    assert not wanted(session, rollout)
    critiques.put_aside(session, project=project, critique=last, state=CritiqueState.discarded, reason="")
    assert wanted(session, rollout)
    critiques.reopen(session, project=project, critique=last, minutes=10)
    critiques.submit(session, project=project, critique=last, key="once more")
    assert not wanted(session, rollout)


def test_a_greater_overlap_brings_finished_answers_back_and_a_smaller_one_ends_waiting_ones(session: Session) -> None:
    project = factories.project(session, factories.user(session), overlap=1)
    one, two = (factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben"))
    rollout = factories.attempt(session, project)
    finish(session, project, one)
    assert lease(session, project, two) is None
    assignments.change_overlap(session, project=project, overlap=2)
    assert lease(session, project, two) is not None
    assignments.change_overlap(session, project=project, overlap=1)
    assert not wanted(session, rollout)


def test_twenty_people_at_once_never_exceed_the_overlap(committed: Sessions) -> None:
    with transaction(committed) as session:
        project = factories.project(session, factories.user(session), overlap=2)
        people = [factories.member(session, project, f"p{number}@example.org") for number in range(20)]
        for number in range(6):
            factories.attempt(session, project, f"What is thing number {number}?")

    def annotate(person: User) -> int:
        count = 0
        while True:
            with transaction(committed) as session:
                critique = lease(session, project, person)
                if critique is None:
                    return count
                write(session, critique)
                critiques.submit(session, project=project, critique=critique, key=f"key {critique.id}")
                count += 1

    with ThreadPoolExecutor(20) as pool:
        counts = list(pool.map(annotate, people))
    with transaction(committed) as session:
        per_rollout = session.execute(
            select(Rollout.id, func.count(Critique.id))
            .outerjoin(Critique, Critique.rollout_id == Rollout.id)
            .group_by(Rollout.id)
        ).all()
    assert [count for _, count in per_rollout] == [2] * 6
    assert sum(counts) == 12
