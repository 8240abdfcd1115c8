"""Sending what a plain iterator yields, and closing it when the reader leaves."""

from collections.abc import AsyncIterator, Generator

import anyio
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

Chunks = Generator[str | bytes, None, None]


def respond(chunks: Chunks) -> StreamingResponse:
    """Server-sent events from ``chunks``. The first one is awaited here, so that an early error is a plain error."""
    first = next(chunks)
    return StreamingResponse(
        _closing(first, chunks),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _closing(first: str | bytes, chunks: Chunks) -> AsyncIterator[str | bytes]:
    try:
        yield first
        async for chunk in iterate_in_threadpool(chunks):
            yield chunk
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(chunks.close)
