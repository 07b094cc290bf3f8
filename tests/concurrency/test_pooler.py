"""PgBouncer gives every transaction another connection: nothing may be left in one."""

from collections.abc import AsyncIterator

import anyio
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from app.services.resources import Resources
from app.settings import Settings
from app.store.database import Database, sync_url
from app.store.schema import is_empty, require_current, upgrade
from app.store.waves import list_waves

pytestmark = [pytest.mark.everywhere, pytest.mark.places("pgbouncer")]

OURS = (
    "application_name",
    "client_encoding",
    "DateStyle",
    "TimeZone",
    "standard_conforming_strings",
)
"""What PgBouncer itself keeps right on each connection."""


async def many_transactions(database: Database) -> None:
    """The same statements by many at once, each often enough to be prepared."""

    async def one() -> None:
        for _ in range(12):
            async with database.reading() as connection:
                await list_waves(connection)

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(one)


async def test_nothing_is_prepared_where_the_setting_says_pooler(resources: Resources) -> None:
    await many_transactions(resources.database)


@pytest.fixture
async def unaware(settings: Settings) -> AsyncIterator[Database]:
    """The same database by a process that does not know of the pooler."""
    database = Database(settings.database_url)
    yield database
    await database.dispose()


async def test_without_the_setting_statements_go_missing(unaware: Database) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await many_transactions(unaware)
    first = caught.value.exceptions[0]
    assert isinstance(first, ProgrammingError)
    assert "prepared statement" in str(first.orig)


async def test_a_snapshot_sees_one_state_and_leaves_no_level_behind(resources: Resources) -> None:
    level, count = text("SHOW transaction_isolation"), text("SELECT count(*) FROM waves")
    inserts = (
        "INSERT INTO definitions VALUES ('h', 'c', '{}', '2026-11-01')",
        "INSERT INTO waves (code, definition_hash, state, created_at) "
        "VALUES ('w', 'h', 'draft', '2026-11-01')",
    )
    async with resources.database.snapshot() as snapshot:
        assert await snapshot.scalar(level) == "repeatable read"
        before = await snapshot.scalar(count)
        async with resources.database.writing() as connection:
            assert await connection.scalar(level) == "read committed"
            for statement in inserts:
                await connection.execute(text(statement))
        assert await snapshot.scalar(count) == before
    async with resources.database.reading() as connection:
        assert await connection.scalar(level) == "read committed"
        assert await connection.scalar(count) == before + 1


async def test_no_session_is_changed(resources: Resources, settings: Settings) -> None:
    """Commits wait for the disk on every connection, and no setting of ours stays behind."""
    upgrade(settings.database_url)
    await resources.database.vacuum("waves")
    changed = text(
        "SELECT name FROM pg_settings WHERE source = 'session' AND name NOT LIKE 'transaction%'"
    )
    for _ in range(20):
        async with resources.database.writing() as connection:
            assert await connection.scalar(text("SHOW synchronous_commit")) == "on"
            assert set((await connection.scalars(changed)).all()) <= set(OURS)


async def test_an_empty_database_gets_its_schema(resources: Resources, settings: Settings) -> None:
    url = sync_url(settings.database_url)
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"{url.database}_empty"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    empty = url.set(database=name).render_as_string(hide_password=False)
    assert is_empty(empty)
    upgrade(empty)
    require_current(empty)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()
