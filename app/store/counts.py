"""Counters that never serialise writers and are never wrong.

Whoever changes a row that is counted adds the difference here, in the same transaction. Each
transaction writes to one slot drawn at random, by one statement per table whose rows come in key
order: two of them seldom want the same row, and never in opposite orders.
"""

import dataclasses
import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Executable, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import slot_of
from app.store.upsert import insert_of
from app.tables import permit_counts, permits, response_counts, responses, roll, roll_counts

Key = tuple[Any, ...]
"""The values of a counter's key columns, in the order of the table."""

Changes = Mapping[Key, int]

COUNTED = {response_counts: responses, permit_counts: permits, roll_counts: roll}
"""Which table's rows each counter counts."""


async def add(connection: AsyncConnection, counter: Table, wave_id: int, changes: Changes) -> None:
    """Add to the counts of a wave; `changes` gives the difference for each key."""
    await _add(connection, counter, wave_id, slot_of(connection), changes)


async def _add(
    connection: AsyncConnection, counter: Table, wave_id: int, slot: int, changes: Changes
) -> None:
    names = [column.name for column in _keys(counter)]
    rows = [
        {"wave_id": wave_id, "slot": slot, **dict(zip(names, key, strict=True)), "n": n}
        for key, n in sorted(changes.items())
        if n
    ]
    if rows:
        await connection.execute(_raise(connection.dialect.name, counter), rows)


@functools.cache
def _raise(dialect: str, counter: Table) -> Executable:
    statement = insert_of(dialect)(counter)
    statement = statement.on_conflict_do_update(
        index_elements=list(counter.primary_key.columns),
        set_={"n": counter.c.n + statement.excluded.n},
    )
    one: Executable = statement.returning(counter.c.slot)  # for all rows together
    return one


def moved(pairs: Mapping[tuple[Key, Key], int]) -> Counter[Key]:
    """Give the changes where so many rows went from one key to another."""
    changes: Counter[Key] = Counter()
    for (old, new), n in pairs.items():
        changes[old] -= n
        changes[new] += n
    return changes


async def read(connection: AsyncConnection, counter: Table, wave_id: int) -> dict[Key, int]:
    """Give the counts of a wave, from the counters alone."""
    keys = _keys(counter)
    total = func.sum(counter.c.n)
    found = await connection.execute(
        select(*keys, total).where(counter.c.wave_id == wave_id).group_by(*keys).order_by(*keys)
    )
    return _nonzero(found)


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """A counter that does not say how many rows there are; there should be none, ever."""

    rows: str
    key: Key
    counted: int
    found: int


async def differences(connection: AsyncConnection, wave_id: int) -> list[Difference]:
    """Count all rows of a wave, however long that takes, and compare with the counters."""
    different = []
    for counter, table in COUNTED.items():
        keys = [table.c[column.name] for column in _keys(counter)]
        rows = select(*keys, func.count()).where(table.c.wave_id == wave_id).group_by(*keys)
        found = _nonzero(await connection.execute(rows))
        counted = await read(connection, counter, wave_id)
        different += [
            Difference(table.name, key, counted.get(key, 0), found.get(key, 0))
            for key in sorted(counted.keys() | found.keys())
            if counted.get(key, 0) != found.get(key, 0)
        ]
    return different


async def collapse(connection: AsyncConnection, counter: Table, wave_id: int) -> None:
    """Put the sum of all slots into the first."""
    taken = await connection.execute(
        delete(counter).where(counter.c.wave_id == wave_id).returning(*_keys(counter), counter.c.n)
    )
    total: Counter[Key] = Counter()
    for *key, n in taken:
        total[tuple(key)] += n
    await _add(connection, counter, wave_id, 0, total)


@functools.cache
def _keys(counter: Table) -> list[Any]:
    return [c for c in counter.primary_key.columns if c.name not in ("wave_id", "slot")]


def _nonzero(rows: Iterable[Any]) -> dict[Key, int]:
    return {tuple(key): int(n) for *key, n in rows if n}
