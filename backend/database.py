"""Connections, transactions and migrations. Transactions end here, at the edges, never below."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import alembic.command
import alembic.config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

Sessions = sessionmaker[Session]


def create_engine_from(url: str) -> Engine:
    """A pooled engine for ``postgresql+psycopg://...``; dead connections are noticed before use."""
    return create_engine(url, pool_pre_ping=True, pool_size=20, max_overflow=20)


def create_sessions(engine: Engine) -> Sessions:
    """The factory of sessions; rows stay readable after their commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(sessions: Sessions) -> Iterator[Session]:
    """One unit of work: committed at the end, rolled back on any error."""
    with sessions.begin() as session:
        yield session


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the schema of ``database_url`` to ``revision``."""
    alembic.command.upgrade(alembic_config(database_url), revision)


def newest_revision() -> str | None:
    """The name of the newest schema that this version of the product knows."""
    return ScriptDirectory.from_config(alembic_config("")).get_current_head()


def alembic_config(database_url: str) -> alembic.config.Config:
    """Alembic's configuration, made in code so that it works from any folder."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations"))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    return config
