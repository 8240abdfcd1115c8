"""Publishing an adapter: loaded into the engine under its immutable name, and probed against the trainer.

The trainer leaves ``probe.json`` beside the adapter: a few answers with the log-probs that the trained adapter and
its parent gave them. The engine must agree with the trainer, and be closer to the adapter than to the parent.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from backend.database import Sessions, transaction
from backend.engine import EngineClient
from backend.models import Checkpoint, CheckpointState

PROBE_FILE = "probe.json"
MAX_DIFFERENCE = 0.05


class ProbeAnswer(BaseModel):
    """One answer as the trainer scored it; log-probs are natural logarithms at temperature 1, one per answer token."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt_token_ids: list[int]
    answer_token_ids: list[int]
    trained: list[float]
    parent: list[float]


def write_probe(folder: Path, answers: Sequence[ProbeAnswer]) -> None:
    """Leave the probe beside an adapter."""
    (folder / PROBE_FILE).write_text(json.dumps([answer.model_dump() for answer in answers]))


def read_probe(folder: Path) -> list[ProbeAnswer]:
    """The probe that the trainer left."""
    return [ProbeAnswer.model_validate(answer) for answer in json.loads((folder / PROBE_FILE).read_text())]


def publish(sessions: Sessions, engine: EngineClient, checkpoint_id: int) -> None:
    """Load and probe a written checkpoint; it ends ``published``, or ``failed`` when the engine disagrees.

    Raises:
        EngineUnavailableError: the engine is away; the sweep tries again.
    """
    with transaction(sessions) as session:
        checkpoint = session.get_one(Checkpoint, checkpoint_id)
    if checkpoint.state != CheckpointState.written:
        return
    engine.ensure_adapter(checkpoint.name, checkpoint.path)
    answers = read_probe(Path(checkpoint.path))
    served = [engine.score(checkpoint.name, a.prompt_token_ids, a.answer_token_ids) for a in answers]
    trained = mean_difference(served, [answer.trained for answer in answers])
    parent = mean_difference(served, [answer.parent for answer in answers])
    agrees = trained <= MAX_DIFFERENCE and trained < parent
    with transaction(sessions) as session:
        row = session.get_one(Checkpoint, checkpoint_id, with_for_update=True)
        row.probe_difference = trained
        row.probe_parent_difference = parent
        row.state = CheckpointState.published if agrees else CheckpointState.failed


def mean_difference(one: list[list[float]], other: list[list[float]]) -> float:
    """The mean absolute difference over all tokens.

    >>> mean_difference([[-1.0, -2.0], [-3.0]], [[-1.0, -2.5], [-3.25]])
    0.25
    """
    pairs = [(a, b) for xs, ys in zip(one, other, strict=True) for a, b in zip(xs, ys, strict=True)]
    return sum(abs(a - b) for a, b in pairs) / len(pairs)
