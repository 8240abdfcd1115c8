"""Continuous batching: one thread that computes step after step for whichever rows are there.

A step holds the next token of every row that is writing, and as many tokens of new prompts as the budget leaves, so
that a long prompt never stops the others for long. Rows join and leave between steps. Where somebody watches an answer
come (it is streamed), it has places of its own in the batch, and all other rows go on in every fourth step only.
"""

import logging
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

import torch
from torch import Tensor

from worker.engine.generation import Model, Segment
from worker.engine.prefixes import Prefixes
from worker.engine.rows import Listener, Progress, Row, RowRequest
from worker.engine.sampling import ScoredToken, draw_tokens, score_tokens

log = logging.getLogger(__name__)

AWAITED_SHARE = 0.25
UNWATCHED_EVERY = 4


def ignore(_reading: bool) -> None:
    """Nobody wants to know."""


class Scheduler:
    """Owns the model and the generation thread. ``submit`` and ``cancel`` may be called from any thread.

    ``on_reading`` is told whether an awaited row still waits for its first token, each time that may have changed.
    """

    def __init__(
        self, model: Model, *, max_batch: int = 64, chunk_tokens: int = 256, store_tokens: int = 32768,
        on_death: Callable[[], None] = lambda: None, on_reading: Callable[[bool], None] = ignore,
    ) -> None:  # fmt: skip
        self._model = model
        self._max_batch = max_batch
        self._max_unwatched = max_batch - int(max_batch * AWAITED_SHARE)
        self._chunk_tokens = chunk_tokens
        self._store_tokens = store_tokens
        self._on_death = on_death
        self._on_reading = on_reading
        self._prefixes = Prefixes(model.store)
        self._rows: list[Row] = []  # the row at index i has slot i
        self._waiting: deque[Row] = deque()
        self._changed = Condition()
        self._stopping = False
        self._steps = 0
        self._thread = Thread(target=self._run, name="generation", daemon=True)

    def start(self) -> None:
        """Begin to compute."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present step; rows under way are aborted."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether the generation thread runs."""
        return self._thread.is_alive()

    @property
    def busy(self) -> int:
        """Rows under way and waiting."""
        with self._changed:
            return len(self._rows) + len(self._waiting)

    def submit(self, request: RowRequest, listener: Listener) -> Row:
        """Queue a request. ``listener`` is called in the generation thread and must return at once."""
        row = Row(request, listener)
        with self._changed:
            if self._stopping:
                listener(Progress(finish_reason="abort"))
            else:
                self._waiting.append(row)
                self._tell_whether_reading()
                self._changed.notify()
        return row

    def cancel(self, row: Row) -> None:
        """Free what the row holds before the next step; a row that has ended is left alone."""
        with self._changed:
            row.cancelled = True
            self._changed.notify()

    def _run(self) -> None:
        try:
            with torch.inference_mode():
                while self._prepare():
                    self._step()
        finally:
            with self._changed:
                died = not self._stopping
                self._stopping = True
                for row in (*self._rows, *self._waiting):
                    row.listener(Progress(finish_reason="abort"))
                self._rows.clear()
                self._waiting.clear()
                self._tell_whether_reading()
            if died:
                self._on_death()

    def _prepare(self) -> bool:
        """Wait until there is something to compute, with rows joined and left. False: stop."""
        with self._changed:
            while True:
                for row in [row for row in self._rows if row.cancelled]:
                    self._leave(row)
                self._admit()
                self._tell_whether_reading()
                if self._stopping or self._rows:
                    return not self._stopping
                self._model.store.reset()
                self._changed.wait()

    def _tell_whether_reading(self) -> None:
        rows = (*self._rows, *self._waiting)
        self._on_reading(any(row.request.awaited and not row.written and not row.cancelled for row in rows))

    def _admit(self) -> None:
        """Let rows in while they fit: awaited ones first, each kind in the order of coming.

        Behind an awaited row that does not fit yet nobody is let in, else it would never find room.
        """
        queue = [row for row in self._waiting if not row.cancelled]
        for row in sorted(queue, key=lambda row: not row.request.awaited):
            if not self._fits(row):
                break
            row.slot = len(self._rows)
            self._rows.append(row)
        joined = set(self._rows)
        self._waiting = deque(row for row in self._waiting if row not in joined and not row.cancelled)

    def _fits(self, row: Row) -> bool:
        if not self._rows:
            return True
        longest = max(row.limit, *(other.limit for other in self._rows))
        places = self._max_batch if row.request.awaited else self._max_unwatched
        return len(self._rows) < places and (len(self._rows) + 1) * longest <= self._store_tokens

    def _leave(self, row: Row) -> None:
        if not row.scores_prompt:
            self._prefixes.keep(row)
        last = self._rows[-1]
        if last is not row:
            self._model.store.move(last.slot, row.slot, last.computed)
            last.slot = row.slot
            self._rows[row.slot] = last
        self._rows.pop()

    def _step(self) -> None:
        parts = self._plan()
        logits = self._model.step([segment for _, segment in parts], len(self._rows))
        for (row, segment), found in zip(parts, logits, strict=True):
            row.computed += len(segment.token_ids)
            if row.scores_prompt and segment.position < len(row.request.prompt):
                _score_prompt(row, segment, found)
        ready = [(row, found[-1]) for (row, _), found in zip(parts, logits, strict=True) if row.pending == 0]
        with_tokens = [(row, last) for row, last in ready if row.request.max_tokens]
        for row, _ in ready:
            if not row.request.max_tokens:
                self._report(row, Progress(prompt=_prompt_of(row), finish_reason="length"))
        if with_tokens:
            self._write([row for row, _ in with_tokens], [last for _, last in with_tokens])

    def _plan(self) -> list[tuple[Row, Segment]]:
        """Each row's part of the next step; rows of one adapter stand together."""
        rows = self._whose_turn()
        counts = {row: 1 for row in rows if row.pending == 1}
        budget = self._chunk_tokens
        order = {row: (not row.request.awaited, row.scores_prompt) for row in rows}
        reading = sorted((row for row in rows if row.pending > 1), key=order.__getitem__)
        for row in reading:
            if budget:
                if row.computed == 0 and not row.scores_prompt:
                    self._prefixes.begin(row, self._rows)
                counts[row] = min(row.pending, budget)
                budget -= counts[row]
        ordered = sorted(counts, key=lambda row: id(row.request.adapter))
        return [(row, row.segment(counts[row])) for row in ordered]

    def _whose_turn(self) -> list[Row]:
        self._steps += 1
        awaited = [row for row in self._rows if row.request.awaited]
        return awaited if awaited and self._steps % UNWATCHED_EVERY else self._rows

    def _write(self, rows: list[Row], logits: list[Tensor]) -> None:
        logits_RV = logits[0].new_empty(len(rows), logits[0].shape[0])
        for number, last in enumerate(logits):
            logits_RV[number] = last
        tokens = draw_tokens(logits_RV, [row.request.draw for row in rows], [row.source for row in rows])
        scored = score_tokens(logits_RV, tokens, [row.request.top for row in rows], ranked=False)
        for row, token in zip(rows, scored, strict=True):
            first = not row.written
            row.tokens.append(token.token_id)
            reason = row.finish_reason_after(token.token_id)
            self._report(row, Progress(token, _prompt_of(row) if first else None, reason))

    def _report(self, row: Row, progress: Progress) -> None:
        row.listener(progress)
        if progress.finish_reason:
            with self._changed:
                self._leave(row)


def _score_prompt(row: Row, segment: Segment, logits_KV: Tensor) -> None:
    """Keep the log-probs of the prompt's tokens that come after the segment's."""
    if not row.prompt_scores:
        row.prompt_scores.append(None)
    after = segment.position + 1
    following = list(row.request.prompt[after : after + len(segment.token_ids)])
    if following:
        tops = [row.request.prompt_top or 0] * len(following)
        row.prompt_scores += score_tokens(logits_KV[: len(following)], following, tops, ranked=True)


def _prompt_of(row: Row) -> tuple[ScoredToken | None, ...] | None:
    return tuple(row.prompt_scores) if row.scores_prompt else None
