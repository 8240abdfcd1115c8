"""Many requests to the engine at once, each result stored as it comes."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import TypeVar

from backend.engine import Sampling

IN_FLIGHT = 48
Item = TypeVar("Item")
Result = TypeVar("Result")


class CancelledError(Exception):
    """Somebody asked for the work to stop."""


def each(
    items: Sequence[Item],
    generate: Callable[[Item], Result],
    store: Callable[[Item, Result], None],
    report: Callable[[int], None],
    *,
    done: int = 0,
    at_once: int = IN_FLIGHT,
) -> None:
    """Generate for all items, ``at_once`` at once; ``store`` and ``report`` (how many are done) run in this thread."""
    with ThreadPoolExecutor(at_once) as pool:
        futures = {pool.submit(generate, item): item for item in items}
        try:
            for count, future in enumerate(as_completed(futures), done + 1):
                store(futures[future], future.result())
                report(count)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def seeded(sampling: Sampling, *, base: int, row_id: int, number: int = 0) -> Sampling:
    """The settings with a seed of their own for every row, the same each time."""
    return replace(sampling, seed=(base * 1_000_003 + row_id * 101 + number) % 2**31)
