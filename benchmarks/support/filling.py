"""Fill a table fast, past the application, on either database; then put its counters right."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg

from app.services.resources import Resources
from app.store.counts import COUNTED, add, read, recount

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
    for counter in COUNTED:
        async with resources.database.writing() as connection:
            missing = Counter(await recount(connection, counter, wave_id))
            missing.subtract(await read(connection, counter, wave_id))
            await add(connection, counter, wave_id, missing)
