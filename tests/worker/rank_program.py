"""A process of a training run on a tiny model: ``python -m tests.worker.rank_program BASE FOLDER RECIPE [RANK]``.

The first process leaves what was reported in ``FOLDER/reported.json``. The process of ``RANK`` kills itself in step 3.
"""

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import torch

from backend.recipes import Recipe
from tests.worker.training_fakes import KeepingRecorder, LengthScorer, data, item
from worker.training import ranks
from worker.training.loop import Training
from worker.training.policy import Policy
from worker.training.recording import OneVoice


class DyingVoice(OneVoice):
    """Ends its process by a real SIGKILL, after step 3 was computed and before its state is saved."""

    def step_done(self, step: int) -> None:
        super().step_done(step)
        if step == 3:
            os.kill(os.getpid(), signal.SIGKILL)


def train(base: Path, folder: Path, recipe: Recipe, *, dies: bool = False) -> KeepingRecorder:
    """Train on feedback of different lengths and ratings; what this process reported."""
    recorder, device = KeepingRecorder(), ranks.join()
    policy = Policy.load(base, device=device, dtype=torch.float32, sharded=recipe.sharding == "fsdp2")
    ratings = (0.0, 0.5, 1.0, 0.0, 0.0, 0.5)
    items = [
        replace(item(policy, place, rating=rating), edit="A lung. " * place) for place, rating in enumerate(ratings)
    ]
    voice = (DyingVoice if dies else OneVoice)(recorder)
    Training(policy, recipe, data(policy, items), LengthScorer(), voice, folder).run()
    return recorder


def what_was_sampled(recorder: KeepingRecorder) -> list[list[object]]:
    """Step and token ids of every attempt, redraft and probe answer, in the order they were reported."""
    pairs = [
        [step, list(answer.token_ids)]
        for step, pairs in recorder.sampled.items()
        for pair in pairs
        for answer in (pair.attempt, pair.redraft)
        if answer is not None
    ]
    return [*pairs, *([step, list(one.answer.token_ids)] for step, seen in recorder.probes.items() for one in seen)]


def main() -> None:
    torch.set_num_threads(1)
    base, folder, recipe = Path(sys.argv[1]), Path(sys.argv[2]), Recipe.model_validate_json(sys.argv[3])
    recorder = train(base, folder, recipe, dies=sys.argv[4:] == [os.environ.get("RANK")])
    if ranks.is_first():
        numbers = [[step, name, value] for (step, name), value in recorder.numbers.items()]
        found = {"numbers": numbers, "events": recorder.events, "sampled": what_was_sampled(recorder)}
        (folder / "reported.json").write_text(json.dumps(found))
    ranks.leave()


if __name__ == "__main__":
    main()
