"""``python -m worker.health``: whether this machine's worker wrote its heartbeat lately; a container's health check."""

import os
import socket
import sys

from backend.database import transaction
from backend.domain import workers
from worker.connections import sessions


def main() -> None:
    """End with code 0 when the worker of REDRAFT_WORKER_QUEUE on this machine is alive, else 1 with a sentence."""
    queue, host = os.environ["REDRAFT_WORKER_QUEUE"], socket.gethostname()
    with transaction(sessions()) as session:
        if not workers.is_alive(session, queue=queue, host=host):
            sys.exit(f"The worker '{queue}' on {host} has written no heartbeat for {workers.ALIVE_SECONDS} seconds.")


if __name__ == "__main__":
    main()
