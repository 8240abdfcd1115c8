"""The HTTP face of the bundled local engine: the subset of vLLM's OpenAI-compatible server that Redraft uses.

``python -m worker.engine.server --model DIR --served-model-name NAME --port P --adapter-root DIR``. The bearer key,
when one is wanted, comes from ``--key`` or the environment's ``REDRAFT_ENGINE_KEY``.
"""

import argparse
import asyncio
import json
import os
import secrets
import signal
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Annotated

import torch
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from backend.settings import Settings
from worker.courtesy import ReadingLock
from worker.engine.answers import Json
from worker.engine.generation import Model
from worker.engine.lora import AdapterMissingError, AdapterRefusedError, AdapterShelf
from worker.engine.requests import (
    ChatRequest,
    CompletionRequest,
    LoadAdapterRequest,
    TokenizeRequest,
    UnloadAdapterRequest,
)  # fmt: skip
from worker.engine.scheduler import Scheduler, ignore
from worker.engine.service import FailedError, Job, RefusedError, Service
from worker.precision import best_dtype

CLIENT_CLOSED = 499


class _WrongKeyError(Exception):
    pass


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _check_key(request: Request, authorization: Annotated[str, Header()] = "") -> None:
    key: str | None = request.app.state.key
    if key is not None and not secrets.compare_digest(authorization.encode(), f"Bearer {key}".encode()):
        raise _WrongKeyError


ServiceDep = Annotated[Service, Depends(_service)]
open_router = APIRouter()
router = APIRouter(dependencies=[Depends(_check_key)])


@open_router.get("/health")
def get_health(service: ServiceDep) -> Response:
    """200 while the generation thread runs."""
    return Response(status_code=200 if service.scheduler.alive else 503)


@router.get("/v1/models")
def list_models(service: ServiceDep) -> Json:
    """The base model, then adapters."""
    base: Json = {
        "id": service.name, "object": "model", "created": 0, "owned_by": "redraft", "root": service.name,
        "parent": None, "max_model_len": service.max_model_len,
    }  # fmt: skip
    tuned = [base | {"id": a.name, "root": str(a.path), "parent": service.name} for a in service.shelf.all()]
    return {"object": "list", "data": [base, *tuned]}


@router.post("/v1/chat/completions")
async def chat_completions(asked: ChatRequest, request: Request, service: ServiceDep) -> Response:
    """Chat, streamed or not."""
    job = service.chat_job(asked)
    usage = bool(asked.stream_options and asked.stream_options.include_usage)
    return _stream(service, job, usage=usage) if asked.stream else await _whole(service, job, request)


@router.post("/v1/completions")
async def completions(asked: CompletionRequest, request: Request, service: ServiceDep) -> Response:
    """Text completion, streamed or not; also scores prompts."""
    job = service.completion_job(asked)
    usage = bool(asked.stream_options and asked.stream_options.include_usage)
    return _stream(service, job, usage=usage) if asked.stream else await _whole(service, job, request)


@router.post("/tokenize")
def tokenize(asked: TokenizeRequest, service: ServiceDep) -> Json:
    """Token ids of a chat or a text."""
    if asked.model is not None:
        service.adapter(asked.model)
    if asked.messages is not None:
        tokens = service.chat_ids(asked.messages, open_answer=asked.add_generation_prompt)
    else:
        tokens = service.text_ids(asked.prompt or "", special=asked.add_special_tokens)
    return {"count": len(tokens), "max_model_len": service.max_model_len, "tokens": list(tokens), "token_strs": None}


@router.post("/v1/load_lora_adapter")
def load_adapter(asked: LoadAdapterRequest, service: ServiceDep) -> PlainTextResponse:
    """Serve an adapter from a folder inside the adapter root."""
    if asked.lora_name == service.name:
        raise AdapterRefusedError(f"'{asked.lora_name}' is the name of the base model.")
    service.shelf.load(asked.lora_name, asked.lora_path)
    return PlainTextResponse(f"Success: LoRA adapter '{asked.lora_name}' added successfully.")


@router.post("/v1/unload_lora_adapter")
def unload_adapter(asked: UnloadAdapterRequest, service: ServiceDep) -> PlainTextResponse:
    """Serve an adapter no longer; answers under way are finished with it."""
    service.shelf.unload(asked.lora_name)
    return PlainTextResponse(f"Success: LoRA adapter '{asked.lora_name}' removed successfully.")


