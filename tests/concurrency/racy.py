"""Look first, insert after: how it would be without unique keys, to show that a test can fail."""

from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import pytest
from sqlalchemy import Column, Table, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import responses, roll
from app.store.database import Database


async def check_then_insert(
    connection: AsyncConnection, table: Table, row: Mapping[str, Any]
) -> bool:
    """Stand in for `insert_new`: right as long as nobody else comes at the same time."""
    same = [column == row[column.name] for column in table.primary_key]
    if (await connection.execute(select(table).where(*same))).first() is not None:
        return False
    await anyio.sleep(0.2)
    await connection.execute(insert(table), dict(row))
    return True


async def check_then_insert_rows(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], key: Column[bytes]
) -> set[bytes]:
    """Stand in for `insert_new_rows`."""
    return {row[key.name] for row in rows if await check_then_insert(connection, table, row)}


async def without_unique_keys(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the keys that judge from a PostgreSQL, and look first instead."""
    async with database.writing() as connection:
        for table in ("responses", "roll"):
            await connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}"))
    monkeypatch.setattr(responses, "insert_new_rows", check_then_insert_rows)
    monkeypatch.setattr(roll, "insert_new", check_then_insert)
