"""When a run stops by itself, and which checkpoint it keeps."""

from dataclasses import replace

import pytest

from backend.recipes import Guards
from worker.training.guards import Look, best, stop_reason, violations

FIRST = Look(step=0, scores={"concise": 0.0, "on_topic": 1.0}, drift=0.0, entropy=2.0, length=90.0, repetition=0.02)
GOOD = Look(step=2, scores={"concise": 0.8, "on_topic": 1.0}, drift=0.2, entropy=1.8, length=20.0, repetition=0.01)
GUARDS = Guards(
    max_drift=0.3, min_length_ratio=0.1, max_length_ratio=2.0, max_repetition=0.25, max_entropy_change=0.5,
    max_on_topic_drop=0.15, patience=2,
)  # fmt: skip


def at(step: int, *, concise: float, on_topic: float = 1.0, drift: float = 0.2) -> Look:
    return replace(GOOD, step=step, scores={"concise": concise, "on_topic": on_topic}, drift=drift)


def test_a_good_look_violates_nothing() -> None:
    assert violations(GOOD, FIRST, GUARDS) == []


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        ({"drift": 0.41}, "drift 0.41 > 0.3"),
        ({"length": 4.5}, "answers shrank to 0.05 < 0.1"),
        ({"length": 270.0}, "answers grew to 3.00 > 2"),
        ({"repetition": 0.5}, "repetition 0.50 > 0.25"),
        ({"entropy": 0.5}, "entropy changed by 0.75 > 0.5"),
        ({"entropy": 4.0}, "entropy changed by 1.00 > 0.5"),
        ({"scores": {"concise": 0.9, "on_topic": 0.7}}, "on_topic fell by 0.30 > 0.15"),
    ],
)
def test_each_guard_says_its_numbers(change: dict[str, object], phrase: str) -> None:
    (found,) = violations(replace(GOOD, **change), FIRST, GUARDS)  # type: ignore[arg-type]
    assert phrase in found


def test_the_best_is_healthy_and_scores_highest_on_both_scores() -> None:
    looks = [FIRST, at(2, concise=0.5), at(4, concise=0.8), at(6, concise=1.0, on_topic=0.7), at(8, concise=0.7)]
    chosen = best(looks, GUARDS)
    assert chosen is not None
    assert chosen.step == 4


def test_a_little_more_of_the_trained_score_does_not_pay_for_losing_the_topic() -> None:
    chosen = best([FIRST, at(2, concise=0.8), at(4, concise=0.85, on_topic=0.9)], GUARDS)
    assert chosen is not None
    assert chosen.step == 2


def test_without_a_healthy_look_there_is_no_best() -> None:
    assert best([FIRST, at(2, concise=1.0, on_topic=0.1)], GUARDS) is None
    assert best([FIRST], GUARDS) is None
    assert best([], GUARDS) is None


def test_a_violation_stops_the_run_and_names_the_best_step() -> None:
    reason = stop_reason([FIRST, at(8, concise=0.8), at(14, concise=0.9, drift=0.41)], GUARDS)
    assert reason == "Stopped at step 14: drift 0.41 > 0.3 nats a token; best is step 8."


def test_a_run_that_gets_no_better_is_stopped_after_its_patience() -> None:
    looks = [FIRST, at(2, concise=0.8), at(4, concise=0.7)]
    assert stop_reason(looks, GUARDS) is None
    assert stop_reason([*looks, at(6, concise=0.7)], GUARDS) == "Stopped at step 6: no better probe score since step 2."


def test_an_equal_score_later_is_no_reason_to_stop() -> None:
    assert stop_reason([FIRST, *(at(step, concise=0.8) for step in (2, 4, 6, 8))], GUARDS) is None


def test_the_look_before_training_stops_nothing() -> None:
    assert stop_reason([FIRST], GUARDS) is None
    assert stop_reason([], GUARDS) is None


def test_a_base_that_repeats_itself_may_go_on_doing_so() -> None:
    first = replace(FIRST, repetition=0.6)
    assert violations(replace(GOOD, repetition=0.6), first, GUARDS) == []
