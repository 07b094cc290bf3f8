"""The schema's version: bring a database up to date, or say that it is not."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from app.errors import SchemaOutOfDate
from app.settings import ROOT
from app.store.database import sync_url


def alembic_config(url: str) -> Config:
    """Configure Alembic for one database."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = sync_url(url)
    return config


def upgrade(url: str) -> None:
    """Bring the schema to the newest version."""
    command.upgrade(alembic_config(url), "head")


def require_current(url: str) -> None:
    """Raise SchemaOutOfDate unless the schema is the one this program was written for."""
    engine = create_engine(sync_url(url), poolclass=pool.NullPool, hide_parameters=True)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_heads()
    finally:
        engine.dispose()
    wanted = ScriptDirectory.from_config(alembic_config(url)).get_heads()
    if set(found) != set(wanted):
        raise SchemaOutOfDate
