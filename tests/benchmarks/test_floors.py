"""A floor is one only if it stores what it acknowledges: on disk, all of it, and counts it."""

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from benchmarks import floors
from benchmarks.floors import GroupCommit, PostgresWriter, SqliteWriter

ROWS = 2 * floors.MOST_ROWS + 7


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with the floors' tables."""
    found = f"sqlite:///{tmp_path}/floor.db"
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("make_postgresql")
        migrated = make_url(make())
        found = migrated.render_as_string(hide_password=False)
        with psycopg.connect(found, autocommit=True) as server:
            server.execute("DROP SCHEMA public CASCADE")
            server.execute("CREATE SCHEMA public")
    floors.prepare(found)
    return found


async def opened(url: str, monkeypatch: pytest.MonkeyPatch) -> GroupCommit:
    monkeypatch.setenv("FLOOR_DATABASE", url)
    return await floors.open_group(counts=True)


async def test_what_is_acknowledged_is_stored_and_counted(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = await opened(url, monkeypatch)
    await asyncio.gather(*(group.store((secrets.token_bytes(16), "{}")) for _ in range(ROWS)))
    assert floors.stored(url) == (ROWS, ROWS)
    await close(group)


async def test_what_cannot_be_stored_is_not_acknowledged(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = await opened(url, monkeypatch)
    await group.store((b"once", "{}"))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await group.store((b"once", "{}"))
    assert floors.stored(url) == (1, 1)
    await close(group)


async def close(group: GroupCommit) -> None:
    group.task.cancel()
    match group.writer:
        case PostgresWriter(connection=connection):
            await connection.close()
        case SqliteWriter():
            group.writer.close()
