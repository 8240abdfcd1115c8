"""``redraft``: the command line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import demo as demo_driver
from backend.commands import exchanging
from backend.commands.doctor import examine
from backend.commands.starting import (
    base_model_tool,
    connected,
    console,
    database_url,
    running,
    set_up,
    wait_for_the_end,
)
from backend.database import migrate, transaction
from backend.domain import prompts, users
from backend.domain.exchange import ExportFormat, ExportShape, ImportContent, ImportFormat
from backend.embedded.processes import EmbeddedError
from backend.errors import DomainError
from backend.models import AuthorKind, CritiqueState, Job, Membership, Project, Role, Split, User, WorkState
from backend.security import new_password
from backend.settings import Settings

cli = typer.Typer(help="Redraft turns written critiques into a better language model.", no_args_is_help=True)
user_commands = typer.Typer(help="People of the installation.", no_args_is_help=True)
model_commands = typer.Typer(help="Base models.", no_args_is_help=True)
import_commands = typer.Typer(help="Imports.", no_args_is_help=True)
cli.add_typer(user_commands, name="user")
cli.add_typer(model_commands, name="models")
cli.add_typer(import_commands, name="import")


def main() -> None:
    """Run a command; a refusal is one sentence, not a traceback."""
    try:
        cli()
    except (DomainError, EmbeddedError, demo_driver.DemoError) as error:
        _refuse(str(error))
    except ValidationError as error:
        _refuse("\n".join(f"{problem['msg']} {_setting(problem['loc'])}" for problem in error.errors()))


def _refuse(text: str) -> NoReturn:
    console.print(text, style="red", highlight=False, markup=False)
    sys.exit(1)


def _setting(location: tuple[int | str, ...]) -> str:
    return f"(REDRAFT_{str(location[0]).upper()})" if location else ""


@cli.command()
def up() -> None:
    """Start the installation: stores and engine that were not given by URL, web server, workers. Ctrl-C ends it."""
    with running():
        wait_for_the_end()


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
            wait_for_the_end()


@contextmanager
def _transaction() -> Iterator[Session]:
    """A transaction on the database named by REDRAFT_DATABASE_URL, or on the running installation's."""
    with connected(database_url(Settings())) as sessions, transaction(sessions) as session:
        yield session


