"""Fill a table fast, past the application, on either database; then put its counters right."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg

from app.services.resources import Resources
from app.store.counts import COUNTED, add, differences

Row = tuple[Any, ...]


def fill(url: str, table: str, columns: str, rows: Iterator[Row]) -> None:
    """Insert rows in one transaction; PostgreSQL then looks at what is there."""
    if url.startswith("sqlite"):
        marks = ", ".join("?" for _ in columns.split(","))
        command = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.executemany(command, rows)
        connection.close()
        return
    with psycopg.connect(url, autocommit=True) as server, server.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"VACUUM ANALYZE {table}".encode())


async def count(resources: Resources, wave_id: int) -> None:
    """Let the counters of a wave say what its tables hold."""
    counters = {table.name: counter for counter, table in COUNTED.items()}
    async with resources.database.writing() as connection:
        for one in await differences(connection, wave_id):
            missing = {one.key: one.found - one.counted}
            await add(connection, counters[one.rows], wave_id, missing)
