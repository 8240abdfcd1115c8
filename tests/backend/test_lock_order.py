"""Nobody waits in a circle: whoever changes what counts takes locks in one order, so PostgreSQL ends nobody's work."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.database import Sessions, transaction
from backend.domain import assignments, bulk_changes, critiques, rollouts
from backend.domain.critiques import Draft
from backend.domain.rollouts import REDRAFT_SAMPLING
from backend.models import AuthorKind, ChangeKind, Critique, CritiqueState, Project, Rollout, User
from tests import factories

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


class Others:
    """Somebody else's transaction, begun while the test's own holds something, until it has to wait."""

    def __init__(self, sessions: Sessions, pool: ThreadPoolExecutor) -> None:
        self._sessions, self._pool = sessions, pool

    def begin(self, work: Callable[[Session, Project], object]) -> "Future[object]":
        begun = self._pool.submit(self._work, work)
        for _ in range(500):
            if begun.done() or self._is_waiting():
                return begun
            time.sleep(0.01)
        raise AssertionError("the other transaction neither ended nor waited")

    def _is_waiting(self) -> bool:
        with self._sessions() as session:
            return bool(session.scalar(WAITING))

    def _work(self, work: Callable[[Session, Project], object]) -> object:
        with transaction(self._sessions) as session:
            return work(session, session.query(Project).one())


@pytest.fixture
def others(committed: Sessions) -> Iterator[Others]:
    with ThreadPoolExecutor(1) as pool:
        yield Others(committed, pool)


@pytest.fixture
def people(committed: Sessions) -> list[int]:
    """Two annotators of a project of overlap 2 with one answer."""
    with transaction(committed) as session:
        project = factories.project(session, factories.user(session), overlap=2)
        factories.attempt(session, project)
        return [factories.member(session, project, f"{name}@example.org").id for name in ("ann", "ben")]


def lease(session: Session, project: Project, person: int) -> Critique | None:
    return assignments.lease_next(session, project=project, user=session.get_one(User, person), minutes=10)


def begun(sessions: Sessions, person: int) -> int:
    """A draft with words in it."""
    with transaction(sessions) as session:
        critique = lease(session, session.query(Project).one(), person)
        assert critique is not None
        critiques.save_draft(session, critique=critique, draft=Draft(text="Too long."), version=0)
        return critique.id


def submit(session: Session, project: Project, critique_id: int, person: int) -> None:
    critique = critiques.own(session, critique_id=critique_id, user_id=person)
    critiques.submit(session, project=project, critique=critique, key="once and only once")


def test_a_second_tab_asks_for_the_next_answer_while_the_first_submits(
    committed: Sessions, people: list[int], others: Others
) -> None:
    ann = people[0]
    number = begun(committed, ann)
    with transaction(committed) as session:
        critiques.own(session, critique_id=number, user_id=ann)
        second = others.begin(lambda session, project: lease(session, project, ann))
        submit(session, session.query(Project).one(), number, ann)
    assert second.result() is None
    with transaction(committed) as session:
        found = session.get_one(Critique, number)
        assert (found.state, found.lease_expires_at) == (CritiqueState.submitted, None)


def test_many_critiques_are_discarded_while_one_of_them_is_taken_up_again(
    committed: Sessions, people: list[int], others: Others
) -> None:
    ann = people[0]
    number = begun(committed, ann)
    with transaction(committed) as session:
        submit(session, session.query(Project).one(), number, ann)

    def discard(session: Session, project: Project) -> int:
        access = factories.access(project, session.get_one(User, ann))
        return bulk_changes.apply(session, access, kind=ChangeKind.discard, ids=[number], value=None).changed

    with transaction(committed) as session:
        critique = critiques.own(session, critique_id=number, user_id=ann)
        change = others.begin(discard)
        critiques.reopen(session, project=session.query(Project).one(), critique=critique, minutes=10)
    assert change.result() == 0


def test_the_overlap_is_lowered_while_an_answer_is_handed_out(
    committed: Sessions, people: list[int], others: Others
) -> None:
    ann, ben = people
    number = begun(committed, ann)
    with transaction(committed) as session:
        submit(session, session.query(Project).one(), number, ann)
        answer = session.query(Rollout).one().id

    def lower(session: Session, project: Project) -> None:
        assignments.change_overlap(session, project=project, overlap=1)

    with transaction(committed) as session:
        assignments.lock_rollout(session, answer)
        change = others.begin(lower)
        project, person = session.query(Project).one(), session.get_one(User, ben)
        session.add(
            Critique(
                project_id=project.id, rollout_id=answer, author_kind=AuthorKind.annotator, author_id=person.id,
                author_name=person.name,
            )
        )  # fmt: skip
        session.flush()
    change.result()
    with transaction(committed) as session:
        assert session.query(Rollout).one().wanted is False


def test_somebody_submits_while_another_has_the_same_answer_redrafted(
    committed: Sessions, people: list[int], others: Others
) -> None:
    ann, ben = people
    anns, bens = begun(committed, ann), begun(committed, ben)
    with transaction(committed) as session:
        critique = critiques.own(session, critique_id=anns, user_id=ann)
        revision = critiques.freeze(session, critique=critique)
        session.flush()
        submitted = others.begin(lambda session, project: submit(session, project, bens, ben))
        attempt = session.query(Rollout).one()
        session.add(rollouts.redraft_row(attempt, revision_id=revision.id, sampling=REDRAFT_SAMPLING))
        session.flush()
    submitted.result()
    with transaction(committed) as session:
        assert session.get_one(Critique, bens).state == CritiqueState.submitted
