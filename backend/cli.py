"""``redraft``: the command line."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import select

from backend import demo as demo_driver
from backend.database import Sessions, create_engine_from, create_sessions, migrate, transaction
from backend.domain import checkpoints, prompts, users
from backend.embedded.processes import EmbeddedError
from backend.embedded.supervisor import Installation, description_file
from backend.errors import DomainError
from backend.models import Membership, Project, Role, User
from backend.security import new_password
from backend.settings import Settings

cli = typer.Typer(help="Redraft turns written critiques into a better language model.", no_args_is_help=True)
user_commands = typer.Typer(help="People of the installation.", no_args_is_help=True)
model_commands = typer.Typer(help="Base models.", no_args_is_help=True)
import_commands = typer.Typer(help="Imports.", no_args_is_help=True)
cli.add_typer(user_commands, name="user")
cli.add_typer(model_commands, name="models")
cli.add_typer(import_commands, name="import")

console = Console(soft_wrap=True)
OWNER_EMAIL = "owner@redraft.local"


def main() -> None:
    """Run a command; a refusal is one sentence, not a traceback."""
    try:
        cli()
    except (DomainError, EmbeddedError, demo_driver.DemoError) as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        sys.exit(1)


@cli.command()
def up() -> None:
    """Start the installation: stores and engine that were not given by URL, web server, workers. Ctrl-C ends it."""
    with running():
        _wait_for_the_end()


@cli.command()
def demo(*, stay: Annotated[bool, typer.Option(help="Leave the app running until Ctrl-C.")] = True) -> None:
    """Start the installation and run the main job on it: collect, train, evaluate, promote."""
    with running() as (installation, sessions):
        with transaction(sessions) as session:
            credentials, key = demo_driver.prepare(session)
        demo_driver.Demo(installation.url, key, console).run()
        console.print(f"\nThe app: [bold]{installation.url}[/bold]")
        for person in credentials:
            console.print(f"  {person.email}  {person.password or '(the password you chose)'}", highlight=False)
        if stay:
            console.print("Ctrl-C ends it; `redraft up` starts the same installation again.")
            _wait_for_the_end()


@contextmanager
def running() -> Iterator[tuple[Installation, Sessions]]:
    """A complete installation while the block runs; ended in order however the block ends."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    installation = Installation(Settings(), say=lambda text: console.print(text, highlight=False))
    try:
        settings = installation.start_stores()
        migrate(_url(settings))
        folder = _model_folder(settings)
        sessions = create_sessions(create_engine_from(_url(settings)))
        _register(sessions, settings, folder)
        installation.start_parts(folder)
        console.print(f"Redraft runs at [bold]{installation.url}[/bold] (data in {settings.data_dir.resolve()})")
        yield installation, sessions
    except KeyboardInterrupt:
        console.print("\nStopping; nothing is lost.")
    finally:
        installation.stop()


def _as_interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _wait_for_the_end() -> None:
    while True:
        time.sleep(3600)


def _url(settings: Settings) -> str:
    if settings.database_url is None:
        raise EmbeddedError("No database: start `redraft up` first, or set REDRAFT_DATABASE_URL.")
    return settings.database_url.get_secret_value()


def _model_folder(settings: Settings) -> Path:
    folder = settings.models_dir / settings.base_model
    if not (folder / "config.json").is_file():
        if settings.base_model != Settings.model_fields["base_model"].default:
            raise EmbeddedError(f"There is no base model '{settings.base_model}'; `redraft models add` registers one.")
        _base_model_tool(settings)
    return folder


def _base_model_tool(settings: Settings, *options: str) -> None:
    command = [sys.executable, "-m", "worker.base_model", "--models-dir", str(settings.models_dir), *options]
    cache = os.environ.get("REDRAFT_MODEL_CACHE")
    if cache and not options:
        command += ["--cache", cache]
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603
        raise EmbeddedError("The base model could not be prepared; the lines above say why.")


def _register(sessions: Sessions, settings: Settings, folder: Path) -> None:
    with transaction(sessions) as session:
        checkpoints.ensure_base(
            session, name=settings.base_model, path=str(folder), sha256=checkpoints.weights_hash(folder)
        )
        password = users.ensure_owner(session, email=OWNER_EMAIL)
    if password is not None:
        console.print(f"First start. Owner: {OWNER_EMAIL}  one-time password: {password}", highlight=False)


