"""Work by shares: exactly as many people an answer as wanted, and everybody their part."""

from hypothesis import given
from hypothesis import strategies as st

from backend.domain import shares

weights = st.dictionaries(st.integers(1, 50), st.integers(1, 1000), min_size=1, max_size=12)


def takers(found: dict[int, list[shares.Stretch]], point: int) -> list[int]:
    return [person for person, own in found.items() if any(begin <= point < end for begin, end in own)]


@given(weights, st.integers(1, 8), st.integers(1, 2**40))
def test_every_answer_falls_to_as_many_different_people_as_it_wants(
    by_person: dict[int, int], places: int, number: int
) -> None:
    found = shares.stretches(by_person, places)
    assert len(takers(found, shares.point(number))) == min(places, len(by_person))


@given(weights, st.integers(1, 8))
def test_turns_add_up_and_nobody_has_more_than_one(by_person: dict[int, int], places: int) -> None:
    turns = shares.turns(by_person, places)
    assert abs(sum(turns.values()) - min(places, len(by_person))) < 1e-9
    assert all(0 < turn <= 1 for turn in turns.values())


def test_a_thousand_answers_are_split_as_the_shares_say() -> None:
    found = shares.stretches({1: 50, 2: 30, 3: 20}, 1)
    counts = [sum(takers(found, shares.point(number)) == [person] for number in range(1, 1001)) for person in (1, 2, 3)]
    assert all(abs(count - wanted) <= 3 for count, wanted in zip(counts, (500, 300, 200), strict=True))


def test_somebody_without_a_share_gets_nothing() -> None:
    assert set(shares.stretches({1: 1, 2: 0}, 1)) == {1}
    assert shares.stretches({}, 2) == {}


def test_who_would_get_more_than_every_answer_once_gets_every_answer_once() -> None:
    assert shares.turns({1: 98, 2: 1, 3: 1}, 2) == {1: 1.0, 2: 0.5, 3: 0.5}
