"""Where skips are not allowed, a skipped test is a failure: nothing is green by not having run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SKIPPING = """
import pytest

def test_skips():
    pytest.skip("no reason")

@pytest.mark.gpu
def test_needs_a_gpu():
    pytest.skip("no GPU")

def test_runs():
    assert True
"""


@pytest.mark.parametrize(
    ("source", "allowed", "closing"),
    [
        (SKIPPING, True, "1 passed, 2 skipped"),
        (SKIPPING, False, "1 failed, 1 passed, 1 skipped"),
        ("import pytest\npytest.importorskip('no_such_module')\n", False, "1 error"),
    ],
)
def test_a_skip_is_a_failure_unless_a_gpu_is_missing(source: str, allowed: bool, closing: str, tmp_path: Path) -> None:
    (tmp_path / "test_made.py").write_text(source)
    env = {**os.environ, "CI": "", "REDRAFT_NO_SKIPS": "" if allowed else "1"}
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"),
        "--rootdir", str(tmp_path), str(tmp_path),
    ]  # fmt: skip
    found = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert closing in found.stdout, found.stdout + found.stderr
