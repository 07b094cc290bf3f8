"""Webhooks and their deliveries: queued with the event, claimed by one process, settled."""

import dataclasses
import datetime
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.clients.events import Event, EventKind
from app.domain.clients.scopes import may_see, read_scopes
from app.store.upsert import insert_all_new
from app.tables import clients, events, webhook_deliveries, webhooks


@dataclasses.dataclass(frozen=True, slots=True)
class WebhookRecord:
    """A webhook as stored, with the name of its client."""

    id: str
    client_id: str
    client: str
    url: str
    sealed_secret: bytes
    made_at: datetime.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to a webhook; `problem` says why the last try failed."""

    webhook_id: str
    url: str
    sealed_secret: bytes
    event: Event
    tries: int
    due_at: datetime.datetime
    problem: str


async def insert_webhook(
    connection: AsyncConnection,
    *,
    webhook_id: str,
    client_id: str,
    url: str,
    sealed_secret: bytes,
    now: datetime.datetime,
) -> None:
    """Add a webhook."""
    row = {
        "id": webhook_id,
        "client_id": client_id,
        "url": url,
        "sealed_secret": sealed_secret,
        "made_at": now,
    }
    await connection.execute(insert(webhooks), row)


async def list_webhooks(
    connection: AsyncConnection, client_id: str | None = None
) -> list[WebhookRecord]:
    """List the webhooks of a client, or all, oldest first."""
    query = (
        select(webhooks, clients.c.name.label("client"))
        .join_from(webhooks, clients)
        .order_by(webhooks.c.made_at, webhooks.c.id)
    )
    if client_id is not None:
        query = query.where(webhooks.c.client_id == client_id)
    return [WebhookRecord(**row._mapping) for row in await connection.execute(query)]


async def count_webhooks(connection: AsyncConnection, client_id: str) -> int:
    """Count the webhooks of a client."""
    query = select(func.count()).where(webhooks.c.client_id == client_id)
    return int((await connection.execute(query)).scalar_one())


async def remove(connection: AsyncConnection, webhook_id: str) -> None:
    """Remove a webhook and what was on its way to it."""
    table = webhook_deliveries
    await connection.execute(delete(table).where(table.c.webhook_id == webhook_id))
    await connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))


async def remove_of_client(connection: AsyncConnection, client_id: str) -> None:
    """Remove all webhooks of a client."""
    for one in await list_webhooks(connection, client_id):
        await remove(connection, one.id)


async def queue(
    connection: AsyncConnection, sequence: int, *, scheme: str, now: datetime.datetime
) -> None:
    """Send an event on its way to every webhook whose client may see it."""
    found = await connection.execute(
        select(webhooks.c.id, clients.c.scopes)
        .join_from(webhooks, clients)
        .where(clients.c.state == "active")
    )
    ids = [row.id for row in found if may_see(read_scopes(row.scopes), scheme)]
    await _queue(connection, ((one, sequence) for one in ids), now)


async def queue_again(
    connection: AsyncConnection, webhook_id: str, sequences: Iterable[int], now: datetime.datetime
) -> int:
    """Send these events on their way again, unless they are; gives how many."""
    return await _queue(connection, ((webhook_id, one) for one in sequences), now)


async def _queue(
    connection: AsyncConnection, pairs: Iterable[tuple[str, int]], now: datetime.datetime
) -> int:
    fresh = {"state": "waiting", "tries": 0, "due_at": now, "problem": ""}
    rows = [{"webhook_id": webhook, "sequence": number} | fresh for webhook, number in pairs]
    return await insert_all_new(connection, webhook_deliveries, rows)


async def revive_dead(connection: AsyncConnection, webhook_id: str, now: datetime.datetime) -> int:
    """Try what was given up from the beginning; gives how many."""
    table = webhook_deliveries
    revived = await connection.execute(
        update(table)
        .where(table.c.webhook_id == webhook_id, table.c.state == "dead")
        .values(state="waiting", tries=0, due_at=now)
    )
    return revived.rowcount


async def list_due(connection: AsyncConnection, now: datetime.datetime, n: int) -> list[Delivery]:
    """List deliveries whose time has come, the longest waiting first."""
    table = webhook_deliveries
    query = _deliveries().where(table.c.state == "waiting", table.c.due_at <= now)
    found = await connection.execute(query.order_by(table.c.due_at, table.c.sequence).limit(n))
    return _read(found.all())


async def list_dead(connection: AsyncConnection, webhook_ids: Sequence[str]) -> list[Delivery]:
    """List what was given up, by number of the event."""
    table = webhook_deliveries
    query = _deliveries().where(table.c.state == "dead", table.c.webhook_id.in_(webhook_ids))
    found = await connection.execute(query.order_by(table.c.sequence, table.c.webhook_id))
    return _read(found.all())


def _deliveries() -> Any:
    return (
        select(
            webhook_deliveries,
            webhooks.c.url,
            webhooks.c.sealed_secret,
            events.c.kind,
            events.c.subject,
            events.c.at,
            events.c.data,
        )
        .join_from(webhook_deliveries, webhooks)
        .join(events, events.c.sequence == webhook_deliveries.c.sequence)
    )


def _read(rows: Sequence[Row[Any]]) -> list[Delivery]:
    return [
        Delivery(
            row.webhook_id,
            row.url,
            row.sealed_secret,
            Event(row.sequence, EventKind(row.kind), row.subject, row.at, json.loads(row.data)),
            row.tries,
            row.due_at,
            row.problem,
        )
        for row in rows
    ]


async def claim(connection: AsyncConnection, one: Delivery, *, until: datetime.datetime) -> bool:
    """Take a delivery for a try; False where another process was faster.

    While it is tried it is not due; should the process die, it becomes due again at `until`.
    """
    return await _change(connection, one, one.tries, {"tries": one.tries + 1, "due_at": until})


async def settle_delivered(connection: AsyncConnection, one: Delivery) -> None:
    """Forget a delivery that has arrived."""
    table = webhook_deliveries
    await connection.execute(
        delete(table).where(
            table.c.webhook_id == one.webhook_id,
            table.c.sequence == one.event.sequence,
            table.c.tries == one.tries + 1,
        )
    )


async def settle_failed(
    connection: AsyncConnection, one: Delivery, *, problem: str, due_at: datetime.datetime | None
) -> None:
    """Note why a claimed try failed, and when the next is; None gives it up."""
    values: dict[str, object] = {"problem": problem}
    values |= {"state": "dead"} if due_at is None else {"due_at": due_at}
    await _change(connection, one, one.tries + 1, values)


async def _change(
    connection: AsyncConnection, one: Delivery, tries: int, values: dict[str, object]
) -> bool:
    """Change a delivery unless another process has tried it since."""
    table = webhook_deliveries
    changed = await connection.execute(
        update(table)
        .where(
            table.c.webhook_id == one.webhook_id,
            table.c.sequence == one.event.sequence,
            table.c.state == "waiting",
            table.c.tries == tries,
        )
        .values(**values)
    )
    return changed.rowcount == 1
