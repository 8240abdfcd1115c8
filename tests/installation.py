"""A whole installation for end-to-end tests: `redraft up` on a tiny random model, ended with the test session."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from backend.embedded.processes import free_port
from tests.tiny_model import make_tiny_model

ROOT = Path(__file__).parent.parent
MODEL = "tiny"
START_SECONDS = 120


@dataclass
class RunningInstallation:
    """`redraft up` (or another command that starts it) in a process of its own."""

    data: Path
    command: tuple[str, ...] = ("up",)
    env: dict[str, str] = field(default_factory=dict)
    output: list[str] = field(default_factory=list)
    url: str = ""
    password: str = ""

    def __enter__(self) -> Self:
        """Start it and wait until it says where it runs."""
        make_tiny_model(self.data / "models" / MODEL)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it as Ctrl-C would."""
        self.stop()

    def start(self) -> None:
        """Start, also again on the same data."""
        env = {
            **os.environ,
            "REDRAFT_DATA_DIR": str(self.data),
            "REDRAFT_BASE_MODEL": MODEL,
            "REDRAFT_PORT": str(free_port()),
            "REDRAFT_RUN_STALE_SECONDS": "6",
            "PYTHONUNBUFFERED": "1",
            **self.env,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", *self.command], cwd=ROOT, env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for(r"Redraft runs at (\S+)", START_SECONDS)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            if found := re.search(r"one-time password: (\S+)", line):
                self.password = found[1]
            if found := re.search(r"Redraft runs at (\S+)", line):
                self.url = found[1]

    def wait_for(self, pattern: str, seconds: float) -> None:
        """Wait until the output holds ``pattern``."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, "".join(self.output)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"no '{pattern}' in the output:\n{''.join(self.output)}\n{self.logs()}")
            time.sleep(0.1)

    def logs(self) -> str:
        """The ends of all process logs."""
        return "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in (self.data / "logs").glob("*.log"))

    def stop(self) -> int:
        """Interrupt it and wait; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self._reader.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    def kill(self) -> None:
        """Kill the supervisor with -9, as a crash would."""
        self.process.kill()
        self.process.wait(10)
        self._reader.join(10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def pids(self, word: str) -> list[int]:
        """Processes of this installation whose command line holds ``word``."""
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (folder / "environ").read_bytes().decode(errors="replace")
                state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if word in command and str(self.data) in environment + command and state != "Z":
                found.append(int(folder.name))
        return found
