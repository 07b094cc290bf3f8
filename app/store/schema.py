"""The schema's version: bring a database up to date, or say that it is not."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from app.errors.operations import SchemaOutOfDate, StorageUnavailable
from app.settings import ROOT
from app.store.database import make_folder, sync_engine, sync_url


def alembic_config(url: str) -> Config:
    """Configure Alembic for one database."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = sync_url(url)
    return config


def upgrade(url: str) -> None:
    """Bring the schema to the newest version."""
    make_folder(sync_url(url))
    command.upgrade(alembic_config(url), "head")


def _found_heads(url: str) -> set[str]:
    target = sync_url(url)
    make_folder(target)
    engine = sync_engine(target)
    try:
        with engine.connect() as connection:
            return set(MigrationContext.configure(connection).get_current_heads())
    except OperationalError:
        raise StorageUnavailable("The database of MINYI_DATABASE_URL does not answer") from None
    finally:
        engine.dispose()


def is_empty(url: str) -> bool:
    """Say whether the database has never had a schema of ours."""
    return not _found_heads(url)


def require_current(url: str) -> None:
    """Raise SchemaOutOfDate unless the schema is the one this program was written for."""
    if _found_heads(url) != set(ScriptDirectory.from_config(alembic_config(url)).get_heads()):
        raise SchemaOutOfDate
