"""INSERT … ON CONFLICT DO NOTHING, spelt for the database in use.

The unique constraint is the judge: the row count tells who was first, in one statement, however
many ask at once.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Executable, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Key = TypeVar("Key")

ROWS_AT_ONCE = 1000


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert one row; False where a unique key was there already (and nothing was changed)."""
    done = await connection.execute(_new(connection.dialect.name, table), dict(row))
    return done.rowcount == 1


async def insert_new_rows(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]], key: Column[Key]
) -> set[Key]:
    """Insert rows by one statement, in their order; gives the keys of those that were new."""
    statement = _new_rows(connection.dialect.name, table, key)
    return set((await connection.execute(statement, rows)).scalars())


async def insert_all_new(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> int:
    """Insert the rows whose unique keys are new; gives how many those were."""
    statement, inserted = _new(connection.dialect.name, table), 0
    for start in range(0, len(rows), ROWS_AT_ONCE):
        portion = [dict(row) for row in rows[start : start + ROWS_AT_ONCE]]
        inserted += (await connection.execute(statement, portion)).rowcount
    return inserted


def insert_of(dialect: str) -> Callable[[Table], Any]:
    """Give the INSERT of a dialect, which knows ON CONFLICT."""
    return sqlite.insert if dialect == "sqlite" else postgresql.insert


@functools.cache
def _new(dialect: str, table: Table) -> Insert:
    statement: Insert = insert_of(dialect)(table).on_conflict_do_nothing()
    return statement.execution_options(preserve_rowcount=True)


@functools.cache
def _new_rows(dialect: str, table: Table, key: Column[Any]) -> Executable:
    return _new(dialect, table).returning(key)
