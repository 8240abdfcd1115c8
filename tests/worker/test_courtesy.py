"""Training stands still while somebody waits for a first word, and never for long."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.courtesy import MAX_STILL_SECONDS, MIN_GOING_SECONDS, GivingWay, ReadingLock


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that only waits."""
    made = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield made
    made.send_signal(signal.SIGCONT)
    made.kill()
    made.wait()


def is_stopped(process: subprocess.Popen[bytes]) -> bool:
    """Whether the kernel holds the process still; looks for a moment, as signals take one."""
    for _ in range(50):
        state = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if state == "T":
            return True
        time.sleep(0.002)
    return False


class Clock:
    """Seconds that pass when the test says so."""

    now = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_the_lock_is_held_only_while_the_engine_reads(tmp_path: Path) -> None:
    path = tmp_path / "run" / "engine.reading"
    assert not ReadingLock.is_held(path)
    lock = ReadingLock(path)
    assert not ReadingLock.is_held(path)
    for reading in (True, True, False, False, True):
        lock(reading)
        assert ReadingLock.is_held(path) is reading


def test_an_engine_that_dies_while_it_reads_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "engine.reading"
    code = (
        "import sys, time; from pathlib import Path; from worker.courtesy import ReadingLock\n"
        f"lock = ReadingLock(Path({str(path)!r})); lock(True); print('held', flush=True); time.sleep(600)"
    )
    engine = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert engine.stdout is not None
    assert engine.stdout.readline() == b"held\n"
    assert ReadingLock.is_held(path)
    engine.kill()
    engine.wait()
    engine.stdout.close()
    assert not ReadingLock.is_held(path)


def test_training_stands_still_while_the_engine_reads(child: subprocess.Popen[bytes]) -> None:
    reading = False
    with GivingWay(child.send_signal, lambda: reading) as giving_way:
        giving_way.look()
        assert not is_stopped(child)
        reading = True
        giving_way.look()
        assert is_stopped(child)
        reading = False
        giving_way.look()
        assert not is_stopped(child)


def test_training_goes_on_in_between_however_many_wait(child: subprocess.Popen[bytes]) -> None:
    clock = Clock()
    with GivingWay(child.send_signal, lambda: True, clock) as giving_way:
        giving_way.look()
        clock.now += MAX_STILL_SECONDS
        giving_way.look()
        assert not is_stopped(child)
        clock.now += MIN_GOING_SECONDS / 2
        giving_way.look()
        assert not is_stopped(child)
        clock.now += MIN_GOING_SECONDS / 2
        giving_way.look()
        assert is_stopped(child)


def test_training_is_left_going_when_nobody_looks_any_more(child: subprocess.Popen[bytes]) -> None:
    with GivingWay(child.send_signal, lambda: True) as giving_way:
        giving_way.look()
        assert is_stopped(child)
    assert not is_stopped(child)


def test_a_process_that_has_ended_is_no_error(child: subprocess.Popen[bytes]) -> None:
    with GivingWay(child.send_signal, lambda: True) as giving_way:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        giving_way.look()
    assert child.returncode == -signal.SIGKILL
