"""Migrations: they make what the models say, and can be taken back."""

import alembic.command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from backend.database import alembic_config
from backend.models import Base


def test_the_migrated_schema_is_what_the_models_say(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_every_migration_goes_up_down_and_up_again(empty_database_url: str) -> None:
    config = alembic_config(empty_database_url)
    alembic.command.upgrade(config, "head")
    alembic.command.downgrade(config, "base")
    engine = create_engine(empty_database_url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    alembic.command.upgrade(config, "head")
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    engine.dispose()
