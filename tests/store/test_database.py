import asyncio
import sqlite3

import pytest
from sqlalchemy import text

from app.errors.operations import StorageUnavailable
from app.store.database import SAFE_WAL, Database


async def test_sqlite_commits_are_on_disk_before_they_return(tmp_path) -> None:  # type: ignore[no-untyped-def]
    database = Database(f"sqlite:///{tmp_path}/a.db")
    async with database.reading() as connection:
        journal = (await connection.execute(text("PRAGMA journal_mode"))).scalar_one()
        synchronous = (await connection.execute(text("PRAGMA synchronous"))).scalar_one()
    await database.dispose()
    safe = sqlite3.sqlite_version_info >= SAFE_WAL
    assert (journal, synchronous) == (("wal", 2) if safe else ("truncate", 3))


async def test_postgresql_commits_are_on_disk_before_they_return(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    async with database.reading() as connection:
        setting = (await connection.execute(text("SHOW synchronous_commit"))).scalar_one()
    await database.dispose()
    assert setting == "on"


async def test_no_update_is_lost_between_reading_and_writing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The driver's own way loses nearly all of them, silently."""
    database = Database(f"sqlite:///{tmp_path}/a.db")
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE t (n INTEGER)"))
        await connection.execute(text("INSERT INTO t VALUES (0)"))

    async def count_up(times: int) -> None:
        for _ in range(times):
            async with database.writing() as connection:
                n = (await connection.execute(text("SELECT n FROM t"))).scalar_one()
                await connection.execute(text("UPDATE t SET n = :n"), {"n": n + 1})

    await asyncio.gather(*(count_up(10) for _ in range(5)))
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT n FROM t"))).scalar_one() == 50
    await database.dispose()


async def test_a_database_that_is_away_is_one_error_without_data() -> None:
    database = Database("postgresql://nobody@127.0.0.1:9/nothing")
    with pytest.raises(StorageUnavailable) as refused:
        async with database.reading() as connection:
            await connection.execute(text("SELECT 'secret'"))
    await database.dispose()
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