async def _whole(service: Service, job: Job, request: Request) -> Response:
    choices = service.choices(job)

    async def collect() -> None:
        async with aclosing(service.pieces(job, choices)) as pieces:
            async for _ in pieces:
                pass

    work = asyncio.create_task(collect())
    left = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({work, left}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            return Response(status_code=CLIENT_CLOSED)
        work.result()
        return JSONResponse(service.formatter(job).whole(choices))
    finally:
        work.cancel()
        left.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _stream(service: Service, job: Job, *, usage: bool) -> StreamingResponse:
    return StreamingResponse(
        _events(service, job, usage=usage), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _events(service: Service, job: Job, *, usage: bool) -> AsyncGenerator[str, None]:
    choices = service.choices(job)
    formatter = service.formatter(job)
    fresh = {choice.index for choice in choices}
    if job.wanted.chat:
        for choice in choices:
            yield _event(formatter.opening(choice.index))
    try:
        async with aclosing(service.pieces(job, choices)) as pieces:
            async for choice, piece in pieces:
                yield _event(formatter.event(choice.index, piece, first=choice.index in fresh))
                fresh.discard(choice.index)
    except FailedError as error:
        yield _event(_problem(500, str(error), "InternalServerError"))
    if usage:
        yield _event(formatter.closing(sum(len(choice.tokens) for choice in choices)))
    yield "data: [DONE]\n\n"


def _event(data: Json) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _problem(status: int, message: str, kind: str, field: str | None = None) -> Json:
    return {"error": {"message": message, "type": kind, "param": field, "code": status}}


def _refuse(status: int, message: str, kind: str, field: str | None = None) -> JSONResponse:
    return JSONResponse(_problem(status, message, kind, field), status_code=status)


def _refused(_: Request, error: Exception) -> JSONResponse:
    status = error.status if isinstance(error, RefusedError) else 400
    return _refuse(status, str(error), "NotFoundError" if status == 404 else "BadRequestError")


def _missing(_: Request, error: Exception) -> JSONResponse:
    return _refuse(404, str(error), "NotFoundError")


def _failed(_: Request, error: Exception) -> JSONResponse:
    return _refuse(500, str(error), "InternalServerError")


def _wrong_key(_: Request, __: Exception) -> JSONResponse:
    return _refuse(401, "Unauthorized: this engine asks for its bearer key.", "AuthenticationError")


def _malformed(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "body")
    if first["type"] == "extra_forbidden":
        return _refuse(400, f"'{field}' is not supported by this engine.", "BadRequestError", field)
    return _refuse(400, f"{field}: {first['msg']}" if field else str(first["msg"]), "BadRequestError", field or None)


def create_app(service: Service, key: str | None = None) -> FastAPI:
    """The application over a service whose scheduler it starts and stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.scheduler.start()
        yield
        await asyncio.to_thread(service.scheduler.stop)

    app = FastAPI(title="Redraft engine", lifespan=lifespan, openapi_url=None)
    app.state.service = service
    app.state.key = key
    app.include_router(open_router)
    app.include_router(router)
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(AdapterRefusedError, _refused)
    app.add_exception_handler(AdapterMissingError, _missing)
    app.add_exception_handler(FailedError, _failed)
    app.add_exception_handler(_WrongKeyError, _wrong_key)
    app.exception_handler(RequestValidationError)(_malformed)
    return app


def create_service(
    folder: Path, name: str, *, adapter_root: Path | None, dtype: torch.dtype, device: str = "cpu",
    max_batch: int = 64, max_model_len: int | None = None, reading_lock: Path | None = None,
) -> Service:  # fmt: skip
    """Load a model and put a scheduler before it."""
    model = Model(folder, dtype=dtype, device=device, max_model_len=max_model_len)
    on_reading = ReadingLock(reading_lock) if reading_lock else ignore
    scheduler = Scheduler(model, max_batch=max_batch, on_death=_end_process, on_reading=on_reading)
    return Service(name, model, scheduler, AdapterShelf(adapter_root, model.linear_shapes, device))


def _end_process() -> None:
    # Without its generation thread the engine is of no use; whoever watches the process starts it again.
    os.kill(os.getpid(), signal.SIGTERM)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m worker.engine.server", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="folder of the base model, safetensors")
    parser.add_argument("--served-model-name", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--threads", type=int, default=None, help="threads of the numeric libraries")
    parser.add_argument("--dtype", choices=["auto", "bfloat16", "float32"], default="auto")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--adapter-root", type=Path, default=None, help="adapters are loaded from inside this folder")
    parser.add_argument("--max-batch", type=int, default=64, help="rows computed at the same time")
    parser.add_argument("--max-model-len", type=int, default=None, help="prompt and answer together, in tokens")
    parser.add_argument("--reading-lock", type=Path, default=None, help="file to hold while somebody waits for a word")
    parser.add_argument("--key", default=None, help="bearer key that clients must send")
    return parser.parse_args()


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    given = _arguments()
    if given.threads:
        torch.set_num_threads(given.threads)
    dtype = best_dtype(given.device) if given.dtype == "auto" else getattr(torch, given.dtype)
    service = create_service(
        given.model, given.served_model_name, adapter_root=given.adapter_root, dtype=dtype, device=given.device,
        max_batch=given.max_batch, max_model_len=given.max_model_len, reading_lock=given.reading_lock,
    )  # fmt: skip
    kept = Settings().engine_key
    key = given.key or (kept.get_secret_value() if kept else None)
    app = create_app(service, key)
    uvicorn.run(app, host=given.host, port=given.port, log_level="warning", timeout_graceful_shutdown=5)


if __name__ == "__main__":
    main()
