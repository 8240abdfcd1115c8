"""Who gets what, and what comes first."""

import pytest
from sqlalchemy.orm import Session

from backend.database import transaction
from backend.domain import assignments, critiques, priorities, projects, similarity, who_gets_what
from backend.domain.critiques import Draft
from backend.errors import InvalidError, NotFoundError
from backend.models import (
    CritiqueState,
    Job,
    JobKind,
    Membership,
    Project,
    Prompt,
    QueueOrder,
    Role,
    Rollout,
    Routing,
    User,
)
from tests import factories
from tests.backend.api import Api


def first(session: Session, project: Project, person: User) -> Rollout | None:
    critique = assignments.lease_next(session, project=project, user=person, minutes=10)
    if critique is None:
        return None
    found = session.get_one(Rollout, critique.rollout_id)
    session.delete(critique)
    session.flush()
    return found


def critique_next(session: Session, project: Project, person: User, rating: float) -> Rollout:
    critique = assignments.lease_next(session, project=project, user=person, minutes=10)
    assert critique is not None
    critiques.save_draft(session, critique=critique, draft=Draft(text="Wrong.", rating=rating), version=0)
    critiques.submit(session, project=project, critique=critique, key=f"key {critique.id}")
    return session.get_one(Rollout, critique.rollout_id)


def membership(session: Session, person: User) -> Membership:
    return session.query(Membership).filter_by(user_id=person.id).one()


def number_all(session: Session, project: Project, order: QueueOrder) -> None:
    project.queue_order = order
    session.flush()
    after: int | None = 0
    while after is not None:
        after = priorities.write_batch(session, project=project, after=after)


@pytest.fixture
def owner(session: Session) -> User:
    return factories.user(session)


@pytest.fixture
def project(session: Session, owner: User) -> Project:
    return factories.project(session, owner)


@pytest.fixture
def people(session: Session, project: Project) -> list[User]:
    return [factories.member(session, project, f"{name}@example.org") for name in ("ann", "ben", "cho")]


def test_a_kept_prompt_goes_to_its_people_only_until_it_is_set_free(
    session: Session, project: Project, owner: User, people: list[User]
) -> None:
    ann, ben, _ = people
    rollout = factories.attempt(session, project)
    access = factories.access(project, owner)
    who_gets_what.keep(session, access, prompt_ids=[rollout.prompt_id], user_ids=[ann.id])
    assert first(session, project, ben) is None
    assert first(session, project, ann) == rollout
    who_gets_what.keep(session, access, prompt_ids=[rollout.prompt_id], user_ids=[])
    assert first(session, project, ben) == rollout


def test_a_kept_answer_that_its_person_skips_goes_to_anyone(
    session: Session, project: Project, owner: User, people: list[User]
) -> None:
    ann, ben, _ = people
    rollout = factories.attempt(session, project)
    who_gets_what.keep(session, factories.access(project, owner), prompt_ids=[rollout.prompt_id], user_ids=[ann.id])
    critique = assignments.lease_next(session, project=project, user=ann, minutes=10)
    assert critique is not None
    assert first(session, project, ben) is None
    critiques.put_aside(session, project=project, critique=critique, state=CritiqueState.skipped, reason="")
    assert first(session, project, ben) == rollout


def test_what_was_kept_for_somebody_who_leaves_goes_to_the_others(
    session: Session, project: Project, owner: User, people: list[User]
) -> None:
    ann, ben, _ = people
    rollout = factories.attempt(session, project)
    access = factories.access(project, owner)
    who_gets_what.keep(session, access, prompt_ids=[rollout.prompt_id], user_ids=[ann.id])
    projects.remove_member(session, access, user_id=ann.id)
    assert first(session, project, ben) == rollout


def test_a_kept_answer_goes_on_to_anyone_when_its_people_have_handed_in_and_more_is_wanted(
    session: Session, project: Project, owner: User, people: list[User]
) -> None:
    ann, ben, _ = people
    rollout = factories.attempt(session, project)
    who_gets_what.keep(session, factories.access(project, owner), prompt_ids=[rollout.prompt_id], user_ids=[ann.id])
    assignments.change_overlap(session, project=project, overlap=2)
    assert first(session, project, ben) is None
    critique_next(session, project, ann, 0.5)
    assert first(session, project, ben) == rollout


@pytest.mark.parametrize("routing", list(Routing))
def test_what_was_the_part_of_somebody_who_now_may_only_look_goes_to_the_others(
    session: Session, project: Project, owner: User, people: list[User], routing: Routing
) -> None:
    ann, ben, _ = people
    rollout = factories.attempt(session, project)
    session.get_one(Prompt, rollout.prompt_id).details = {"topic": "weather"}
    access = factories.access(project, owner)
    if routing == Routing.anyone:
        who_gets_what.keep(session, access, prompt_ids=[rollout.prompt_id], user_ids=[ann.id])
    else:
        project.routing = routing
        who_gets_what.set_worker(session, access, user_id=ann.id, share=1, skills=["weather"])
    session.flush()
    assert first(session, project, ben) is None
    projects.set_role(session, access, user_id=ann.id, role=Role.viewer)
    session.flush()
    assert first(session, project, ben) == rollout


