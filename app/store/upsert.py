"""INSERT … ON CONFLICT DO NOTHING, spelt for the database in use.

The unique constraint is the judge: the row count tells who was first, in one statement, however
many ask at once.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert one row; False where a unique key was there already (and nothing was changed)."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).on_conflict_do_nothing()
    counted = statement.execution_options(preserve_rowcount=True)
    done = await connection.execute(counted, dict(row))
    return done.rowcount == 1
