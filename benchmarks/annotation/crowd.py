"""A crowd of annotators over HTTP, one thread and one kept connection each; the same for either product."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from benchmarks.annotation.table import Crowd


class Line:
    """One kept connection that sends JSON with one authorisation."""

    def __init__(self, url: str, authorization: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        self._headers = {"Authorization": authorization, "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, object]]:
        """The status and the JSON of the answer; an empty answer is an empty object."""
        sent = {**self._headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, sent)
        response = self._connection.getresponse()
        raw = response.read()
        if response.status >= 500:
            raise RuntimeError(f"{method} {path}: {response.status} {raw[:300]!r}")
        return response.status, json.loads(raw) if raw and response.status < 400 else {}


@dataclass
class Stopwatch:
    """Seconds of each request, by name."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def time(self, name: str, call: Callable[[], tuple[int, dict[str, object]]]) -> tuple[int, dict[str, object]]:
        """Call, and note how long it took."""
        start = time.perf_counter()
        answer = call()
        self.seconds.setdefault(name, []).append(time.perf_counter() - start)
        return answer


class Annotator(Protocol):
    """One person of either product."""

    def cycle(self, watch: Stopwatch, pause: Callable[[], None]) -> bool:
        """One answer from hand-out to submission, with ``pause`` between the requests; False when nothing is left."""


def run(side: str, annotators: Sequence[Annotator], *, seconds: float, think: float) -> Crowd:
    """All at once for so long; ``think`` is the mean pause between two requests of a person, 0 for none."""
    begun = threading.Event()
    deadline = [0.0]

    def pause() -> None:
        if think:
            time.sleep(random.uniform(0, 2 * think))

    def work(annotator: Annotator) -> tuple[int, Stopwatch]:
        begun.wait()
        pause()
        watch, cycles = Stopwatch(), 0
        while time.monotonic() < deadline[0] and annotator.cycle(watch, pause):
            cycles += 1
        return cycles, watch

    with ThreadPoolExecutor(len(annotators)) as pool:
        found = [pool.submit(work, annotator) for annotator in annotators]
        start = time.monotonic()
        deadline[0] = start + seconds
        begun.set()
        done = [future.result() for future in found]
    names = {name for _, watch in done for name in watch.seconds}
    return Crowd(
        side=side, people=len(annotators), think=think, elapsed=time.monotonic() - start,
        cycles=sum(cycles for cycles, _ in done),
        seconds={name: [s for _, watch in done for s in watch.seconds.get(name, ())] for name in names},
    )  # fmt: skip