def test_shares_of_too_few_people_hold_nobody_up(
    session: Session, project: Project, owner: User, people: list[User]
) -> None:
    ann, ben, _ = people
    rollout = factories.attempt(session, project)
    project.routing = Routing.share
    who_gets_what.set_worker(session, factories.access(project, owner), user_id=ann.id, share=1, skills=[])
    assignments.change_overlap(session, project=project, overlap=2)
    critique_next(session, project, ann, 0.5)
    assert first(session, project, ben) == rollout


def test_prompts_are_kept_for_enough_people_of_this_project_only(
    session: Session, project: Project, owner: User, people: list[User]
) -> None:
    prompt = factories.prompt(session, project)
    access = factories.access(project, owner)
    other = factories.prompt(session, factories.project(session, owner, "other"))
    with pytest.raises(NotFoundError, match="prompts"):
        who_gets_what.keep(session, access, prompt_ids=[other.id], user_ids=[people[0].id])
    with pytest.raises(NotFoundError, match="does not critique"):
        who_gets_what.keep(session, access, prompt_ids=[prompt.id], user_ids=[10**9])
    project.overlap = 2
    with pytest.raises(InvalidError, match="2 critiques"):
        who_gets_what.keep(session, access, prompt_ids=[prompt.id], user_ids=[people[0].id])


def test_work_by_share_reaches_every_answer_and_gives_nothing_to_people_without_one(
    session: Session, project: Project, people: list[User]
) -> None:
    ann, ben, cho = people
    for number in range(20):
        factories.attempt(session, project, f"What is thing {number}?")
    project.routing = Routing.share
    membership(session, ann).share, membership(session, ben).share = 75, 25
    session.flush()
    assert first(session, project, cho) is None
    counts = []
    for person in (ann, ben):
        counts.append(0)
        while first(session, project, person) is not None:
            critique_next(session, project, person, 0.5)
            counts[-1] += 1
    assert sum(counts) == 20
    assert abs(counts[0] - 15) <= 2


@pytest.mark.parametrize("topic", ["law", ["tax", "law"]], ids=["text", "list"])
def test_a_topic_goes_to_those_who_know_it_and_an_unknown_one_to_anyone(
    session: Session, project: Project, people: list[User], topic: object
) -> None:
    ann, ben, _ = people
    rollout = factories.attempt(session, project)
    prompt = session.get_one(Prompt, rollout.prompt_id)
    project.routing = Routing.skill
    session.flush()
    assert first(session, project, ben) == rollout  # no topic
    prompt.details = {"topic": topic}
    session.flush()
    assert first(session, project, ben) == rollout  # nobody knows it
    membership(session, ann).skills = ["law"]
    session.flush()
    assert first(session, project, ben) is None
    assert first(session, project, ann) == rollout


def test_the_least_certain_answer_comes_first(session: Session, project: Project, people: list[User]) -> None:
    sure, unsure = (factories.attempt(session, project, f"What is {name}?") for name in ("rain", "snow"))
    unsure.logprobs = [-3.0, -1.0]
    session.flush()
    assert first(session, project, people[0]) == sure
    number_all(session, project, QueueOrder.uncertainty)
    session.refresh(unsure)
    assert unsure.priority == -2.0
    assert first(session, project, people[0]) == unsure


def test_an_answer_that_people_disagree_on_comes_first(session: Session, project: Project, people: list[User]) -> None:
    ann, ben, cho = people
    project.overlap, project.queue_order = 3, QueueOrder.disagreement
    session.flush()
    agreed, disputed = (factories.attempt(session, project, f"What is {name}?") for name in ("rain", "snow"))
    for person, ratings in ((ann, (0.5, 0.0)), (ben, (0.5, 1.0))):
        assert [critique_next(session, project, person, rating) for rating in ratings] == [agreed, disputed]
    assert first(session, project, cho) == disputed
    number_all(session, project, QueueOrder.disagreement)
    assert first(session, project, cho) == disputed


def test_an_answer_like_those_that_were_wrong_comes_first(
    session: Session, project: Project, people: list[User]
) -> None:
    answers = {"a": "The moon is made of cheese.", "b": "Water boils when heated.", "c": "The moon is green cheese."}
    _, other, alike = (factories.attempt(session, project, q, answer=text) for q, text in answers.items())
    critique_next(session, project, people[0], 0.0)
    number_all(session, project, QueueOrder.similarity)
    assert first(session, project, people[0]) == alike
    project.queue_order = QueueOrder.imported
    assert first(session, project, people[0]) == other


