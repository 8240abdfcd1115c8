"""The cache that sampling writes into holds what one that copies everything at each token holds."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import DynamicCache

from worker.training.growing import STEP, growing_cache

HEADS, SIZE, LAYERS = 2, 4, 2


@given(
    rows=st.integers(1, 4),
    first=st.integers(1, 2 * STEP + 1),
    events=st.lists(st.one_of(st.integers(1, STEP), st.sets(st.integers(0, 3), min_size=1)), max_size=6),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=60, deadline=None)
def test_it_holds_what_was_put_in_of_the_rows_that_are_left(
    rows: int, first: int, events: list[int | set[int]], seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    plain, growing = DynamicCache(), growing_cache()
    for happens in (first, *events):
        if isinstance(happens, set):
            kept = torch.tensor(sorted(row for row in happens if row < rows), dtype=torch.long)
            if not len(kept):
                continue
            rows = len(kept)
            plain.batch_select_indices(kept)
            growing.batch_select_indices(kept)
            continue
        for layer in range(LAYERS):
            keys, values = torch.randn(2, rows, HEADS, happens, SIZE, generator=generator)
            expected = plain.update(keys, values, layer)
            found = growing.update(keys, values, layer)
            assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))
        assert growing.get_seq_length() == plain.get_seq_length()


def test_a_token_within_the_room_moves_nothing() -> None:
    cache = growing_cache()
    first, _ = cache.update(torch.zeros(1, HEADS, 3, SIZE), torch.zeros(1, HEADS, 3, SIZE), 0)
    second, _ = cache.update(torch.zeros(1, HEADS, 1, SIZE), torch.zeros(1, HEADS, 1, SIZE), 0)
    assert second.data_ptr() == first.data_ptr()
