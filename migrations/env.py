"""How Alembic connects: one transaction, one migrator at a time, and no waiting for locks of a live system."""

from alembic import context
from sqlalchemy import create_engine, text

from backend.models import Base

MIGRATION_LOCK = 7_300_001


def run() -> None:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "")
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.configure(connection=connection, target_metadata=Base.metadata)
        context.run_migrations()
    engine.dispose()


run()
