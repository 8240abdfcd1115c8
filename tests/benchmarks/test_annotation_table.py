"""The table of the annotation benchmark."""

import pytest

from benchmarks.annotation import table
from benchmarks.annotation.table import Crowd, Painted

OURS = Crowd("redraft", 20, 1.0, 10.0, 1000, {"next": [0.01] * 19 + [0.2], "submit": [0.06] * 20})
THEIRS = Crowd("label-studio", 20, 0.0, 10.0, 100, {"next": [0.5], "submit": [0.5]})


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert table.percentile([4, 1, 3, 2], 0.5) == 2
    assert table.percentile([1.0], 0.95) == 1.0
    assert table.percentile(list(range(1, 101)), 0.95) == 95
    with pytest.raises(ValueError, match="nothing"):
        table.percentile([], 0.5)


def test_each_goal_says_whether_it_is_met() -> None:
    assert [line.endswith(" met)") and "NOT" not in line for line in table.latency_verdict(OURS)] == [True, False]
    assert table.ratio_verdict(OURS, THEIRS) == "cycles/s against label-studio: 10.0 times (goal at least 10: met)"


def test_a_page_that_is_there_within_a_second_meets_the_goal() -> None:
    verdict = table.paint_verdict(Painted(first=120.4, largest=300.0, usable=1000.1))
    assert verdict[0] == "annotate page, first paint: 120.4 ms (goal at most 1000: met)"
    assert verdict[2].endswith("NOT met)")


def test_what_a_side_does_not_do_is_left_open() -> None:
    rows = table.crowds_table([OURS, THEIRS]).splitlines()
    assert rows[2].split() == ["label-studio", "20", "0", "500.0", "500.0", "-", "-", "500.0", "500.0", "10.0"]
