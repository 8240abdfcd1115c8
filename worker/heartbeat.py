"""The heartbeat of claimed work, kept however long a single step of the work takes."""

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

    def keep_beating() -> None:
        while not over.wait(every) and beat(sessions, table, claimed):
            pass

    thread = Thread(target=keep_beating, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def beat(sessions: Sessions, table: type[Row], claimed: Claim) -> bool:
    """Beat once; False when the claim is lost. A database that does not answer is asked again the next time."""
    try:
        with transaction(sessions) as session:
            claims.beat(session, table, claimed)
    except StaleClaimError:
        return False
    except SQLAlchemyError:
        log.warning("The database does not answer; the next heartbeat tries again.")
    return True
