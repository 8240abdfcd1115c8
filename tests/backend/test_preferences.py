"""Comparing two answers: blind, with exactly as many answers a pair as wanted, and read as a win rate."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.database import Sessions, transaction
from backend.domain import pairs, preferences, win_rates
from backend.domain.pairs import OfAttempts, OfCheckpoints, OfRollouts
from backend.domain.preferences import PreferenceDraft
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import (
    Checkpoint,
    CheckpointState,
    ComparisonSet,
    Pair,
    Preference,
    PreferenceState,
    Project,
    Role,
    Rollout,
    RolloutSource,
    Split,
    User,
)  # fmt: skip
from tests import factories
from tests.backend.api import Api, Caller

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)
SETS = "/api/projects/demo/comparison-sets"


def trained(session: Session, project: Project, name: str = "r1-s8") -> Checkpoint:
    found = session.query(Checkpoint).filter_by(name=name).one_or_none()
    if found is None:
        found = Checkpoint(
            name=name, project_id=project.id, path="/x", sha256="1" * 64, state=CheckpointState.published
        )
        session.add(found)
        session.flush()
    return found


def answered_by_both(session: Session, project: Project, question: str, *, a: str = "A.", b: str = "B.") -> None:
    """A prompt with a first attempt of the base model and one of the trained checkpoint."""
    factories.attempt(session, project, question, a)
    factories.attempt(session, project, question, b).checkpoint_id = trained(session, project).id
    session.flush()


class Table:
    """A project with two checkpoints' answers and people who compare them."""

    def __init__(self, session: Session, *, questions: int = 2, overlap: int = 1, reveals: bool = False) -> None:
        self.session = session
        self.owner = factories.user(session)
        self.project = factories.project(session, self.owner)
        self.people = [factories.member(session, self.project, f"p{number}@example.org") for number in range(3)]
        self.access = factories.access(self.project, self.owner)
        for number in range(questions):
            answered_by_both(session, self.project, f"What is thing number {number}?")
        self.set = self.compare(overlap=overlap, reveals=reveals)

    def source(self, **changes: object) -> OfCheckpoints:
        a, b = factories.base(self.session).id, trained(self.session, self.project).id
        fields = {"kind": "checkpoints", "a": a, "b": b, "split": "train", "n": 100, **changes}
        return OfCheckpoints.model_validate(fields)

    def compare(self, *, overlap: int = 1, reveals: bool = False, **changes: object) -> ComparisonSet:
        return pairs.create(
            self.session, self.access, name="base or trained", source=self.source(**changes), overlap=overlap,
            reveals=reveals,
        )  # fmt: skip

    def lease(self, person: User) -> Preference | None:
        return preferences.lease_next(self.session, made=self.set, user=person, minutes=10)

    def must_lease(self, person: User) -> Preference:
        found = self.lease(person)
        assert found is not None
        return found

    def submit(self, preference: Preference, choice: int | None = 2, key: str = "key 12345") -> Preference:
        draft = PreferenceDraft(choice=choice, text="Shorter.")
        preferences.save_draft(self.session, preference=preference, draft=draft, version=preference.draft_version)
        return preferences.submit(self.session, made=self.set, preference=preference, key=key)

    def pairs(self, made: ComparisonSet | None = None) -> list[Pair]:
        return list(self.session.scalars(select(Pair).where(Pair.set_id == (made or self.set).id).order_by(Pair.id)))


@pytest.fixture
def table(session: Session) -> Table:
    return Table(session)


def test_each_prompt_that_both_answered_becomes_one_pair_of_the_newest_answers(table: Table) -> None:
    newest = factories.attempt(table.session, table.project, "What is thing number 0?", "Newer.")
    first, second = table.pairs(table.compare())
    assert first.rollout_a_id == newest.id
    by_b = table.session.get_one(Rollout, second.rollout_b_id)
    assert by_b.checkpoint_id == trained(table.session, table.project).id


