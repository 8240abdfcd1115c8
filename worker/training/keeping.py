"""Hidden states of readers that never change, kept so that what they read again is not computed again."""

from collections import OrderedDict
from collections.abc import Callable

from torch import Tensor

KEPT_BYTES = 2**28

Key = tuple[str, tuple[int, ...], tuple[int, ...]]
"""Who reads, the token ids of one sequence, and the positions whose states are wanted: all that a state depends on."""


class KeptStates:
    """States ``[R, D]`` by what they depend on, in main memory; beyond ``limit`` bytes the longest unused leave."""

    def __init__(self, limit: int = KEPT_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[Key, Tensor] = OrderedDict()
        self.bytes = 0

    def find(self, key: Key, make: Callable[[], Tensor]) -> Tensor:
        """The states of a key, made if they are not kept. ``make`` must depend on the key alone."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        states_RD = make()
        self._kept[key] = states_RD.cpu()
        self.bytes += states_RD.nbytes
        while self.bytes > self._limit:
            _, oldest_RD = self._kept.popitem(last=False)
            self.bytes -= oldest_RD.nbytes
        return states_RD
