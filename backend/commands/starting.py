"""What makes an installation: its schema, base model and first owner; and running it from beginning to end."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from backend.database import Sessions, create_engine_from, create_sessions, migrate, transaction
from backend.domain import checkpoints, users
from backend.embedded import folder
from backend.embedded.processes import EmbeddedError
from backend.embedded.supervisor import Installation
from backend.settings import Settings

OWNER_EMAIL = "owner@redraft.local"

console = Console(soft_wrap=True)


@contextmanager
def running() -> Iterator[tuple[Installation, Sessions]]:
    """A complete installation while the block runs; ended in order however the block ends."""
    _on_end_signals(_as_interrupt)
    installation = Installation(Settings(), say=_say)
    try:
        settings = installation.start_stores()
        set_up(settings)
        installation.start_parts(settings.models_dir / settings.base_model)
        console.print(f"Redraft runs at [bold]{installation.url}[/bold] (data in {settings.data_dir.resolve()})")
        with connected(database_url(settings)) as sessions:
            yield installation, sessions
    except KeyboardInterrupt:
        console.print("\nStopping; nothing is lost.")
    finally:
        _on_end_signals(_already_stopping)
        installation.stop()


def wait_for_the_end() -> None:
    """Wait until a signal interrupts."""
    threading.Event().wait()


def _on_end_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to outlive the terminal
        signal.signal(signal.SIGHUP, handler)


def _say(text: str) -> None:
    console.print(text, highlight=False, markup=False)


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _already_stopping(_signal: int, _frame: FrameType | None) -> None:
    os.write(2, b"Still stopping: running work is being written down.\n")


@contextmanager
def connected(url: str) -> Iterator[Sessions]:
    """Sessions on a database while the block runs."""
    engine = create_engine_from(url)
    try:
        yield create_sessions(engine)
    finally:
        engine.dispose()


def set_up(settings: Settings) -> None:
    """Bring the schema up to date, prepare and register the base model, create the first owner.

    Raises:
        EmbeddedError: there is no database URL, or the base model cannot be had.
    """
    migrate(database_url(settings))
    model = prepare_model(settings)
    with connected(database_url(settings)) as sessions, transaction(sessions) as session:
        checkpoints.ensure_base(
            session, name=settings.base_model, path=str(model), sha256=checkpoints.weights_hash(model)
        )
        password = users.ensure_owner(session, email=OWNER_EMAIL)
    if password is not None:
        _say(f"First start. Owner: {OWNER_EMAIL}  one-time password: {password}")


def prepare_model(settings: Settings) -> Path:
    """The folder of the base model, which is made when it is the default one and missing."""
    model = settings.models_dir / settings.base_model
    if not (model / "config.json").is_file():
        if settings.base_model != Settings.model_fields["base_model"].default:
            raise EmbeddedError(f"There is no base model '{settings.base_model}'; `redraft models add` registers one.")
        base_model_tool(settings)
    return model


def base_model_tool(settings: Settings, *options: str) -> None:
    """Run the worker's tool for base models, which needs libraries that the backend does not load."""
    command = [sys.executable, "-m", "worker.base_model", "--models-dir", str(settings.models_dir), *options]
    cache = os.environ.get("REDRAFT_MODEL_CACHE")
    if cache and not options:
        command += ["--cache", cache]
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603
        raise EmbeddedError("The base model could not be prepared; the lines above say why.")


def database_url(settings: Settings) -> str:
    """The URL of the database that the settings name, or of the installation that runs on their data folder."""
    if settings.database_url is None:
        found = folder.running(settings)
        settings = found or settings
    if settings.database_url is None:
        raise EmbeddedError("No database: start `redraft up` first, or set REDRAFT_DATABASE_URL.")
    return settings.database_url.get_secret_value()
