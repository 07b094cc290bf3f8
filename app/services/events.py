"""The feed of events: entered in the transaction of what happened, read by number."""

from collections.abc import Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.clients.events import Event, EventKind, scheme_of
from app.services.resources import Resources
from app.store import events as store
from app.store import webhooks


async def record_event(
    resources: Resources,
    connection: AsyncConnection,
    kind: EventKind,
    subject: str,
    data: Mapping[str, object],
) -> int:
    """Enter an event within the caller's transaction, queue its webhooks, give its number.

    Call it late, and before `audit.record`: both hold a row until the transaction ends, and two
    transactions that took the two in different order would wait for each other. `data` is small
    JSON without floats; an evaluation's names its `scheme`.
    """
    sequence = await store.next_sequence(connection)
    event, scheme = Event(sequence, kind, subject, resources.now(), data), scheme_of(kind, data)
    await store.insert_event(connection, event, scheme=scheme)
    await webhooks.queue(connection, sequence, scheme=scheme, now=event.at)
    return sequence


async def list_events(
    resources: Resources, *, since: int, schemes: Collection[str], limit: int
) -> list[Event]:
    """Give the first events after number `since` that readers of these schemes may see."""
    async with resources.database.reading() as connection:
        return await store.list_events(connection, since=since, schemes=schemes, n=limit)
