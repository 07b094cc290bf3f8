"""The feed of events: append under a lock on its head, read, never change."""

import dataclasses
import json
from collections.abc import Collection

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.clients.events import Event, EventKind
from app.domain.releases.canonical import canonical
from app.tables import event_head, events


async def next_sequence(connection: AsyncConnection) -> int:
    """Take the next number and hold the head until the caller's transaction ends.

    A number drawn from a sequence could be committed after a later one: a reader who has seen 7
    would never see 6. Here who takes 7 waits until 6 is committed or given up.
    """
    query = select(event_head.c.sequence).with_for_update()
    sequence = int((await connection.execute(query)).scalar_one()) + 1
    await connection.execute(update(event_head).values(sequence=sequence))
    return sequence


async def insert_event(connection: AsyncConnection, event: Event, *, scheme: str) -> None:
    """Add an event under the number taken for it."""
    data = canonical(event.data).decode()
    row = dataclasses.asdict(event) | {"scheme": scheme, "data": data}
    await connection.execute(insert(events), row)


async def list_events(
    connection: AsyncConnection, *, since: int, schemes: Collection[str], n: int
) -> list[Event]:
    """Give the first `n` events after number `since`: public ones and those of these schemes."""
    found = await connection.execute(
        select(events)
        .where(
            events.c.sequence > since,
            or_(events.c.scheme == "", events.c.scheme.in_(sorted(schemes))),
        )
        .order_by(events.c.sequence)
        .limit(n)
    )
    return [
        Event(row.sequence, EventKind(row.kind), row.subject, row.at, json.loads(row.data))
        for row in found
    ]
