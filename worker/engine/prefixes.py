"""Keys and values of prompts that were read before, so that what two prompts have in common is read once.

A redraft's prompt begins as the one before it did, and every chat begins with the same system message. Prefixes are
shared only under the same adapter, since keys and values depend on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from worker.engine.cache import KeyValueStore
from worker.engine.lora import Adapter
from worker.engine.rows import Row

WORTH_SHARING = 8


@dataclass(frozen=True, eq=False)
class _Kept:
    tokens: tuple[int, ...]
    adapter: Adapter | None
    copied: list[tuple[Tensor, Tensor]]


@dataclass
class Prefixes:
    """Remembers rows that ended, the latest first, up to so many tokens in all."""

    store: KeyValueStore
    most_tokens: int = 4096
    _kept: list[_Kept] = field(default_factory=list)

    def keep(self, row: Row) -> None:
        """Remember what was computed of a row that leaves; a shorter memory of the same tokens gives way to it."""
        tokens = tuple(row.tokens[: row.computed])
        adapter = row.request.adapter
        if len(tokens) < WORTH_SHARING or len(tokens) > self.most_tokens:
            return
        covered = [k for k in self._kept if k.adapter is adapter and tokens[: len(k.tokens)] == k.tokens]
        self._kept = [kept for kept in self._kept if kept not in covered]
        self._kept.insert(0, _Kept(tokens, adapter, self.store.copy_out(row.slot, len(tokens))))
        while sum(len(kept.tokens) for kept in self._kept) > self.most_tokens:
            self._kept.pop()

    def begin(self, row: Row, others: Iterable[Row]) -> None:
        """Give a row that has not begun the longest beginning that is known; its last token is always computed."""
        limit = len(row.request.prompt) - 1
        adapter = row.request.adapter
        live: list[tuple[int, Row | _Kept]] = [
            (_common(row.tokens, o.tokens[: o.computed]), o) for o in others if o.request.adapter is adapter
        ]
        kept: list[tuple[int, Row | _Kept]] = [
            (_common(row.tokens, k.tokens), k) for k in self._kept if k.adapter is adapter
        ]
        if not live and not kept:
            return
        shared, source = max((*live, *kept), key=lambda found: found[0])
        shared = min(shared, limit)
        if shared < WORTH_SHARING:
            return
        self.store.reserve(row.slot + 1, shared)
        if isinstance(source, Row):
            self.store.move(source.slot, row.slot, shared)
        else:
            self.store.copy_in(row.slot, source.copied, shared)
        row.computed = shared


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences have in common at the beginning.

    >>> _common([1, 2, 3], [1, 2, 4, 5])
    2
    """
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
