"""What the engine's tests share: rows that are run to their end, and the reference they are held against."""

import queue
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from worker.engine.rows import Progress, RowRequest
from worker.engine.sampling import ScoredToken
from worker.engine.scheduler import Scheduler

PATIENCE = 30.0


@dataclass
class Answer:
    """What a row reported."""

    tokens: list[ScoredToken] = field(default_factory=list)
    prompt: tuple[ScoredToken | None, ...] | None = None
    finish_reason: str | None = None

    @property
    def ids(self) -> list[int]:
        """The written token ids."""
        return [token.token_id for token in self.tokens]


class Waiting:
    """A submitted row."""

    def __init__(self, scheduler: Scheduler, request: RowRequest) -> None:
        self._reports: queue.Queue[Progress] = queue.Queue()
        self.answer = Answer()
        self.row = scheduler.submit(request, self._reports.put)

    def take(self) -> Progress:
        """The next report."""
        progress = self._reports.get(timeout=PATIENCE)
        if progress.token:
            self.answer.tokens.append(progress.token)
        self.answer.prompt = progress.prompt or self.answer.prompt
        self.answer.finish_reason = progress.finish_reason
        return progress

    def end(self) -> Answer:
        """The whole answer."""
        while self.answer.finish_reason is None:
            self.take()
        return self.answer


def run(scheduler: Scheduler, requests: Sequence[RowRequest]) -> list[Answer]:
    """All answers of requests that are submitted at once."""
    waiting = [Waiting(scheduler, request) for request in requests]
    return [one.end() for one in waiting]


def reference_model(model: Path, adapter: Path | None) -> torch.nn.Module:
    """The model as transformers and PEFT compute it."""
    loaded: torch.nn.Module = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    tuned: torch.nn.Module = PeftModel.from_pretrained(loaded, adapter) if adapter else loaded
    return tuned


@torch.no_grad()
def greedy_reference(model: torch.nn.Module, prompt: Sequence[int], count: int, end_ids: frozenset[int]) -> list[int]:
    """Greedy decoding in a naive loop, without a cache."""
    tokens = list(prompt)
    for _ in range(count):
        tokens.append(int(model(input_ids=torch.tensor([tokens])).logits[0, -1].argmax()))
        if tokens[-1] in end_ids:
            break
    return tokens[len(prompt) :]


@torch.no_grad()
def logprob_reference(model: torch.nn.Module, tokens: Sequence[int]) -> list[float]:
    """The log-prob of each token after the first, from one pass over all."""
    logits = model(input_ids=torch.tensor([list(tokens)])).logits[0].double()
    rows = logits.log_softmax(-1)
    return [float(rows[position, token]) for position, token in enumerate(tokens[1:])]
