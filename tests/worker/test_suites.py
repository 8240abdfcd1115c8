"""Eval suites: what is refused and what their hash sees."""

from dataclasses import replace

import pytest

from worker.evaluation.suites import Sampling, Suite, content_hash, scorers_of

RAIN = ({"role": "user", "content": "What causes rain?"},)
WIND = ({"role": "user", "content": "What causes wind?"},)
SUITE = Suite(name="held-out", version=1, prompts=(RAIN, WIND))


def test_the_hash_ignores_name_and_version() -> None:
    assert content_hash(replace(SUITE, name="other", version=2)) == content_hash(SUITE)


@pytest.mark.parametrize(
    "changed",
    [
        replace(SUITE, prompts=(WIND, RAIN)),
        replace(SUITE, prompts=(RAIN,)),
        replace(SUITE, scorers=("concise",)),
        replace(SUITE, sampling=Sampling(temperature=1.0)),
    ],
)
def test_the_hash_changes_with_prompts_their_order_scorers_and_sampling(changed: Suite) -> None:
    assert content_hash(changed) != content_hash(SUITE)


def test_a_suite_names_scorers_that_exist() -> None:
    with pytest.raises(ValueError, match="no scorer is called truthful"):
        replace(SUITE, scorers=("truthful",))


def test_a_suite_without_prompts_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one prompt"):
        replace(SUITE, prompts=())


def test_scorers_come_in_the_order_of_the_suite() -> None:
    assert [scorer.name for scorer in scorers_of(replace(SUITE, scorers=("on_topic", "concise")))] == [
        "on_topic",
        "concise",
    ]
