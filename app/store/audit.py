"""The log of staff acts: append under a lock on its head, read, never change."""

import json
from collections.abc import AsyncIterator

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.audit.chain import Act, Entry, Head, SealKeys, head_at, next_entry
from app.tables import audit_head, audit_log

ROWS_AT_ONCE = 1000


async def append(connection: AsyncConnection, keys: SealKeys, done: Act) -> Entry:
    """Add an act to the chain within the caller's transaction.

    The head's row is locked until that ends: of two transactions the later one links to the
    earlier one's entry, and one that is rolled back leaves no gap. Append last, so that the lock
    is held for a moment only.
    """
    entry = next_entry(await _head(connection, lock=True), done, keys)
    head = head_at(entry, keys)
    await connection.execute(
        insert(audit_log),
        {
            "number": entry.number,
            "at": done.at,
            "actor": done.actor,
            "act": done.act,
            "object": done.object,
            "details": json.dumps(dict(done.details), sort_keys=True, ensure_ascii=False),
            "previous": entry.previous,
            "hash": entry.hash,
            "seal": entry.seal,
        },
    )
    await connection.execute(
        update(audit_head).values(number=head.number, hash=head.hash, seal=head.seal)
    )
    return entry


async def find_head(connection: AsyncConnection) -> Head:
    """Give the head of the chain."""
    return await _head(connection, lock=False)


async def _head(connection: AsyncConnection, *, lock: bool) -> Head:
    query = select(audit_head.c.number, audit_head.c.hash, audit_head.c.seal)
    row = (await connection.execute(query.with_for_update() if lock else query)).one()
    return Head(row.number, row.hash, row.seal)


async def all_entries(connection: AsyncConnection) -> AsyncIterator[Entry]:
    """Give every entry, oldest first, a thousand at a time."""
    last = -1
    while True:
        found = await connection.execute(
            select(audit_log)
            .where(audit_log.c.number > last)
            .order_by(audit_log.c.number)
            .limit(ROWS_AT_ONCE)
        )
        rows = found.all()
        for row in rows:
            yield _entry(row)
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1].number


async def latest_entries(
    connection: AsyncConnection, *, actor: str, act: str, object_: str, before: int, n: int
) -> list[Entry]:
    """Give the newest `n` entries that match, numbered below `before`; empty words match all.

    An act matches by its beginning: `staff` finds `staff.invited`.
    """
    query = select(audit_log).where(audit_log.c.number < before)
    if actor:
        query = query.where(audit_log.c.actor == actor)
    if act:
        query = query.where(func.substr(audit_log.c.act, 1, len(act)) == act)
    if object_:
        query = query.where(audit_log.c.object == object_)
    found = await connection.execute(query.order_by(audit_log.c.number.desc()).limit(n))
    return [_entry(row) for row in found]


def _entry(row: Row) -> Entry:  # type: ignore[type-arg]
    done = Act(row.at, row.actor, row.act, row.object, json.loads(row.details))
    return Entry(row.number, done, row.previous, row.hash, row.seal)
