"""A full dump as an attacker holds it: every row's key, and whatever storage shows beside it.

PostgreSQL has hidden columns (`xmin`, `xmax`, `cmin`, `cmax`, `ctid`) and an order in which a plain
scan finds the rows. SQLite has row numbers, where a table keeps them, and the file: in which page a
row lies, and where in the page.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import text

from app.errors.operations import StorageUnavailable
from app.store.database import Database

PAGE_BYTES = 4096
HIDDEN = ("xmin", "xmax", "cmin", "cmax", "ctid")

Mark = tuple[float, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Trace:
    """One row: its key, and marks by name that may tell when it came (smaller is earlier)."""

    key: bytes
    marks: Mapping[str, Mark]


@dataclasses.dataclass(frozen=True, slots=True)
class Dump:
    """Both sides of one wave."""

    persons: list[Trace]
    responses: list[Trace]

    def marks(self) -> list[str]:
        """Name the marks that rows have."""
        return list(self.persons[0].marks)


async def dump_wave(database: Database, wave_id: int) -> Dump:
    """Take the dump of a wave."""
    traces = _sqlite_traces if database.is_sqlite else _postgresql_traces
    return Dump(
        await traces(database, wave_id, "roll", "person_key"),
        await traces(database, wave_id, "responses", "response_id"),
    )


async def _postgresql_traces(database: Database, wave_id: int, table: str, key: str) -> list[Trace]:
    hidden = ", ".join(f"{name}::text as {name}" for name in HIDDEN)
    query = f"SELECT {key} AS key, {hidden} FROM {table} WHERE wave_id = :wave"  # noqa: S608 – names of ours
    async with database.reading() as connection:
        await connection.execute(text("SET LOCAL enable_indexscan = off"))
        await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        rows = (await connection.execute(text(query), {"wave": wave_id})).mappings().all()
    return [
        Trace(bytes(row["key"]), {"scan": (n,)} | {name: _number(row[name]) for name in HIDDEN})
        for n, row in enumerate(rows)
    ]


def _number(text: str) -> Mark:
    return tuple(int(part) for part in text.strip("()").split(","))


async def _sqlite_traces(database: Database, wave_id: int, table: str, key: str) -> list[Trace]:
    query = f"SELECT {key} FROM {table} WHERE wave_id = :wave"  # noqa: S608 – names of ours
    async with database.reading() as connection:
        keys = (await connection.execute(text(query), {"wave": wave_id})).scalars().all()
    numbers = await _row_numbers(database, table, key)
    places = places_in_file(database, [bytes(one) for one in keys])
    return [
        Trace(
            one,
            {"place": (place,), "page and place": (place // PAGE_BYTES, -place)}
            | numbers.get(one, {}),
        )
        for one, place in places.items()
    ]


async def _row_numbers(database: Database, table: str, key: str) -> dict[bytes, dict[str, Mark]]:
    """Ask for SQLite's own row numbers; a table WITHOUT ROWID has none."""
    query = f"SELECT {key}, rowid FROM {table}"  # noqa: S608 – names of ours
    try:
        async with database.reading() as connection:
            rows = (await connection.execute(text(query))).all()
    except StorageUnavailable:
        return {}
    return {bytes(found): {"rowid": (number,)} for found, number in rows}


def places_in_file(database: Database, keys: Sequence[bytes]) -> dict[bytes, int]:
    """Find where in the file each key stands."""
    file = Path(str(database.engine.url.database)).read_bytes()
    return {key: file.index(key) for key in keys}
