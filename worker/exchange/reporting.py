"""Work batch by batch, with the progress of a claimed job, which is also where a wish to cancel is heard."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from backend.database import Sessions, transaction
from backend.domain import claims
from backend.domain.claims import Claim
from backend.models import Job
from worker.parallel import CancelledError

Item = TypeVar("Item")


def in_batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of ``size``, the last one shorter."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


class Progress:
    """Writes how far a job is."""

    def __init__(self, sessions: Sessions, claimed: Claim) -> None:
        self._sessions = sessions
        self._claimed = claimed

    def total(self, total: int) -> None:
        """Say how much there is to do."""
        with transaction(self._sessions) as session:
            claims.held(session, Job, self._claimed).total = total

    def done(self, done: int) -> None:
        """Say how much is done.

        Raises:
            CancelledError: somebody asked for a stop.
        """
        with transaction(self._sessions) as session:
            if claims.beat(session, Job, self._claimed, done=done):
                raise CancelledError
