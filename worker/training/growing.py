"""A cache of keys and values for sampling that writes each token into room set aside, instead of copying all before it.

Without gradients only: tokens are written in place. Shapes: B rows, K key heads, T positions, D size of a head.
"""

from torch import Tensor
from transformers.cache_utils import Cache, DynamicLayer

STEP = 64


class GrowingLayer(DynamicLayer):  # type: ignore[misc]  # transformers has no types
    """One layer's keys and values ``[B, K, T, D]``, the filled part of room that grows by steps of positions."""

    _room: tuple[Tensor, Tensor] | None = None

    def update(
        self, key_states: Tensor, value_states: Tensor, *_args: object, **_named: object
    ) -> tuple[Tensor, Tensor]:
        """Put tokens at the end; all that is held."""
        had = self.get_seq_length()
        end = had + key_states.shape[-2]
        if self._room is None or self._room[0].shape[-2] < end:
            self._make_room(key_states, value_states, had=had, wanted=end)
        keys, values = self._room  # type: ignore[misc]
        keys[..., had:end, :], values[..., had:end, :] = key_states, value_states
        self.keys, self.values = keys[..., :end, :], values[..., :end, :]
        return self.keys, self.values

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep some rows."""
        super().batch_select_indices(indices)
        self._room = None  # the next token finds room for these rows alone

    def _make_room(self, key_states: Tensor, value_states: Tensor, *, had: int, wanted: int) -> None:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        positions = -(-wanted // STEP) * STEP
        keys, values = (
            fresh.new_empty(*fresh.shape[:-2], positions, fresh.shape[-1]) for fresh in (key_states, value_states)
        )
        if had:
            keys[..., :had, :], values[..., :had, :] = self.keys, self.values
        self._room = (keys, values)


def growing_cache() -> Cache:
    """An empty one, with as many layers as come to ask."""
    return Cache(layer_class_to_replicate=GrowingLayer)
