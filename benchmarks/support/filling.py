"""Fill a table fast, past the application, on either database."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg

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
