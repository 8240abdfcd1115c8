"""How much one has to do: one's own drafts and what one could be given, as hand-out itself decides it."""

import pytest

from backend.database import transaction
from backend.domain import to_do
from backend.models import Membership, Project, Role, Routing
from tests.backend.api import Api, Caller
from tests.backend.test_critiques import take
from tests.backend.test_reviews_api import write

PROGRESS = "/api/projects/demo/progress"


def left(caller: Caller) -> tuple[int, bool]:
    found = caller.get(PROGRESS).json()
    return found["mine_to_do"], found["mine_to_do_is_more"]


def test_it_is_ones_own_and_not_the_projects(api: Api) -> None:
    api.owner().call("PATCH", "/api/projects/demo", {"overlap": 2})
    api.attempts("One?", "Two?", "Three?")
    ann, ben = api.member("ann"), api.member("ben")
    assert left(ann) == (3, False)
    write(ann)
    assert (left(ann), left(ben)) == ((2, False), (3, False))
    assert ann.get(PROGRESS).json()["to_annotate"] == 5


def test_what_one_holds_or_postponed_counts_and_what_others_hold_does_not(api: Api) -> None:
    api.attempts("One?", "Two?", "Three?")
    ann, ben = api.member("ann"), api.member("ben")
    mine = take(ann)
    assert (left(ann), left(ben)) == ((3, False), (2, False))
    ann.post(f"/api/critiques/{mine['id']}/postpone")
    take(ann)
    assert (left(ann), left(ben)) == ((3, False), (1, False))


def test_it_is_as_many_as_one_is_given_and_in_the_end_nothing(api: Api) -> None:
    api.attempts("One?", "Two?", "Three?")
    ann = api.member("ann")
    given = 0
    while left(ann)[0] > 0:
        before = left(ann)[0]
        write(ann)
        given += 1
        assert left(ann)[0] == before - 1
    assert given == 3
    assert ann.post("/api/projects/demo/assignments/next").status_code == 204


def test_only_ones_share_counts_and_who_may_only_look_has_nothing_to_do(api: Api) -> None:
    api.attempts(*(f"Number {number}?" for number in range(12)))
    people, viewer = [api.member("ann"), api.member("ben")], api.member("eve", Role.viewer)
    with transaction(api.sessions) as session:
        session.query(Project).one().routing = Routing.share
        session.query(Membership).filter(Membership.role == Role.annotator).update({"share": 1})
    counts = [left(person)[0] for person in people]
    assert sum(counts) == 12
    assert min(counts) > 0
    assert left(viewer) == (0, False)


def test_of_very_many_it_says_at_least_how_many(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_do, "MOST", 2)
    api.attempts("One?", "Two?", "Three?")
    ann = api.member("ann")
    assert left(ann) == (2, True)
    write(ann)
    assert left(ann) == (2, False)
