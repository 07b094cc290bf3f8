"""Alembic's entry: one connection, one transaction, a lock timeout, batch mode for SQLite."""

from alembic import context
from sqlalchemy import Engine, event

from app.settings import Settings
from app.store.database import sync_engine, sync_url
from app.tables import metadata


def run() -> None:
    """Run the migrations in one transaction: all of them or none."""
    url = context.config.attributes.get("url") or sync_url(Settings().database_url)
    engine = sync_engine(url)
    if engine.dialect.name == "sqlite":
        _begin_before_the_schema_changes(engine)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # Of servers that start at once on an empty database, one makes the schema.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261122)")
                # A migration must fail rather than make citizens wait behind its lock.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            context.run_migrations()
    engine.dispose()


def _begin_before_the_schema_changes(engine: Engine) -> None:
    """Keep Python's driver from opening transactions: it opens none before CREATE or ALTER."""

    @event.listens_for(engine, "connect")
    def _(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _(connection) -> None:  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("BEGIN IMMEDIATE")


run()
