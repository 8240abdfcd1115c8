"""Keeps the heartbeat of claimed work from a thread of its own, however long a single step of the work takes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from backend.database import Sessions, transaction
from backend.domain import claims
from backend.domain.claims import Claim, Row, StaleClaimError

log = logging.getLogger(__name__)

BEAT_SECONDS = 5.0


@contextmanager
def beating(sessions: Sessions, table: type[Row], claimed: Claim, *, every: float = BEAT_SECONDS) -> Iterator[None]:
    """Beat inside, every so many seconds, until the block ends or the claim is lost (the work's next write says so)."""
    over = Event()

    def beat() -> None:
        while not over.wait(every):
            try:
                with transaction(sessions) as session:
                    claims.beat(session, table, claimed)
            except StaleClaimError:
                return
            except SQLAlchemyError:
                log.warning("The database does not answer; the next heartbeat tries again.")

    thread = Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
