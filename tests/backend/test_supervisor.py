"""The supervisor keeps its processes running and ends them in peace."""

import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.embedded.folder import described, locked, running
from backend.embedded.parts import Part
from backend.embedded.processes import EmbeddedError, free_port
from backend.embedded.supervisor import Installation
from backend.settings import Settings

# Dies at its first start; at its second it lives, and takes its time to end when it is asked to.
FRAGILE = """
import pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])
if not (folder / "died").exists():
    (folder / "died").touch()
    sys.exit("out of luck")
def end(*_):
    time.sleep(1)
    (folder / "ended in peace").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
(folder / "alive").touch()
time.sleep(60)
"""


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def installation(tmp_path: Path, said: list[str]) -> Iterator[Installation]:
    made = Installation(Settings(data_dir=tmp_path / "data", port=free_port()), say=said.append)
    yield made
    made.stop()


def test_a_process_that_died_is_started_again_with_its_last_words_and_still_ends_in_peace(
    installation: Installation, said: list[str], tmp_path: Path
) -> None:
    installation.keep_running([Part("fragile", [sys.executable, "-c", FRAGILE, str(tmp_path)], {})])
    assert wait_until((tmp_path / "alive").exists)
    assert re.search(r"fragile ended with code 1; starting it again.*out of luck", "\n".join(said), re.DOTALL)
    installation.stop()
    assert (tmp_path / "ended in peace").exists()


def test_nothing_is_started_again_after_the_stop(installation: Installation, tmp_path: Path) -> None:
    installation.keep_running([Part("fragile", [sys.executable, "-c", FRAGILE, str(tmp_path)], {})])
    assert wait_until((tmp_path / "died").exists)
    installation.stop()
    time.sleep(2)
    assert not (tmp_path / "alive").exists()


def test_a_port_in_use_is_said_before_anything_starts(installation: Installation, tmp_path: Path) -> None:
    listening = socket.create_server(("127.0.0.1", installation.settings.port))
    with listening, pytest.raises(EmbeddedError, match="REDRAFT_PORT"):
        installation.start_stores()
    assert not (tmp_path / "data" / "postgres").exists()


def test_a_second_supervisor_is_told_which_process_is_the_first(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(EmbeddedError, match=r"process \d+"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


def test_a_running_installation_is_found_and_one_that_was_killed_is_not(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql+psycopg://a@b/c", port=8123)
    with described(settings):
        assert running(Settings(data_dir=tmp_path)) is None  # a description that a crash left behind
        with locked(tmp_path):
            found = running(Settings(data_dir=tmp_path))
    assert found is not None
    assert found.database_url == settings.database_url
    assert found.port == 8123
