"""The number format that engine and trainer compute in: bfloat16 where the hardware has it, else float32.

A CPU without bfloat16 instructions emulates it, several times slower than float32.
"""

from pathlib import Path

import torch

CPU_INFO = Path("/proc/cpuinfo")
NATIVE = {"avx512_bf16", "amx_bf16", "bf16"}


def best_dtype(device: str, cpu_info: Path = CPU_INFO) -> torch.dtype:
    """bfloat16 on accelerators and on CPUs that name it among their features, else float32."""
    if device != "cpu":
        return torch.bfloat16
    return torch.bfloat16 if has_bfloat16(cpu_info) else torch.float32


def has_bfloat16(cpu_info: Path) -> bool:
    """Whether the kernel lists a bfloat16 feature of the first core (x86 ``flags``, ARM ``Features``)."""
    if not cpu_info.is_file():
        return False
    for line in cpu_info.read_text().splitlines():
        if line.startswith(("flags", "Features")):
            return bool(NATIVE & set(line.split()))
    return False
