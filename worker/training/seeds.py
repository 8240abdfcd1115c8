"""Random choices without state: each has a seed of its own, so that a resumed run makes the same ones."""

import hashlib


def seed_for(seed: int, step: int, purpose: str) -> int:
    """A seed of its own for every random choice of a run, the same each time (63 bits)."""
    digest = hashlib.sha256(f"{seed} {step} {purpose}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1
