"""Entries and adjudications: only ever added."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.entries import Entry
from app.tables import adjudications, entries, forms

ROWS_AT_ONCE = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class EntryRecord:
    """One keying of one form. `seconds` is 0 where nobody measured."""

    number: int
    ordinal: int
    by: str
    at: datetime.datetime
    seconds: float
    source: str
    marks: dict[str, str]

    @property
    def entry(self) -> Entry:
        """What rules look at."""
        return Entry(self.ordinal, self.by, self.marks)


@dataclasses.dataclass(frozen=True, slots=True)
class AdjudicationRecord:
    """A third person's decision on one form."""

    number: int
    by: str
    at: datetime.datetime
    reason: str
    decisions: dict[str, str]


async def insert_entries(
    connection: AsyncConnection, wave_id: int, records: Sequence[EntryRecord]
) -> None:
    """Store entries of forms that are held."""
    rows = [
        {
            "wave_id": wave_id,
            "number": one.number,
            "ordinal": one.ordinal,
            "by": one.by,
            "at": one.at,
            "seconds": one.seconds,
            "source": one.source,
            "marks": _text(one.marks),
        }
        for one in records
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await connection.execute(insert(entries), rows[start : start + ROWS_AT_ONCE])


def _text(marks: Mapping[str, str]) -> str:
    return msgspec.json.encode(marks).decode()


async def entries_of(
    connection: AsyncConnection, wave_id: int, numbers: Sequence[int]
) -> dict[int, list[EntryRecord]]:
    """Give the entries of forms by number, first entry first."""
    found: dict[int, list[EntryRecord]] = {}
    in_order = sorted(numbers)
    for start in range(0, len(in_order), ROWS_AT_ONCE):
        portion = in_order[start : start + ROWS_AT_ONCE]
        query = _entries(wave_id).where(entries.c.number.in_(portion))
        for record in await _load(connection, query):
            found.setdefault(record.number, []).append(record)
    return found


async def list_entries(
    connection: AsyncConnection, wave_id: int, batch: str = ""
) -> dict[int, list[EntryRecord]]:
    """Give the entries of a batch, or of the wave, by form number."""
    query = _entries(wave_id)
    if batch:
        query = query.where(entries.c.number.in_(_numbers(wave_id, batch)))
    found: dict[int, list[EntryRecord]] = {}
    for record in await _load(connection, query):
        found.setdefault(record.number, []).append(record)
    return found


def _numbers(wave_id: int, batch: str) -> Select[int]:
    return select(forms.c.number).where(forms.c.wave_id == wave_id, forms.c.batch == batch)


def _entries(wave_id: int) -> Select[*tuple[object, ...]]:
    return (
        select(entries)
        .where(entries.c.wave_id == wave_id)
        .order_by(entries.c.number, entries.c.ordinal)
    )


async def _load(
    connection: AsyncConnection, query: Select[*tuple[object, ...]]
) -> list[EntryRecord]:
    return [
        EntryRecord(
            row.number,
            row.ordinal,
            row.by,
            row.at,
            row.seconds,
            row.source,
            msgspec.json.decode(row.marks),
        )
        for row in await connection.execute(query)
    ]


async def insert_adjudications(
    connection: AsyncConnection, wave_id: int, records: Sequence[AdjudicationRecord]
) -> None:
    """Store decisions on forms that are held."""
    rows = [
        dataclasses.asdict(one) | {"wave_id": wave_id, "decisions": _text(one.decisions)}
        for one in records
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await connection.execute(insert(adjudications), rows[start : start + ROWS_AT_ONCE])


async def list_adjudications(
    connection: AsyncConnection, wave_id: int, batch: str = ""
) -> dict[int, AdjudicationRecord]:
    """Give the decisions of a batch, or of the wave, by form number."""
    query = select(adjudications).where(adjudications.c.wave_id == wave_id)
    if batch:
        query = query.where(adjudications.c.number.in_(_numbers(wave_id, batch)))
    return {
        row.number: AdjudicationRecord(
            row.number, row.by, row.at, row.reason, msgspec.json.decode(row.decisions)
        )
        for row in await connection.execute(query)
    }
