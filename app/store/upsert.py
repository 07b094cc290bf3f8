"""INSERT … ON CONFLICT DO NOTHING, spelt for the database in use.

The unique constraint is the judge: the row count tells who was first, in one statement, however
many ask at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Key = TypeVar("Key")

ROWS_AT_ONCE = 1000


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert one row; False where a unique key was there already (and nothing was changed)."""
    done = await connection.execute(_statement(connection, table), dict(row))
    return done.rowcount == 1


async def insert_new_rows(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], key: Column[Key]
) -> set[Key]:
    """Insert rows by one statement, in their order; gives the keys of those that were new."""
    statement = _statement(connection, table).returning(key)
    return set((await connection.execute(statement, rows)).scalars())


async def insert_all_new(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> int:
    """Insert the rows whose unique keys are new; gives how many those were."""
    statement, inserted = _statement(connection, table), 0
    for start in range(0, len(rows), ROWS_AT_ONCE):
        portion = [dict(row) for row in rows[start : start + ROWS_AT_ONCE]]
        inserted += (await connection.execute(statement, portion)).rowcount
    return inserted


def _statement(connection: AsyncConnection, table: Table) -> Insert:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement: Insert = dialect.insert(table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)
