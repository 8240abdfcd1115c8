"""Every number that a run records has a name that is known, and says what it should."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import get_args

import pytest
import torch

from backend.recipes import Correction, Divergence, Feedback, Grpo, MethodPart, Optimiser, Recipe, Sampling, Sdpo
from backend.recipes.methods import Method
from tests.tiny_model import make_tiny_model
from tests.worker.test_training_loop import LENIENT
from tests.worker.training_fakes import KeepingRecorder, LengthScorer, data, item
from worker.objective.fused import RowLosses
from worker.objective.types import Batch, Example, Objective, Rows, Term
from worker.training.loop import Training
from worker.training.metrics import loss_metrics
from worker.training.policy import Policy

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "metrics.json"
(union, _) = get_args(Method)
RECIPES = [
    *(Recipe(method=method(drift_coefficient=0.1)) for method in get_args(union)),
    Recipe(method=Sdpo(divergence=Divergence(token_limit=1.0))),
    Recipe(
        method=Grpo(), feedback=Feedback(attempts="live"), sampling=Sampling(attempts_per_prompt=2)
    ),
]  # fmt: skip


@dataclass
class Names(KeepingRecorder):
    seen: set[str] = field(default_factory=set)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        super().metrics(step, values)
        self.seen |= set(values)


def recorded(base: Path, folder: Path) -> set[str]:
    found: set[str] = set()
    for number, recipe in enumerate(RECIPES):
        policy, recorder = Policy.load(base, dtype=torch.float32), Names()
        short = recipe.model_copy(
            update={
                "optimiser": Optimiser(steps=1, pairs_per_step=4),
                "sampling": recipe.sampling.model_copy(update={"max_tokens": 6}),
                "guards": LENIENT,
            }
        )
        items = [
            replace(one, prompt=replace(one.prompt, reference="An organ."))
            for one in (
                item(policy, place, rating=rating, edit="A lung.")
                for place, rating in enumerate((0.0, 1.0, None, 0.5, 1.0, 0.0))
            )
        ]
        feedback = replace(data(policy, items), rules=("Be brief.",))
        Training(policy, short, feedback, LengthScorer(), recorder, folder / str(number)).run()
        found |= recorder.seen
    return found


def test_what_is_recorded_is_known_and_explained(tmp_path: Path) -> None:
    found = sorted(recorded(make_tiny_model(tmp_path / "base"), tmp_path))
    if os.environ.get("REDRAFT_RECORD_GOLDEN") == "1":
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(GOLDEN.read_text())
    _, _, after = (ROOT / "docs" / "design.md").read_text().partition("## What a run records")
    explained = re.findall(r"^\| `(\w+/[\w*]+)` \|", after.partition("\n## ")[0], flags=re.MULTILINE)
    assert [name for name in found if not any(fnmatch(name, pattern) for pattern in explained)] == []
    assert [pattern for pattern in explained if not any(fnmatch(name, pattern) for name in found)] == []


def one_update(term: Term, *, ratio: list[float], value: list[float]) -> dict[str, float]:
    """The metrics of an update in which the last of the tokens has no weight."""
    count = len(ratio)
    zero_R = torch.zeros(count)
    weight_R1 = torch.tensor([[1.0]] * (count - 1) + [[0.0]])
    rows = Rows(zero_R.long(), zero_R.long(), weight_R1, zero_R.long(), zero_R, zero_R)
    losses = RowLosses(
        torch.zeros(()), zero_R[:, None], torch.tensor(value)[:, None], torch.ones(count, 1), zero_R, zero_R,
        torch.tensor(ratio), zero_R,
    )  # fmt: skip
    objective = Objective({"part": term}, (Example((), (1,), {"part": (1.0,)}),))
    return loss_metrics(objective, [(Batch(torch.zeros(1, count, dtype=torch.long), rows), losses)])


@pytest.mark.parametrize(
    ("correction", "outside"),
    [
        (Correction(kind="clipped", low=0.8, high=1.2), 0.5),
        (Correction(kind="capped", high=1.2), 0.25),
        (Correction(), None),
    ],
)
def test_the_share_of_clipped_tokens_is_of_those_that_are_learned(
    correction: Correction, outside: float | None
) -> None:
    term = Term("policy_gradient", correction=correction)
    found = one_update(term, ratio=[0.5, 1.0, 1.1, 1.3, 9.0], value=[0.0] * 5)
    assert found.get("ratio/clipped_frac") == outside


@pytest.mark.parametrize(("limit", "far"), [(1.0, 0.5), (None, None)])
def test_tokens_too_far_from_the_teacher_are_counted(limit: float | None, far: float | None) -> None:
    term = Term("divergence", divergence=Divergence(token_limit=limit))
    found = one_update(term, ratio=[1.0] * 5, value=[0.1, 1.0, 0.2, 1.0, 1.0])
    assert found.get("mask/far_frac") == far


def test_methods_are_all_looked_at() -> None:
    assert {type(recipe.method) for recipe in RECIPES} == set(get_args(union))
    assert all(issubclass(method, MethodPart) for method in get_args(union))
