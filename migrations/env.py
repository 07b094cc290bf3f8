"""Alembic's entry: one connection, a lock timeout, batch mode for SQLite."""

from alembic import context

from app.settings import Settings
from app.store.database import sync_engine, sync_url
from app.tables import metadata


def run() -> None:
    """Run the migrations in one transaction."""
    url = context.config.attributes.get("url") or sync_url(Settings().database_url)
    engine = sync_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # A migration must fail rather than make citizens wait behind its lock.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            context.run_migrations()
    engine.dispose()


run()