def test_answers_of_evaluations_are_compared_with_their_like_and_come_first(table: Table) -> None:
    for checkpoint in (factories.base(table.session), trained(table.session, table.project)):
        rollout = factories.attempt(table.session, table.project, "What is thing number 1?", checkpoint.name)
        rollout.source, rollout.checkpoint_id = RolloutSource.evaluation, checkpoint.id
    table.session.flush()
    sources = [table.session.get_one(Rollout, pair.rollout_a_id).source for pair in table.pairs(table.compare())]
    assert sources == [RolloutSource.attempt, RolloutSource.evaluation]


def test_answers_that_were_sampled_differently_are_not_compared_but_the_seed_may_differ(table: Table) -> None:
    rollouts = table.session.query(Rollout).order_by(Rollout.id).all()
    rollouts[0].sampling = {"temperature": 1.0, "seed": 1}
    rollouts[1].sampling = {"temperature": 1.0, "seed": 2}
    rollouts[2].sampling = {"temperature": 0.0}
    table.session.flush()
    (only,) = table.pairs(table.compare())
    assert only.rollout_a_id == rollouts[0].id


def test_the_same_answer_twice_is_left_out_and_counted(table: Table) -> None:
    answered_by_both(table.session, table.project, "What is one and one?", a="Two.", b="Two.")
    made = table.compare()
    assert (len(table.pairs(made)), made.identical) == (2, 1)


def test_at_most_n_prompts_are_drawn_and_the_same_ones_again(table: Table) -> None:
    for number in range(2, 12):
        answered_by_both(table.session, table.project, f"What is thing number {number}?")
    drawn = [[pair.prompt_id for pair in table.pairs(table.compare(n=5))] for _ in range(2)]
    assert len(drawn[0]) == 5
    assert drawn[0] == drawn[1]


def test_nothing_to_compare_is_refused_with_the_cure(table: Table) -> None:
    with pytest.raises(InvalidError, match="sampled alike"):
        table.compare(split="eval")
    with pytest.raises(InvalidError, match="two different checkpoints"):
        table.compare(b=factories.base(table.session).id)


def test_a_checkpoint_of_another_project_does_not_exist(table: Table) -> None:
    other = factories.project(table.session, table.owner, "other")
    with pytest.raises(NotFoundError):
        table.compare(b=trained(table.session, other, "r9-s1").id)


def test_two_first_attempts_of_a_prompt_can_be_compared_whoever_wrote_them(table: Table) -> None:
    factories.attempt(table.session, table.project, "What is lonely?")
    source = OfAttempts(kind="attempts", split=Split.train, n=10)
    made = pairs.create(table.session, table.access, name="attempts", source=source, overlap=1, reveals=False)
    assert len(table.pairs(made)) == 2
    assert made.checkpoint_a_id is None


def test_named_rollouts_become_pairs_once_each_and_only_answers_to_one_prompt(table: Table) -> None:
    def named(*given: tuple[int, int]) -> ComparisonSet:
        source = OfRollouts(kind="rollouts", pairs=list(given))
        return pairs.create(table.session, table.access, name="named", source=source, overlap=1, reveals=False)

    first, second = table.pairs()
    a, b = first.rollout_a_id, first.rollout_b_id
    assert len(table.pairs(named((a, b), (b, a)))) == 1
    for wrong in ((a, second.rollout_b_id), (a, a)):
        with pytest.raises(InvalidError, match="not two answers to one prompt"):
            named(wrong)
    foreign = factories.attempt(table.session, factories.project(table.session, table.owner, "other"))
    with pytest.raises(InvalidError, match="no finished rollout of this project"):
        named((a, foreign.id))


def test_a_person_gets_the_same_open_pair_again_the_same_way_round(table: Table) -> None:
    first = table.must_lease(table.people[0])
    side = first.a_is_left
    again = table.must_lease(table.people[0])
    assert (again.id, again.a_is_left) == (first.id, side)


