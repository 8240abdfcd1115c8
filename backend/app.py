"""Builds the web application: guarded API, OpenAI-compatible gateway, error shape, security headers, the web app."""

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import (
    agreement,
    checkpoints,
    comparison_sets,
    critiques,
    data,
    evaluations,
    exchange,
    forms,
    gateway,
    guidelines,
    health,
    judgements,
    known_items,
    preferences,
    projects,
    prompts,
    queue,
    reviews,
    rule_proposals,
    rules,
    runs,
    session,
    signals,
)  # fmt: skip
from backend.api.deps import require_actor
from backend.api.shapes import ErrorShape, error_response
from backend.database import Sessions, create_engine_from, create_sessions
from backend.engine import EngineClient
from backend.errors import DomainError, InvalidError, NotFoundError
from backend.settings import Settings, get_settings

FRONTEND = Path(__file__).parent.parent / "frontend" / "dist"
IMMUTABLE = "public, max-age=31536000, immutable"

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds the security headers to every response, streamed ones too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add headers when the response starts."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def create_app(
    settings: Settings | None = None, sessions: Sessions | None = None, engine: EngineClient | None = None
) -> FastAPI:
    """The application; parts that are not given are made from the settings."""
    settings = settings or get_settings()
    app = FastAPI(
        title="Redraft",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": ErrorShape}, "5XX": {"model": ErrorShape}},
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.sessions = sessions or _sessions(settings)
    app.state.engine = engine or _engine(settings)
    app.state.judge_endpoint = _judge_endpoint(settings)
    for public in (session.public, health.public):
        app.include_router(public)
    guarded = [Depends(require_actor)]
    for module in (
        session, projects, prompts, queue, critiques, forms, guidelines, known_items, reviews, agreement, signals,
        judgements, rule_proposals, rules, runs, checkpoints, evaluations, comparison_sets, preferences, data, exchange,
        gateway,
    ):  # fmt: skip
        app.include_router(module.router, dependencies=guarded)
    for uploads in (prompts.uploads, exchange.uploads):
        app.include_router(uploads)  # each asks the guard itself, since a dependency would hold its connection
    app.include_router(_openapi_router(app), dependencies=guarded)
    _add_error_handlers(app)
    _serve_web_app(app)
    app.add_middleware(SecurityHeaders)
    return app


def _sessions(settings: Settings) -> Sessions:
    if settings.database_url is None:
        raise RuntimeError("REDRAFT_DATABASE_URL is not set; `redraft up` sets it for the processes it starts.")
    return create_sessions(create_engine_from(settings.database_url.get_secret_value()))


def _engine(settings: Settings) -> EngineClient:
    if settings.engine_url is None:
        raise RuntimeError("REDRAFT_ENGINE_URL is not set; `redraft up` sets it for the processes it starts.")
    return EngineClient(settings.engine_url, settings.engine_key)


def _judge_endpoint(settings: Settings) -> EngineClient | None:
    if settings.judge_url is None:
        return None
    return EngineClient(settings.judge_url, settings.judge_key, called="judge", plain=True)


def _openapi_router(app: FastAPI) -> APIRouter:
    router = APIRouter(prefix="/api")

    @router.get("/openapi.json", include_in_schema=False)
    def get_openapi() -> dict[str, object]:
        """The API's description."""
        return app.openapi()

    return router


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(DomainError)
    def domain(_request: Request, error: DomainError) -> JSONResponse:
        return error_response(error)

    @app.exception_handler(RequestValidationError)
    def malformed(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [{"field": ".".join(str(p) for p in e["loc"][1:]), "problem": e["msg"]} for e in error.errors()]
        text = "; ".join(f"{p['field']}: {p['problem']}" if p["field"] else str(p["problem"]) for p in problems)
        return JSONResponse({"code": "malformed", "message": text, "details": {"fields": problems}}, status_code=422)

    @app.exception_handler(HTTPException)
    def http(_request: Request, error: HTTPException) -> JSONResponse:
        shape = {"code": f"http_{error.status_code}", "message": str(error.detail), "details": {}}
        return JSONResponse(shape, status_code=error.status_code, headers=error.headers)

    @app.exception_handler(DataError)
    def unstorable(_request: Request, _error: DataError) -> JSONResponse:
        return error_response(InvalidError("A text or number cannot be stored: text must not hold NUL characters."))

    @app.exception_handler(OperationalError)
    def database(_request: Request, _error: OperationalError) -> JSONResponse:
        shape = {"code": "database_unavailable", "message": "The database does not answer; try again.", "details": {}}
        return JSONResponse(shape, status_code=503)

    @app.exception_handler(Exception)
    def bug(_request: Request, _error: Exception) -> JSONResponse:
        message = "Something went wrong here; nothing was saved. The server's log says what."
        shape = {"code": "internal", "message": message, "details": {}}
        return JSONResponse(shape, status_code=500, headers=SECURITY_HEADERS)  # this one passes no middleware


def _serve_web_app(app: FastAPI) -> None:
    """Hashed assets for ever, ``index.html`` for every page of the app, and 404 for what looks like an API."""

    @app.get("/{path:path}", include_in_schema=False)
    def page(path: str) -> FileResponse:
        if path.startswith(("api/", "v1/")):
            raise NotFoundError(f"There is nothing at /{path}.")
        file = (FRONTEND / path).resolve()
        if path and file.is_relative_to(FRONTEND) and file.is_file():
            caching = IMMUTABLE if path.startswith("assets/") else "no-cache"
            return FileResponse(file, headers={"Cache-Control": caching})
        if not (FRONTEND / "index.html").is_file():
            raise NotFoundError("The web app is not built; run `make install`.")
        return FileResponse(FRONTEND / "index.html", headers={"Cache-Control": "no-cache"})
