"""The training benchmark's shared work and the table made of what both sides report."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.training import table
from benchmarks.training.work import Frozen, Rollout, Scored, Timed, Work, as_json, example_prompts, from_json, watched

WORK = Work(model="models/tiny", prompts=example_prompts(4))
TRL = Timed(
    side="trl", mode="full_logits", seconds=[90.0, 10.0, 10.0], cpu_seconds=[180.0, 20.0, 20.0],
    generation_seconds=[40.0, 4.0, 4.0], tokens=[1500, 1000, 1000], loaded_bytes=10**9, peak_bytes=4 * 10**9,
)  # fmt: skip
OURS = replace(TRL, side="redraft", seconds=[90.0, 5.0, 5.0], peak_bytes=10**9)
SCORED = Scored(
    side="redraft", mode="full_logits", losses=[0.5, 0.25], gradient_norms=[2.0, 1.0], trained_tokens=7, gradients="a"
)


def row(text: str, *starts: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.split()[: len(starts)] == list(starts))


def test_the_first_step_of_a_process_counts_for_nothing() -> None:
    assert table.tokens_per_second(TRL) == 100.0
    assert row(table.speed_table([OURS, TRL]), "full_logits", "trl")[2:] == [
        "1", "10.00", "20.00", "4.00", "100.0", "4.00", "1.00",
    ]  # fmt: skip


def test_a_process_that_only_warmed_up_is_refused() -> None:
    short = replace(TRL, seconds=[90.0], tokens=[1500])
    with pytest.raises(ValueError, match="after the one that warms it up"):
        table.speed_table([OURS, short])


def test_ratios_are_of_medians_with_the_range_over_rounds() -> None:
    slow = replace(OURS, seconds=[90.0, 10.0, 10.0])
    runs = [OURS, TRL, OURS, TRL, slow, TRL]
    found = row(table.speed_table(runs), "full_logits", "ratio", "to", "trl")
    assert found[4:] == ["3", "2.00", "(1.00-2.00)", "0.25", "(0.25-0.25)"]


def test_modes_are_not_mixed() -> None:
    other = replace(TRL, mode="topk_logits", peak_bytes=3 * 10**9)
    text = table.speed_table([OURS, TRL, other])
    assert row(text, "topk_logits", "trl")[-2] == "3.00"
    assert [line for line in text.splitlines() if "ratio" in line and "topk_logits" in line] == []


def test_each_baseline_has_a_ratio_and_a_verdict_of_its_own() -> None:
    large = replace(TRL, side="trl-at-once", peak_bytes=8 * 10**9)
    assert row(table.speed_table([OURS, TRL, large]), "full_logits", "ratio", "to", "trl-at-once")[7] == "0.12"
    assert [line.split(":")[0] for line in table.verdicts([OURS, TRL, large])] == [
        "full_logits against trl", "full_logits against trl-at-once",
    ]  # fmt: skip


def test_the_baseline_alone_makes_a_table_without_ratios() -> None:
    assert "ratio" not in table.speed_table([TRL])
    assert table.verdicts([TRL]) == []


@pytest.mark.parametrize(
    ("seconds", "peak", "said"),
    [(5.0, 1.8, "goal met"), (6.3, 1.0, "goal NOT met"), (5.0, 1.9, "goal NOT met")],
)
def test_both_goals_must_be_met(seconds: float, peak: float, said: str) -> None:
    ours = replace(OURS, seconds=[90.0, seconds, seconds], peak_bytes=int(peak * 1e9))
    assert table.verdicts([ours, TRL])[0].endswith(said)


def test_columns_are_aligned() -> None:
    lines = table.speed_table([OURS, TRL]).splitlines()
    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1


def test_agreement_is_the_worst_step() -> None:
    theirs = replace(SCORED, side="trl", losses=[0.5, 0.2501], gradient_norms=[2.0, 0.5])
    found = table.agreement(SCORED, theirs, 1e-5)
    assert found.loss_error == pytest.approx(0.0001 / 0.2501)
    assert found.norm_error == 0.5
    assert not found.same_work


def test_work_is_the_same_within_the_tolerance_and_token_by_token() -> None:
    theirs = replace(SCORED, side="trl", losses=[0.5, 0.2502])
    assert table.agreement(SCORED, theirs, 9e-4).same_work
    assert not table.agreement(SCORED, theirs, 2e-3).same_work
    assert not table.agreement(SCORED, replace(theirs, trained_tokens=8), 9e-4).same_work
    text = table.agreement_table([table.agreement(SCORED, theirs, 9e-4)])
    assert row(text, "full_logits") == ["full_logits", "2", "8.0e-04", "0.0e+00", "9.0e-04", "7", "/", "7", "yes"]


def test_sides_that_took_other_steps_are_not_compared() -> None:
    with pytest.raises(ValueError, match="did not take the same steps"):
        table.agreement(SCORED, replace(SCORED, side="trl", losses=[0.5]), 0.0)


def test_a_zero_gradient_agrees_with_a_zero_gradient_and_with_nothing_else() -> None:
    assert table.relative_error(0.0, 0.0) == 0.0
    assert table.relative_error(0.0, -1e-9) == 1.0


@pytest.mark.parametrize("result", [TRL, SCORED], ids=["timed", "scored"])
def test_a_result_survives_its_line_of_json(result: Timed | Scored) -> None:
    assert from_json(as_json(result)) == result


def test_work_and_frozen_rollouts_survive_their_files(tmp_path: Path) -> None:
    WORK.write(tmp_path / "work.json")
    assert Work.read(tmp_path / "work.json") == WORK
    frozen = Frozen(WORK, [Rollout([1, 2], [1, 2, 3], [4, 5]), Rollout([1], [1, 3], [6])])
    frozen.write(tmp_path / "frozen")
    assert Frozen.read(tmp_path / "frozen") == frozen
    assert frozen.trained_tokens == 3


def test_work_that_cannot_be_divided_among_prompts_is_refused() -> None:
    with pytest.raises(ValueError, match="whole groups of 8"):
        replace(WORK, rollouts=12)
    with pytest.raises(ValueError, match="a prompt for each"):
        replace(WORK, prompts=("one",))


def test_the_teacher_reads_the_critique_word_for_word() -> None:
    assert replace(WORK, critique="Use {braces}.").teacher_text("Why {x}?") == "Why {x}?\n\nUse {braces}."


def test_the_watched_matrices_are_the_first_and_the_last() -> None:
    assert watched(30) == ("layers.0.self_attn.q_proj.lora_B", "layers.29.mlp.down_proj.lora_A")