def test_a_leased_pair_is_not_given_to_another_and_a_lease_that_ran_out_frees_its_place(session: Session) -> None:
    table = Table(session, questions=1)
    first = table.must_lease(table.people[0])
    assert table.lease(table.people[1]) is None
    first.lease_expires_at = LONG_AGO
    session.flush()
    assert table.must_lease(table.people[1]).pair_id == first.pair_id
    with pytest.raises(ConflictError) as refused:
        table.submit(first)
    assert refused.value.details["reason"] == "slot_filled"
    assert first.draft["text"] == "Shorter."


def test_a_lease_that_ran_out_counts_while_the_place_is_free(session: Session) -> None:
    table = Table(session, questions=1)
    first = table.must_lease(table.people[0])
    first.lease_expires_at = LONG_AGO
    assert table.submit(first).state == PreferenceState.submitted


def test_a_skipped_pair_goes_to_others_with_its_reason_kept_and_does_not_come_back(session: Session) -> None:
    table = Table(session, questions=1)
    first = table.must_lease(table.people[0])
    assert preferences.skip(session, preference=first, reason="Not my field").reason == "Not my field"
    assert table.lease(table.people[0]) is None
    assert table.must_lease(table.people[1]).pair_id == first.pair_id


def test_a_closed_set_hands_nothing_out_but_takes_what_was_leased(table: Table) -> None:
    first = table.must_lease(table.people[0])
    pairs.set_open(table.session, table.access, made=table.set, is_open=False)
    assert table.lease(table.people[0]) is None
    assert table.submit(first).state == PreferenceState.submitted


def test_an_answer_is_final_and_sent_twice_it_counts_once(table: Table) -> None:
    first = table.must_lease(table.people[0])
    table.submit(first, key="key one 1")
    again = preferences.submit(table.session, made=table.set, preference=first, key="key one 1")
    assert again.state == PreferenceState.submitted
    with pytest.raises(ConflictError):
        preferences.submit(table.session, made=table.set, preference=first, key="another key")
    with pytest.raises(ConflictError):
        preferences.save_draft(table.session, preference=first, draft=PreferenceDraft(choice=7), version=1)
    with pytest.raises(ConflictError):
        preferences.skip(table.session, preference=first, reason="")


def test_without_a_choice_nothing_is_submitted(table: Table) -> None:
    with pytest.raises(InvalidError, match="which answer is better"):
        table.submit(table.must_lease(table.people[0]), choice=None)


def test_another_tabs_draft_is_not_overwritten(table: Table) -> None:
    first = table.must_lease(table.people[0])
    preferences.save_draft(table.session, preference=first, draft=PreferenceDraft(choice=1), version=0)
    with pytest.raises(ConflictError) as refused:
        preferences.save_draft(table.session, preference=first, draft=PreferenceDraft(choice=7), version=0)
    assert refused.value.details["server"] == {"draft": {"choice": 1, "text": ""}, "version": 1}


def test_somebody_elses_pair_does_not_exist(table: Table) -> None:
    first = table.must_lease(table.people[0])
    with pytest.raises(NotFoundError):
        preferences.own(table.session, preference_id=first.id, user_id=table.people[1].id)


@pytest.mark.parametrize(("choice", "a_is_left", "favour"), [(1, True, 3), (1, False, -3), (4, True, 0), (6, False, 2)])
def test_a_choice_counts_for_who_wrote_the_answer_wherever_it_stood(choice: int, a_is_left: bool, favour: int) -> None:
    assert preferences.favour_of_a(Preference(choice=choice, a_is_left=a_is_left)) == favour


def test_the_side_is_drawn_per_person(session: Session) -> None:
    table = Table(session, questions=40)
    sides = [table.submit(table.must_lease(table.people[0])).a_is_left for _ in range(40)]
    assert 5 < sum(sides) < 35  # fails once in four million runs