def _sessions() -> Sessions:
    """Sessions on the running installation's database, or on the one named by REDRAFT_DATABASE_URL."""
    settings = Settings()
    described = description_file(settings)
    if settings.database_url is None and described.is_file():
        url = json.loads(described.read_text())["REDRAFT_DATABASE_URL"]
    else:
        url = _url(settings)
    return create_sessions(create_engine_from(url))


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database named by REDRAFT_DATABASE_URL to the newest schema."""
    migrate(_url(Settings()))
    console.print("The database has the newest schema.")


@cli.command()
def doctor() -> None:
    """Check what this machine offers and say what to do about what is missing."""
    settings = Settings()
    data = settings.data_dir.resolve()
    nearest = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free / 2**30
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = settings.models_dir / settings.base_model
    findings = [
        ("Python", sys.version_info >= (3, 11), f"{sys.version.split()[0]} (3.11 or newer)"),
        ("Disk", free > 4, f"{free:.0f} GB free at {nearest} (4 GB or more)"),
        ("Memory", memory > 4, f"{memory:.0f} GB (4 GB or more)"),
        ("Database", True, "given by REDRAFT_DATABASE_URL" if settings.database_url else "embedded PostgreSQL"),
        ("Redis", True, "given by REDRAFT_REDIS_URL" if settings.redis_url else "embedded Valkey"),
        ("Engine", True, f"vLLM at {settings.engine_url}" if settings.engine_url else "the bundled local engine"),
        ("Base model", True, f"{settings.base_model}, {'prepared' if model.exists() else 'made at the first start'}"),
        ("Running", True, "yes" if description_file(settings).is_file() else "no; `redraft up` starts it"),
    ]
    for name, good, detail in findings:
        console.print(f"{'ok  ' if good else 'LOOK'} {name:<11} {detail}", highlight=False)
    if not all(good for _, good, _ in findings):
        raise typer.Exit(1)


@user_commands.command("add")
def add_user(
    email: str, name: Annotated[str, typer.Option()] = "", project: Annotated[str, typer.Option()] = "",
    role: Annotated[Role, typer.Option()] = Role.annotator,
) -> None:  # fmt: skip
    """Add a person with a one-time password, and to a project if one is named."""
    password = new_password()
    with transaction(_sessions()) as session:
        person = users.create(session, email=email, name=name or email, password=password, one_time=True)
        if project:
            found = _project(session.scalar(select(Project).where(Project.slug == project)), project)
            session.add(Membership(project_id=found.id, user_id=person.id, role=role))
    console.print(f"{email}  one-time password: {password}", highlight=False)


@user_commands.command("reset")
def reset_user(email: str) -> None:
    """Give a person a new one-time password, as when they forgot theirs."""
    with transaction(_sessions()) as session:
        person = session.scalar(select(User).where(User.email == users.normal_email(email)))
        if person is None:
            raise EmbeddedError(f"There is nobody with the address {email}.")
        password = users.reset_password(session, user=person)
    console.print(f"{email}  one-time password: {password}", highlight=False)


@model_commands.command("add")
def add_model(name: str, source: str) -> None:
    """Register a base model: a local folder or a Hugging Face model id, safetensors only."""
    _base_model_tool(Settings(), "--add", name, source)
    console.print(f"Start with REDRAFT_BASE_MODEL={name} to serve and train it.", highlight=False)


@model_commands.command("prepare")
def prepare_model() -> None:
    """Download and convert the default base model now."""
    _base_model_tool(Settings())


@import_commands.command("prompts")
def import_prompts(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    project: Annotated[str, typer.Option(help="The project's short name.")],
    *,
    keep_good: Annotated[bool, typer.Option(help="Import the good lines even if some are bad.")] = False,
) -> None:
    """Import prompts from JSON lines."""
    with transaction(_sessions()) as session:
        found = _project(session.scalar(select(Project).where(Project.slug == project)), project)
        try:
            result = prompts.import_lines(
                session, project_id=found.id, lines=file.read_text().splitlines(), keep_good=keep_good
            )
        except DomainError as error:
            _print_lines(error.details.get("errors", []))
            raise
    _print_lines([vars(error) for error in result.errors])
    console.print(f"{result.imported} imported, {result.duplicates} there already, {len(result.errors)} refused")


def _print_lines(errors: object) -> None:
    for error in errors if isinstance(errors, list) else []:
        console.print(f"line {error['line']}: {error['reason']}", highlight=False, markup=False)


def _project(found: Project | None, slug: str) -> Project:
    if found is None:
        raise EmbeddedError(f"There is no project '{slug}'.")
    return found


if __name__ == "__main__":
    main()
