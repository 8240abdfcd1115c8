"""Which number format is used where."""

from pathlib import Path

import pytest
import torch

from worker.precision import best_dtype


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu avx2 fma", torch.float32),
        ("flags\t\t: fpu avx2 avx512f avx512_bf16", torch.bfloat16),
        ("Features\t: fp asimd bf16", torch.bfloat16),
        ("model name\t: bf16 in the name only", torch.float32),
    ],
)
def test_a_cpu_uses_bfloat16_only_where_it_has_it(tmp_path: Path, line: str, expected: torch.dtype) -> None:
    info = tmp_path / "cpuinfo"
    info.write_text(f"processor\t: 0\n{line}\n")
    assert best_dtype("cpu", info) == expected


def test_a_machine_that_says_nothing_gets_float32_and_an_accelerator_bfloat16(tmp_path: Path) -> None:
    assert best_dtype("cpu", tmp_path / "missing") == torch.float32
    assert best_dtype("cuda", tmp_path / "missing") == torch.bfloat16