def test_the_nearest_is_by_cosine_and_nothing_is_near_to_nothing() -> None:
    found = similarity.nearest({1: "the moon is cheese", 2: "boats"}, ["the moon is cheese", "cars"])
    assert found[1] == pytest.approx(1.0)
    assert found[2] == 0.0
    assert similarity.nearest({1: "boats"}, []) == {1: 0.0}


def test_an_admin_sets_the_queue_and_a_new_order_is_a_job(served: Api) -> None:
    owner = served.owner()
    served.member("ann")
    shown = owner.get("/api/projects/demo/queue").json()
    assert (shown["order"], shown["routing"], shown["open_critiques"]) == ("imported", "anyone", False)
    ann = next(worker["user"]["id"] for worker in shown["workers"] if worker["user"]["name"] == "ann")
    workers = [{"user_id": ann, "share": 3, "skills": ["law", "law"]}]
    body = {"order": "uncertainty", "routing": "share", "workers": workers, "open_critiques": True}
    changed = owner.call("PATCH", "/api/projects/demo/queue", body)
    assert changed.status_code == 200, changed.text
    by_name = {worker["user"]["name"]: worker for worker in changed.json()["workers"]}
    assert (by_name["ann"]["percent"], by_name["ann"]["skills"]) == (100.0, ["law"])
    assert by_name["owner"]["percent"] == 0.0
    with transaction(served.sessions) as session:
        assert [job.kind for job in session.query(Job)] == [JobKind.prioritise]


def test_shares_for_too_few_people_are_refused_and_nothing_changes(api: Api) -> None:
    owner = api.owner()
    refused = owner.call("PATCH", "/api/projects/demo/queue", {"routing": "share"})
    assert refused.status_code == 409
    assert "at least 1" in refused.json()["message"]
    assert owner.get("/api/projects/demo/queue").json()["routing"] == "anyone"


@pytest.mark.parametrize(
    "body",
    [
        {"order": "random"},
        {"routing": "luck"},
        {"skill_field": " "},
        {"open_critiques": "perhaps"},
        {"workers": [{"user_id": 1, "share": -1, "skills": []}]},
        {"workers": [{"user_id": 1, "share": 1, "skills": ["x" * 41]}]},
        {"workers": [{"user_id": 0, "share": 1, "skills": []}]},
        {"unknown": 1},
    ],
)
def test_bad_settings_of_the_queue_are_refused(api: Api, body: dict[str, object]) -> None:
    assert api.owner().call("PATCH", "/api/projects/demo/queue", body).status_code == 422


def test_who_gets_what_is_for_admins(api: Api) -> None:
    ann = api.member("ann")
    assert ann.get("/api/projects/demo/queue").status_code == 403
    assert ann.post("/api/projects/demo/queue/kept", {"prompt_ids": [1], "user_ids": []}).status_code == 403


def test_prompts_are_kept_over_http(api: Api) -> None:
    owner, ann, ben = api.owner(), api.member("ann"), api.member("ben")
    api.attempts("What is rain?")
    prompt = owner.get("/api/projects/demo/prompts").json()["items"][0]["id"]
    me = ann.get("/api/session").json()["user"]["id"]
    kept = owner.post("/api/projects/demo/queue/kept", {"prompt_ids": [prompt], "user_ids": [me]})
    assert kept.json() == {"prompts": 1}
    assert ben.post("/api/projects/demo/assignments/next").status_code == 204
    assert ann.post("/api/projects/demo/assignments/next").status_code == 200
    assert owner.post("/api/projects/demo/queue/kept", {"prompt_ids": [], "user_ids": []}).status_code == 422


@pytest.mark.parametrize("shown", [False, True], ids=["hidden", "shown"])
def test_what_others_wrote_is_hidden_unless_the_project_shows_it(api: Api, shown: bool) -> None:
    owner, ann, ben = api.owner(), api.member("ann"), api.member("ben")
    api.attempts("What is rain?")
    owner.call("PATCH", "/api/projects/demo", {"overlap": 2})
    owner.call("PATCH", "/api/projects/demo/queue", {"open_critiques": shown})
    mine = ann.post("/api/projects/demo/assignments/next").json()["critique"]
    draft = {"draft": {"text": "Too long.", "rating": 0.25}, "version": 0}
    ann.post(f"/api/critiques/{mine['id']}/submit", draft, idempotency_key="a key of ann")
    others = ben.post("/api/projects/demo/assignments/next").json()["others"]
    assert others == ([{"author": "ann", "text": "Too long.", "rating": 0.25}] if shown else [])
