"""Training gives way to reading: it stands still while somebody waits for the first word of an answer.

Both compute on the same cores, and reading a prompt is the one part of an answer that takes seconds. The engine holds
a lock on a file as long as it reads for somebody who watches; the worker looks at the lock and stops its training
processes meanwhile. It is a lock and not a mark because the kernel lets go of it when the engine dies.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

LOOK_SECONDS = 0.1
MAX_STILL_SECONDS = 4.0
MIN_GOING_SECONDS = 1.0  # after standing still so long, so that a busy desk slows training down but never ends it


class ReadingLock:
    """The engine's side, for as long as its process lives: held while ``reading`` is True."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._reading = False

    def __call__(self, reading: bool) -> None:
        """Take or release the lock; saying the same again does nothing."""
        if reading != self._reading:
            fcntl.flock(self._file, fcntl.LOCK_EX if reading else fcntl.LOCK_UN)
            self._reading = reading

    @staticmethod
    def is_held(path: Path) -> bool:
        """Whether an engine reads for somebody now; False where no engine ever kept such a lock."""
        try:
            with path.open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


class GivingWay:
    """The worker's side: stops processes by ``send`` while it is ``wanted``, never for long, and leaves them going."""

    def __init__(
        self, send: Callable[[signal.Signals], None], wanted: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._send = send
        self._wanted = wanted
        self._clock = clock
        self._still_since: float | None = None
        self._going_until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._go_on()

    def look(self) -> None:
        """Stop them or let them go on, as is right now."""
        now = self._clock()
        if self._still_since is None:
            if now >= self._going_until and self._wanted():
                self._still_since = now
                self._send(signal.SIGSTOP)
        elif not self._wanted():
            self._go_on()
        elif now - self._still_since >= MAX_STILL_SECONDS:
            self._going_until = now + MIN_GOING_SECONDS
            self._go_on()

    def _go_on(self) -> None:
        if self._still_since is not None:
            self._still_since = None
            self._send(signal.SIGCONT)
