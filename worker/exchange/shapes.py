"""The shapes of an export: pure functions from one critique to rows, with columns that trainers read as they are.

``prompt``, ``chosen``, ``rejected``, ``completion`` and ``messages`` are conversations (lists of ``role`` and
``content``), ``label`` is a truth value: the conversational formats of TRL's trainers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from backend.domain.exchange import ExportShape
from backend.models import Verdict
from worker.exchange.source import Criticised, JudgedRedraft

Row = dict[str, object]
Chat = list[dict[str, str]]

FULL_MARKS = 1.0
MIDDLE = 0.5


class Column(Enum):
    """What a column holds."""

    text = auto()
    number = auto()
    flag = auto()
    words = auto()
    chat = auto()
    spans = auto()


@dataclass(frozen=True)
class Shape:
    """One shape: what its rows are in a sentence, its columns in order, and how a critique becomes rows."""

    about: str
    own_columns: dict[str, Column]
    own_rows: Callable[[Criticised], Iterator[Row]]

    @property
    def columns(self) -> dict[str, Column]:
        """Its columns in order; the last one keeps prompts for evaluation apart from those for training."""
        return {**self.own_columns, "split": Column.text}

    def rows(self, item: Criticised) -> Iterator[Row]:
        """The rows of one critique."""
        return ({**row, "split": item.split} for row in self.own_rows(item))


def _said(text: str) -> Chat:
    return [{"role": "assistant", "content": text}]


def is_better(redraft: JudgedRedraft, attempt_rating: float | None) -> bool | None:
    """Whether a redraft was judged better than its attempt, by their ratings where nobody compared; None for a tie."""
    if redraft.verdict is not None:
        return {Verdict.better: True, Verdict.same: None, Verdict.worse: False}[redraft.verdict]
    if redraft.rating is None or attempt_rating is None or redraft.rating == attempt_rating:
        return None
    return redraft.rating > attempt_rating


def _sft(item: Criticised) -> Iterator[Row]:
    found = _best_answer(item)
    if found is not None:
        source, answer = found
        yield {"messages": [*item.prompt, *_said(answer)], "source": source}


def _best_answer(item: Criticised) -> tuple[str, str] | None:
    if item.edit:
        return "edit", item.edit
    better = [redraft.text for redraft in item.redrafts if is_better(redraft, item.rating)]
    if better:
        return "redraft", better[-1]
    return ("attempt", item.attempt) if item.rating == FULL_MARKS else None


def _dpo(item: Criticised) -> Iterator[Row]:
    for source, chosen, rejected in _pairs(item):
        if chosen != rejected:
            yield {"prompt": item.prompt, "chosen": _said(chosen), "rejected": _said(rejected), "source": source}


def _pairs(item: Criticised) -> Iterator[tuple[str, str, str]]:
    if item.edit:
        yield "edit", item.edit, item.attempt
    better = [redraft.text for redraft in item.redrafts if is_better(redraft, item.rating) is True]
    worse = [redraft.text for redraft in item.redrafts if is_better(redraft, item.rating) is False]
    for text in better:
        yield "redraft", text, item.attempt
    for text in worse:
        yield "attempt", item.attempt, text
    for winner in better:
        for loser in worse:
            yield "redrafts", winner, loser


def _kto(item: Criticised) -> Iterator[Row]:
    for source, text, label in _labels(item):
        if label is not None:
            yield {"prompt": item.prompt, "completion": _said(text), "label": label, "source": source}


def _labels(item: Criticised) -> Iterator[tuple[str, str, bool | None]]:
    if item.rating is not None and item.rating != MIDDLE:
        yield "attempt", item.attempt, item.rating > MIDDLE
    if item.edit:
        yield "edit", item.edit, True
    for redraft in item.redrafts:
        yield "redraft", redraft.text, is_better(redraft, item.rating)


def _reward(item: Criticised) -> Iterator[Row]:
    rated = [("attempt", item.attempt, item.rating)]
    rated += [("redraft", redraft.text, redraft.rating) for redraft in item.redrafts]
    for source, text, rating in rated:
        if rating is not None:
            yield {"prompt": item.prompt, "completion": _said(text), "rating": rating, "source": source}


def _critique(item: Criticised) -> Iterator[Row]:
    yield {
        "prompt": item.prompt,
        "response": item.attempt,
        "critique": item.critique,
        "spans": [_span(span) for span in item.spans],
        "rating": item.rating,
        "tags": item.tags,
        "edit": item.edit,
        "author_kind": item.author_kind,
        "author_name": item.author_name,
    }


def _span(span: dict[str, object]) -> Row:
    anchor = span["anchor"]
    if not isinstance(anchor, dict):
        raise TypeError("a span has an anchor")
    return {
        "start": anchor["start"], "end": anchor["end"], "quote": anchor["quote"], "note": span["note"],
        "severity": span["severity"],
    }  # fmt: skip


def _revision(item: Criticised) -> Iterator[Row]:
    for redraft in item.redrafts:
        yield {
            "prompt": item.prompt,
            "attempt": item.attempt,
            "critique": redraft.critique,
            "spans": [_span(span) for span in redraft.spans],
            "redraft": redraft.text,
            "verdict": redraft.verdict and str(redraft.verdict),
            "attempt_rating": item.rating,
            "redraft_rating": redraft.rating,
            "author_kind": item.author_kind,
            "author_name": item.author_name,
        }


SHAPES = {
    ExportShape.sft: Shape(
        "Conversations that end with an edited or accepted answer.",
        {"messages": Column.chat, "source": Column.text},
        _sft,
    ),
    ExportShape.dpo: Shape(
        "Pairs of answers to one prompt, of which a person preferred one.",
        {"prompt": Column.chat, "chosen": Column.chat, "rejected": Column.chat, "source": Column.text},
        _dpo,
    ),
    ExportShape.kto: Shape(
        "Answers that were judged good or bad, one at a time.",
        {"prompt": Column.chat, "completion": Column.chat, "label": Column.flag, "source": Column.text},
        _kto,
    ),
    ExportShape.reward: Shape(
        "Answers with their ratings from 0 to 1.",
        {"prompt": Column.chat, "completion": Column.chat, "rating": Column.number, "source": Column.text},
        _reward,
    ),
    ExportShape.critique: Shape(
        "Answers with the critiques that were written about them.",
        {
            "prompt": Column.chat, "response": Column.text, "critique": Column.text, "spans": Column.spans,
            "rating": Column.number, "tags": Column.words, "edit": Column.text, "author_kind": Column.text,
            "author_name": Column.text,
        },
        _critique,
    ),
    ExportShape.revision: Shape(
        "First attempts, their critiques, and the redrafts written under them, as judged.",
        {
            "prompt": Column.chat, "attempt": Column.text, "critique": Column.text, "spans": Column.spans,
            "redraft": Column.text, "verdict": Column.text, "attempt_rating": Column.number,
            "redraft_rating": Column.number, "author_kind": Column.text, "author_name": Column.text,
        },
        _revision,
    ),
}  # fmt: skip
