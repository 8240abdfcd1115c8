"""The standard suite of a project: which scorers, how answers are sampled, and the hash that versions it."""

import hashlib
import json
from collections.abc import Mapping, Sequence

SUITE_NAME = "held-out"
# Scorers with the version of their numbers: answers scored under different ones are never compared.
SUITE_SCORERS: Mapping[str, int] = {"concise": 1, "on_topic": 2}
# Greedy: the same checkpoint always gives the same answers, and a comparison is of checkpoints, not of draws.
SUITE_SAMPLING: Mapping[str, float | int] = {"temperature": 0.0, "top_p": 1.0, "max_tokens": 96, "seed": 20260101}


def suite_hash(*, prompt_ids: Sequence[int], scorers: Mapping[str, int], sampling: Mapping[str, float | int]) -> str:
    """SHA-256 over everything that makes two evaluations comparable."""
    content = json.dumps([list(prompt_ids), dict(scorers), dict(sampling)], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
