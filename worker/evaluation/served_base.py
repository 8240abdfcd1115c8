"""The frozen base model as the engine serves it: how likely it finds an answer under a prompt."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from backend import contexts
from backend.engine import EngineClient
from worker.evaluation.scorers import Pair
from worker.parallel import IN_FLIGHT


class ServedBase:
    """Log-probs of answers under the base model ``name``, several requests at a time."""

    def __init__(self, engine: EngineClient, name: str) -> None:
        self._engine = engine
        self._name = name
        self._prefix = lru_cache(maxsize=4096)(self._tokenize)

    def _tokenize(self, messages: str) -> list[int]:
        return self._engine.tokenize_chat(self._name, contexts.student(json.loads(messages)))

    def _score_one(self, pair: Pair) -> list[float]:
        if not pair.answer_token_ids:
            return []
        prefix = self._prefix(json.dumps(pair.messages))
        return self._engine.score(self._name, prefix, list(pair.answer_token_ids))

    def score(self, pairs: Sequence[Pair]) -> list[list[float]]:
        """The log-prob of each token of each pair's answer."""
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            return list(pool.map(self._score_one, pairs))
