"""The parts of the training benchmark: what children are asked, what becomes of one that dies, and equal losses."""

import subprocess
import sys

import pytest
import torch

from benchmarks.training import children, loss_stage
from benchmarks.training.children import Measured
from benchmarks.training.cost_curve import curve

SHAPE = {"vocabulary": 300, "hidden": 16, "dtype": "float32", "tokens": 40}


@pytest.mark.parametrize("loss", loss_stage.LOSSES)
def test_both_formulations_of_a_loss_have_one_value_and_one_gradient(loss: str) -> None:
    ours, theirs = (loss_stage.Inputs(SHAPE, 40) for _ in range(2))
    one, other = loss_stage.fused(ours, loss), loss_stage.plain(theirs, loss)
    torch.autograd.backward([one, other])
    assert one.item() == pytest.approx(other.item(), rel=1e-4)
    torch.testing.assert_close(ours.student_RD.grad, theirs.student_RD.grad, rtol=1e-4, atol=1e-7)


def test_a_part_is_measured_in_a_process_of_its_own_and_one_that_dies_is_said_to() -> None:
    case = {**SHAPE, "loss": "policy gradient", "side": "plain"}
    wrong = {**case, "side": "nobody"}
    found, none = children.in_turn("benchmarks.training.loss_stage", [case, wrong], rounds=1, threads=1)
    assert found is not None
    assert found.seconds > 0
    assert none is None


def test_the_peak_is_what_was_added_while_working() -> None:
    code = (
        "import torch\nfrom benchmarks.training import children\nheld = []\n"
        "print(children.peak_above(lambda: held.append(torch.ones(50, 2**18))))"
    )
    # A process of its own: one that has freed memory before would take that and grow by nothing.
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert 45 * 2**20 < int(done.stdout) < 80 * 2**20


def test_medians_leave_out_children_that_died() -> None:
    runs = [Measured(3.0, 10, (1.0,)), None, Measured(1.0, 30, (1.0,)), Measured(2.0, 20, (1.0,))]
    assert children.medians(runs) == Measured(2.0, 20, (1.0,))
    assert children.medians([None]) is None


def test_a_ratio_says_whether_the_goal_is_met_and_that_the_work_is_the_same() -> None:
    ours, theirs = Measured(1.0, 100, (0.5, 2.0)), Measured(2.0, 1000, (0.5, 2.0))
    assert loss_stage.rows("l", ours, theirs)[-1] == ("l", "ratio", "0.100", "0.50", "goal met")
    assert loss_stage.rows("l", theirs, ours)[-1][-1] == "goal NOT met"
    assert loss_stage.rows("l", Measured(1.0, 100, (0.6, 2.0)), theirs)[-1][-1] == "NOT the same result"
    assert loss_stage.rows("l", ours, None)[-1][:3] == ("l", "plain", "did not end")


def test_the_curve_compares_seconds_with_what_they_would_be_in_proportion() -> None:
    steps = [Measured(2.0, 10**7), Measured(5.0, 10**7)]
    last = curve([100, 200], steps, [steps[0], None]).splitlines()[-1].split()
    assert last == ["200", "5.00", "1.25", "10", "did", "not", "end"]