def naive_rate(given: list[tuple[int, Preference]], left: bool | None = None) -> float | None:
    """The win rate of A, by hand: the mean over prompts of the mean over their people."""
    wins: dict[int, list[float]] = {}
    for prompt_id, one in given:
        if left is None or one.a_is_left == left:
            towards_a = (one.choice or 0) < 4 if one.a_is_left else (one.choice or 0) > 4
            wins.setdefault(prompt_id, []).append(0.5 if one.choice == 4 else float(towards_a))
    means = [sum(scores) / len(scores) for scores in wins.values()]
    return sum(means) / len(means) if means else None


def test_win_rates_are_what_one_counts_by_hand() -> None:
    choices = itertools.product(range(1, 8), (True, False))
    given = [(number // 3, Preference(choice=c, a_is_left=side)) for number, (c, side) in enumerate(choices)]
    found = win_rates.result(given)
    for rate, left in ((found.a_wins, None), (found.a_wins_left, True), (found.a_wins_right, False)):
        assert rate is not None
        assert rate.interval.mean == pytest.approx(naive_rate(given, left))
        assert rate.interval.low <= rate.interval.mean <= rate.interval.high
    assert found.strengths == dict.fromkeys(range(-3, 4), 2)
    assert found.a_wins is not None
    assert (found.a_wins.n, found.a_wins.prompts) == (14, 5)


def test_who_always_takes_the_left_shows_as_bias_and_not_as_a_win() -> None:
    given = [(number, Preference(choice=1, a_is_left=number % 2 == 0)) for number in range(40)]
    found = win_rates.result(given)
    assert found.a_wins is not None
    assert found.left_wins is not None
    assert found.a_wins_left is not None
    assert found.a_wins_right is not None
    assert found.a_wins.interval.mean == 0.5
    assert (found.a_wins_left.interval.mean, found.a_wins_right.interval.mean) == (1.0, 0.0)
    assert found.left_wins.interval.low > 0.9


def test_without_an_answer_there_is_no_rate() -> None:
    assert win_rates.result([]).a_wins is None


def test_twenty_people_at_once_fill_every_place_exactly(committed: Sessions) -> None:
    with transaction(committed) as session:
        owner = factories.user(session)
        project = factories.project(session, owner)
        people = [factories.member(session, project, f"p{number}@example.org") for number in range(20)]
        for number in range(6):
            answered_by_both(session, project, f"What is thing number {number}?")
        a, b = factories.base(session).id, trained(session, project).id
        source = OfCheckpoints(kind="checkpoints", a=a, b=b, split=Split.train, n=6)
        access = factories.access(project, owner)
        made = pairs.create(session, access, name="many", source=source, overlap=3, reveals=False)

    def compare(person: User) -> int:
        count = 0
        while True:
            with transaction(committed) as session:
                mine = preferences.lease_next(session, made=session.merge(made), user=person, minutes=10)
                if mine is None:
                    return count
                number = mine.id
            with transaction(committed) as session:
                preference, own = preferences.own(session, preference_id=number, user_id=person.id)
                draft = PreferenceDraft(choice=3)
                preferences.save_draft(session, preference=preference, draft=draft, version=0)
                preferences.submit(session, made=own, preference=preference, key=f"key {number:08}")
                count += 1

    with ThreadPoolExecutor(20) as pool:
        counts = list(pool.map(compare, people))
    with transaction(committed) as session:
        by_pair = select(func.count()).select_from(Preference).group_by(Preference.pair_id)
        assert list(session.scalars(by_pair)) == [3] * 6
    assert sum(counts) == 18


def body(**changes: object) -> dict[str, object]:
    source = {"kind": "checkpoints", "a": 1, "b": 2, "split": "train", "n": 10}
    return {"name": "base or trained", "overlap": 1, "reveals": True, "source": source, **changes}


def comparing(api: Api, *, reveals: bool, questions: int = 1) -> tuple[Caller, int]:
    """A reviewer's comparison set over the API."""
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        for number in range(questions):
            answered_by_both(session, project, f"What is thing number {number}?", a="Alpha says.", b="Beta says.")
        a, b = factories.base(session).id, trained(session, project).id
    reviewer = api.member("rita", Role.reviewer)
    source = {"kind": "checkpoints", "a": a, "b": b, "split": "train", "n": 10}
    made = reviewer.post(SETS, body(source=source, reveals=reveals))
    assert made.status_code == 201, made.text
    return reviewer, int(made.json()["id"])


def keys_of(found: object) -> set[str]:
    """Every key of a piece of JSON, at any depth."""
    if isinstance(found, dict):
        return set(found).union(*(keys_of(value) for value in found.values()))
    return set().union(*(keys_of(value) for value in found)) if isinstance(found, list) else set()


def test_before_the_answer_nothing_that_is_sent_tells_who_wrote_which(api: Api) -> None:
    _, number = comparing(api, reveals=True)
    ann = api.member("ann")
    listed, taken = ann.get(SETS).json(), ann.post(f"/api/comparison-sets/{number}/next").json()
    path = f"/api/preferences/{taken['preference']['id']}"
    saved = ann.put(f"{path}/draft", {"draft": {"choice": 1, "text": ""}, "version": 0}).json()
    held = ann.post(f"{path}/heartbeat").json()
    assert {taken["left"], taken["right"]} == {"Alpha says.", "Beta says."}
    assert keys_of(taken) == {
        "preference", "id", "state", "draft", "choice", "text", "draft_version", "lease_expires_at", "messages",
        "role", "content", "left", "right", "guidelines",
    }  # fmt: skip
    sent = json.dumps([listed, taken, saved, held])
    for telling in (factories.BASE, "r1-s8", "rollout", "checkpoint", "a_is_left", "origin"):
        assert telling not in sent


@pytest.mark.parametrize("reveals", [True, False])
def test_after_the_answer_who_wrote_which_is_told_if_the_set_says_so(api: Api, reveals: bool) -> None:
    _, number = comparing(api, reveals=reveals)
    ann = api.member("ann")
    taken = ann.post(f"/api/comparison-sets/{number}/next").json()
    sent = {"draft": {"choice": 2, "text": "It is shorter."}, "version": 0}
    path = f"/api/preferences/{taken['preference']['id']}/submit"
    answered = ann.post(path, sent, Idempotency_Key="key 12345").json()
    if not reveals:
        assert answered["origin"] is None
        return
    alpha = "left" if taken["left"] == "Alpha says." else "right"
    assert answered["origin"][alpha]["name"] == factories.BASE
    assert ann.post(path, sent, Idempotency_Key="key 12345").json() == answered


def test_a_refused_submission_keeps_what_was_written(api: Api) -> None:
    _, number = comparing(api, reveals=False)
    ann = api.member("ann")
    taken = ann.post(f"/api/comparison-sets/{number}/next").json()
    path = f"/api/preferences/{taken['preference']['id']}/submit"
    sent = {"draft": {"choice": None, "text": "Hm."}, "version": 0}
    assert ann.post(path, sent, Idempotency_Key="key 12345").status_code == 400
    again = ann.post(f"/api/comparison-sets/{number}/next").json()
    assert again["preference"]["draft"] == {"choice": None, "text": "Hm."}


def test_the_result_names_both_and_shows_the_pairs_with_their_reasons(api: Api) -> None:
    reviewer, number = comparing(api, reveals=False, questions=3)
    ann = api.member("ann")
    for _ in range(3):
        taken = ann.post(f"/api/comparison-sets/{number}/next").json()
        choice = 1 if taken["left"] == "Alpha says." else 7
        sent = {"draft": {"choice": choice, "text": "Alpha knows."}, "version": 0}
        path = f"/api/preferences/{taken['preference']['id']}/submit"
        assert ann.post(path, sent, Idempotency_Key="key 12345").status_code == 200
    assert ann.post(f"/api/comparison-sets/{number}/next").status_code == 204
    found = reviewer.get(f"/api/comparison-sets/{number}/result").json()
    assert (found["a"]["name"], found["b"]["name"]) == (factories.BASE, "r1-s8")
    assert (found["a_wins"]["rate"], found["a_wins"]["n"]) == (1.0, 3)
    assert found["a_wins"]["low"] < 1
    assert found["strengths"][-1] == {"favour": 3, "count": 3}
    assert found["pairs"][0]["given"][0]["text"] == "Alpha knows."
    assert found["set"]["submitted"] == 3
    assert found["set"]["left"] == 0


def test_annotators_neither_make_sets_nor_read_results(api: Api) -> None:
    reviewer, number = comparing(api, reveals=False)
    ann, viewer = api.member("ann"), api.member("vera", Role.viewer)
    assert ann.post(SETS, body()).status_code == 403
    assert ann.get(f"/api/comparison-sets/{number}/result").status_code == 403
    assert ann.call("PATCH", f"/api/comparison-sets/{number}", {"is_open": False}).status_code == 403
    assert viewer.post(f"/api/comparison-sets/{number}/next").status_code == 403
    closed = reviewer.call("PATCH", f"/api/comparison-sets/{number}", {"is_open": False}).json()
    assert (closed["is_open"], closed["left"]) == (False, 0)
    assert ann.post(f"/api/comparison-sets/{number}/next").status_code == 204


def test_another_projects_comparisons_do_not_exist(api: Api) -> None:
    _, number = comparing(api, reveals=False)
    taken = api.member("ann").post(f"/api/comparison-sets/{number}/next").json()
    with transaction(api.sessions) as session:
        factories.project(session, factories.user(session, "stranger@example.org"), "other")
    stranger = api.login("stranger@example.org")
    path = f"/api/preferences/{taken['preference']['id']}"
    answers = [
        stranger.get(f"/api/comparison-sets/{number}/result"),
        stranger.post(f"/api/comparison-sets/{number}/next"),
        stranger.put(f"{path}/draft", {"draft": {}, "version": 0}),
        stranger.post(f"{path}/skip"),
        stranger.get("/api/comparison-sets/999/result"),
    ]
    assert {answer.status_code for answer in answers} == {404}


WRONG: list[dict[str, object]] = [
    {"name": " "}, {"name": "x" * 201}, {"overlap": 0}, {"overlap": 21}, {"reveals": "perhaps"}, {"more": 1},
    {"source": {"kind": "guess"}}, {"source": {"kind": "attempts", "split": "all", "n": 1}},
    {"source": {"kind": "attempts", "split": "train", "n": 0}}, {"source": {"kind": "rollouts", "pairs": []}},
    {"source": {"kind": "rollouts", "pairs": [[1]]}}, {"source": {"kind": "rollouts", "pairs": [[1, 2**63]]}},
]  # fmt: skip


def test_malformed_sets_and_drafts_are_refused(api: Api) -> None:
    _, number = comparing(api, reveals=False)
    owner = api.owner()
    taken = owner.post(f"/api/comparison-sets/{number}/next").json()
    path = f"/api/preferences/{taken['preference']['id']}"
    for wrong in WRONG:
        assert owner.post(SETS, body(**wrong)).status_code == 422, wrong
    for draft in ({"choice": 0}, {"choice": 8}, {"text": "x" * 5001}, {"side": "left"}):
        assert owner.put(f"{path}/draft", {"draft": draft, "version": 0}).status_code == 422, draft
    assert owner.post(f"{path}/skip", {"reason": "x" * 501}).status_code == 422
    assert owner.call("PATCH", f"/api/comparison-sets/{number}", {"is_open": None}).status_code == 422