@cli.command()
def setup() -> None:
    """Prepare what is named by REDRAFT_DATABASE_URL and REDRAFT_DATA_DIR: schema, base model, first owner."""
    set_up(Settings())
    console.print("The installation is set up.")


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database named by REDRAFT_DATABASE_URL to the newest schema."""
    migrate(database_url(Settings()))
    console.print("The database has the newest schema.")


@cli.command()
def doctor() -> None:
    """Check what this machine offers and say what to do about what is missing."""
    findings = list(examine(Settings()))
    for found in findings:
        console.print(
            f"{'LOOK' if found.cure else 'ok  '} {found.name:<11} {found.detail}", highlight=False, markup=False
        )
        if found.cure:
            console.print(f"                 {found.cure}", highlight=False, markup=False)
    if any(found.cure for found in findings):
        raise typer.Exit(1)


@user_commands.command("add")
def add_user(
    email: str, name: Annotated[str, typer.Option()] = "", project: Annotated[str, typer.Option()] = "",
    role: Annotated[Role, typer.Option()] = Role.annotator,
) -> None:  # fmt: skip
    """Add a person with a one-time password, and to a project if one is named."""
    password = new_password()
    with _transaction() as session:
        person = users.create(session, email=email, name=name or email, password=password, one_time=True)
        if project:
            found = _project(session.scalar(select(Project).where(Project.slug == project)), project)
            session.add(Membership(project_id=found.id, user_id=person.id, role=role))
    console.print(f"{email}  one-time password: {password}", highlight=False)


@user_commands.command("reset")
def reset_user(email: str) -> None:
    """Give a person a new one-time password, as when they forgot theirs."""
    with _transaction() as session:
        person = session.scalar(select(User).where(User.email == users.normal_email(email)))
        if person is None:
            raise EmbeddedError(f"There is nobody with the address {email}.")
        password = users.reset_password(session, user=person)
    console.print(f"{email}  one-time password: {password}", highlight=False)


@model_commands.command("add")
def add_model(name: str, source: str) -> None:
    """Register a base model: a local folder or a Hugging Face model id, safetensors only."""
    base_model_tool(Settings(), "--add", name, source)
    console.print(f"Start with REDRAFT_BASE_MODEL={name} to serve and train it.", highlight=False)


@model_commands.command("prepare")
def prepare_model() -> None:
    """Download and convert the default base model now."""
    base_model_tool(Settings())


@import_commands.command("prompts")
def import_prompts(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    project: Annotated[str, typer.Option(help="The project's short name.")],
    *,
    keep_good: Annotated[bool, typer.Option(help="Import the good lines even if some are bad.")] = False,
) -> None:
    """Import prompts from JSON lines."""
    with _transaction() as session:
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


@import_commands.command("lineage")
def import_lineage(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    project: Annotated[str, typer.Option(help="The short name of an empty project.")],
) -> None:
    """Import the lineage of another project into an empty one."""
    _imported(exchanging.import_from(file, project=project, fields={"content": ImportContent.lineage}))


@import_commands.command("file")
def import_large_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    project: Annotated[str, typer.Option(help="The project's short name.")],
    file_format: Annotated[ImportFormat, typer.Option("--format")] = ImportFormat.jsonl,
    *,
    keep_good: Annotated[bool, typer.Option(help="Import the good lines even if some are bad.")] = False,
) -> None:
    """Import a large file of prompts as a job: JSON lines, CSV or Parquet."""
    fields = {"content": ImportContent.prompts, "format": file_format, "keep_good": keep_good}
    _imported(exchanging.import_from(file, project=project, fields=fields))


def _imported(job: Job) -> None:
    _print_lines(job.result.get("errors", []))
    if job.state != WorkState.succeeded:
        raise EmbeddedError(job.error or f"The import is {job.state}.")
    known, refused = job.result.get("duplicates", 0), job.result.get("refused", 0)
    console.print(f"{job.result.get('records', 0)} imported, {known} there already, {refused} refused")


@cli.command("export")
def export(
    shape: ExportShape,
    project: Annotated[str, typer.Option(help="The project's short name.")],
    output: Annotated[Path, typer.Option(help="The file to write.", dir_okay=False)],
    file_format: Annotated[ExportFormat, typer.Option("--format")] = ExportFormat.jsonl,
    split: Annotated[Split | None, typer.Option()] = None,
    author_kind: Annotated[AuthorKind | None, typer.Option()] = None,
    state: Annotated[CritiqueState, typer.Option()] = CritiqueState.submitted,
    accepted: Annotated[bool, typer.Option(help="Only what a reviewer accepted or corrected.")] = False,
    since: Annotated[str | None, typer.Option(help="A moment, such as 2026-11-24T00:00:00Z.")] = None,
) -> None:
    """Export critiques in a shape that trainers read, or a project's whole lineage."""
    fields: dict[str, object] = {
        "shape": shape, "format": file_format, "split": split, "author_kind": author_kind, "state": state,
        "reviewed": "accepted" if accepted else "any", "since": since,
    }  # fmt: skip
    job = exchanging.export_to(output, project=project, fields=fields)
    console.print(f"{job.result['rows']} rows in {output}  sha256 {job.result['sha256']}", highlight=False)


def _print_lines(errors: object) -> None:
    for error in errors if isinstance(errors, list) else []:
        console.print(f"line {error['line']}: {error['reason']}", highlight=False, markup=False)


def _project(found: Project | None, slug: str) -> Project:
    if found is None:
        raise EmbeddedError(f"There is no project '{slug}'.")
    return found


if __name__ == "__main__":
    main()
