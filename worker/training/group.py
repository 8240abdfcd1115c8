"""The operating-system processes of one run as one: they start together, and none outlives the failure of another.

They are started here, with the environment that ``accelerate launch`` would give them, and not by it: it would stand
between a killed process and whoever resumes the run, for which a kill and a failure look the same from behind it.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

PARENT = "REDRAFT_PARENT"
RENDEZVOUS = "REDRAFT_RENDEZVOUS"
POLL_SECONDS = 0.1


class Group:
    """One process, or several that know their ranks; all run the same command."""

    def __init__(self, command: Sequence[str], *, processes: int = 1) -> None:
        self._folder = Path(mkdtemp(prefix="redraft-run-"))
        common = {**os.environ, PARENT: str(os.getpid())}
        self._children = [
            subprocess.Popen(command, env=common | _place(rank, processes, self._folder))  # noqa: S603
            for rank in range(processes)
        ]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to all of them; one that has ended is passed over."""
        for child in self._children:
            child.send_signal(number)

    def terminate(self) -> None:
        """Ask all of them to write their state and end."""
        self.send(signal.SIGTERM)

    def kill(self) -> None:
        """End all of them."""
        for child in self._children:
            child.kill()
        for child in self._children:
            child.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def wait(self, seconds: float) -> int | None:
        """How the group ended, as an exit code (negative for a signal); None when it goes on after so many seconds.

        It ends with its first process, or with whichever fails: the rest have nothing left to do, or wait for a process
        that is no more.
        """
        until = time.monotonic() + seconds
        while (code := self._ending()) is None and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        if code is not None:
            self.kill()
        return code

    def _ending(self) -> int | None:
        codes = [child.poll() for child in self._children]
        # A kill comes before the failures that follow from it.
        return min((code for code in codes if code), default=codes[0])


def _place(rank: int, processes: int, folder: Path) -> dict[str, str]:
    """What torch and accelerate read: rank, number, and on one machine loopback alone; cores are divided."""
    if processes == 1:
        return {}
    threads = max(1, int(os.environ.get("OMP_NUM_THREADS", "1")) // processes)
    return {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "OMP_NUM_THREADS": str(threads),
        "GLOO_SOCKET_IFNAME": os.environ.get("GLOO_SOCKET_IFNAME", "lo"),
        RENDEZVOUS: str(folder / "meeting"),
    }
