"""Prepared figures and releases: add and read; nothing here changes or removes a row."""

import dataclasses
import datetime

from sqlalchemy import ColumnElement, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.upsert import insert_new
from app.tables import prepared_figures, releases


@dataclasses.dataclass(frozen=True, slots=True)
class PreparedRecord:
    """Figures that may be published; `after_sequence` is how many releases there were before."""

    id: int
    wave_id: int
    first_day: datetime.date
    last_day: datetime.date
    after_sequence: int
    digest: bytes
    figures: bytes
    prepared_by: str
    prepared_at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """A published release; `payload` is what `jws` signs, `digest` its SHA-256."""

    wave_id: int
    sequence: int
    state: str
    prepared_id: int
    digest: bytes
    payload: bytes
    jws: str
    published_by: str
    published_at: datetime.datetime


async def insert_prepared(connection: AsyncConnection, record: PreparedRecord) -> int:
    """Store prepared figures and give their number (that of the record is not used)."""
    row = dataclasses.asdict(record)
    del row["id"]
    number = await connection.execute(
        insert(prepared_figures).values(row).returning(prepared_figures.c.id)
    )
    return int(number.scalar_one())


async def find_prepared(
    connection: AsyncConnection, wave_id: int, number: int
) -> PreparedRecord | None:
    """Find prepared figures of a wave."""
    found = await connection.execute(
        select(prepared_figures).where(
            prepared_figures.c.wave_id == wave_id, prepared_figures.c.id == number
        )
    )
    row = found.first()
    return None if row is None else PreparedRecord(**row._mapping)


async def newest_prepared(connection: AsyncConnection, wave_id: int) -> PreparedRecord | None:
    """Give what was prepared last for a wave."""
    found = await connection.execute(
        select(prepared_figures)
        .where(prepared_figures.c.wave_id == wave_id)
        .order_by(prepared_figures.c.id.desc())
        .limit(1)
    )
    row = found.first()
    return None if row is None else PreparedRecord(**row._mapping)


async def list_preparers(connection: AsyncConnection, wave_id: int) -> set[str]:
    """Name those who have prepared figures of a wave."""
    found = await connection.execute(
        select(prepared_figures.c.prepared_by).where(prepared_figures.c.wave_id == wave_id)
    )
    return set(found.scalars())


async def insert_release(connection: AsyncConnection, record: ReleaseRecord) -> bool:
    """Publish a release; False where its place in the chain, or its figures, are taken."""
    return await insert_new(connection, releases, dataclasses.asdict(record))


async def list_releases(connection: AsyncConnection, wave_id: int) -> list[ReleaseRecord]:
    """List the releases of a wave in their order."""
    return await _list(connection, releases.c.wave_id == wave_id)


async def newest_sequence(connection: AsyncConnection, wave_id: int) -> int:
    """Count the releases of a wave, which is the sequence of the newest; 0 before the first."""
    query = select(func.coalesce(func.max(releases.c.sequence), 0))
    found = await connection.execute(query.where(releases.c.wave_id == wave_id))
    return int(found.scalar_one())


async def find_release(
    connection: AsyncConnection, wave_id: int, sequence: int
) -> ReleaseRecord | None:
    """Find a release by its place in its wave's chain."""
    found = await _list(connection, releases.c.wave_id == wave_id, releases.c.sequence == sequence)
    return found[0] if found else None


async def list_all_releases(connection: AsyncConnection) -> list[ReleaseRecord]:
    """List all releases, wave by wave, those of a wave in their order."""
    return await _list(connection)


async def _list(
    connection: AsyncConnection, *conditions: ColumnElement[bool]
) -> list[ReleaseRecord]:
    found = await connection.execute(
        select(releases).where(*conditions).order_by(releases.c.wave_id, releases.c.sequence)
    )
    return [ReleaseRecord(**row._mapping) for row in found]
