"""Bodies of any size: who sends one is asked before it and after it, and no connection is held while it arrives."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import IO, Annotated

from fastapi import Depends, Path, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from backend.api.deps import SessionsDep, SettingsDep, require_actor
from backend.database import Sessions, transaction
from backend.domain import projects
from backend.domain.projects import Access
from backend.errors import InvalidError
from backend.models import Role
from backend.settings import Settings

IN_MEMORY_BYTES = 2**20
MIB, GIB = (2**20, "MiB"), (2**30, "GiB")


@dataclass(frozen=True)
class Upload:
    """A request with a body for a project, by one of its admins."""

    request: Request
    sessions: Sessions
    settings: Settings
    project: str

    @contextmanager
    def access(self) -> Iterator[tuple[Session, Access]]:
        """A transaction of its own, and the access that the sender has now."""
        with transaction(self.sessions) as session:
            actor = require_actor(self.request, session, self.settings)
            yield session, projects.authorise(session, actor, at_least=Role.admin, slug=self.project)

    async def chunks(self, limit: int, unit: tuple[int, str]) -> AsyncIterator[bytes]:
        """The body piece by piece; ``unit`` is how the limit is told.

        Raises:
            InvalidError: it is longer than ``limit`` bytes.
        """
        size = 0
        async for chunk in self.request.stream():
            size += len(chunk)
            if size > limit:
                raise InvalidError(f"A file is at most {limit // unit[0]} {unit[1]}; split it.")
            yield chunk

    @asynccontextmanager
    async def spooled(self, limit: int, unit: tuple[int, str]) -> AsyncIterator[IO[bytes]]:
        """The whole body as a file that is on disk only where it is long, and gone afterwards."""
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
            async for chunk in self.chunks(limit, unit):
                await run_in_threadpool(file.write, chunk)
            file.seek(0)
            yield file


def begin_upload(
    request: Request, sessions: SessionsDep, settings: SettingsDep, project: Annotated[str, Path()]
) -> Upload:
    """Refuse who may not, before anything is read."""
    upload = Upload(request, sessions, settings, project)
    with upload.access():
        return upload


UploadDep = Annotated[Upload, Depends(begin_upload)]
