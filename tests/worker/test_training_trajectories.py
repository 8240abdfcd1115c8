"""Loss and gradient length of twenty steps on a tiny model, as they were when last recorded and looked at."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
import torch

from backend.recipes import Guards, Optimiser, Recipe, RltfSd, Sampling
from backend.recipes.methods import Method
from tests.tiny_model import make_tiny_model
from tests.worker.training_fakes import KeepingRecorder, LengthScorer, data, item
from worker.training.loop import Training
from worker.training.policy import Policy

GOLDEN = Path(__file__).parent.parent / "golden" / "trajectories"
COMMON = {
    "optimiser": Optimiser(steps=20, pairs_per_step=4, learning_rate=2e-3, warmup_steps=2, schedule="linear"),
    "sampling": Sampling(max_tokens=12),
    "guards": Guards(enabled=False),
}
(union, _) = get_args(Method)
METHODS = get_args(union)
RECIPES = {
    "rltf_sd": Recipe.model_validate(COMMON | {"method": RltfSd(drift_coefficient=0.1)}),
    "rltf_sd_plain": Recipe.model_validate(
        COMMON | {"method": RltfSd(baseline="none", log_prob_floor=None, normaliser="sequences")}
    ),
    **{
        method().name.replace("-", "_"): Recipe.model_validate(COMMON | {"method": method()})
        for method in METHODS
        if method is not RltfSd
    },
}


def trajectory(recipe: Recipe, folder: Path) -> dict[str, list[float]]:
    policy = Policy.load(make_tiny_model(folder / "base"), dtype=torch.float32)
    ratings = (0.0, 0.5, 1.0)
    items = [
        item(policy, number, rating=ratings[number // 2], reward=ratings[(number + 1) % 3], edit="A lung is an organ.")
        for number in range(6)
    ]
    referenced = [
        replace(one, prompt=replace(one.prompt, id=one.prompt.id % 3, reference="An organ of breath.")) for one in items
    ]
    recorder = KeepingRecorder()
    Training(
        policy,
        recipe,
        replace(data(policy, referenced), rules=("Be brief.",)),
        LengthScorer(),
        recorder,
        folder / "run",
    ).run()
    names = ("loss/total", "optim/grad_norm", "mask/kept_frac", "ratio/effective_sample_frac")
    return {name: series for name in names if (series := recorder.series(name))}


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_trains_as_recorded(name: str, tmp_path: Path) -> None:
    recipe = RECIPES[name]
    found = recipe.model_dump(mode="json", include={"method", "optimiser"})
    curves = trajectory(recipe, tmp_path)
    golden = GOLDEN / f"{name}.json"
    if os.environ.get("REDRAFT_RECORD_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(json.dumps({"torch": torch.__version__, "recipe": found, "curves": curves}, indent=1) + "\n")
    recorded = json.loads(golden.read_text())
    assert recorded["recipe"] == found, "record anew and say why: the recipe changed"
    for curve, values in curves.items():
        assert values == pytest.approx(recorded["curves"][curve], rel=0.01, abs=1e-4)
