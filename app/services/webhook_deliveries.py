"""Deliver what is due: claimed by one process, posted outside any transaction, settled.

A receiver may get an event twice (a process died after posting) and out of order; the message id
and the event's sequence tell.
"""

import asyncio
import datetime

import structlog

from app.domain.clients.deliveries import message_id, pause_after, signed_headers
from app.domain.deduplication.sealing import SealBroken
from app.domain.releases.canonical import canonical
from app.errors.operations import StorageUnavailable
from app.services.resources import Resources
from app.services.webhook_sender import TIMEOUT_SECONDS
from app.services.webhooks import secret_of
from app.store import webhooks as store
from app.store.randomness import random_below
from app.store.webhooks import Delivery

AT_ONCE = 10
LEASE = datetime.timedelta(seconds=6 * TIMEOUT_SECONDS)
LOOK_EVERY_SECONDS = 5.0
_log = structlog.get_logger("minyi.webhooks")


async def deliver_due(resources: Resources) -> int:
    """Try everything whose time has come, once; gives how many tries there were."""
    tried = 0
    while True:
        async with resources.database.reading() as connection:
            due = await store.list_due(connection, resources.now(), AT_ONCE)
        tried += sum(await asyncio.gather(*(_deliver(resources, one) for one in due)))
        if len(due) < AT_ONCE:
            return tried


async def _deliver(resources: Resources, one: Delivery) -> bool:
    """Try one delivery; False where another process does."""
    async with resources.database.writing() as connection:
        if not await store.claim(connection, one, until=resources.now() + LEASE):
            return False
    problem = await _post(resources, one)
    async with resources.database.writing() as connection:
        if problem:
            due_at = _next_try(resources, one.tries + 1)
            await store.settle_failed(connection, one, problem=problem, due_at=due_at)
        else:
            await store.settle_delivered(connection, one)
    _log.info("webhook tried", sequence=one.event.sequence, problem=problem)
    return True


async def _post(resources: Resources, one: Delivery) -> str:
    body = canonical(one.event.as_json())
    try:
        secret = secret_of(resources, one)
    except SealBroken:  # another master secret than at registration
        return "secret-unreadable"
    headers = signed_headers(secret, message_id(one.event.sequence), resources.now(), body)
    return await resources.webhook_sender.post(
        one.url, headers=headers | {"content-type": "application/json"}, content=body
    )


def _next_try(resources: Resources, tries: int) -> datetime.datetime | None:
    pause = pause_after(tries, random_below(1000) / 1000)
    return None if pause is None else resources.now() + pause


async def deliver_forever(resources: Resources) -> None:
    """Deliver until cancelled. Several processes may: each delivery is claimed by one of them."""
    while True:
        try:
            await deliver_due(resources)
        except StorageUnavailable:
            _log.warning("storage unavailable")
        except Exception:  # one bad row must not end all deliveries until the next start
            _log.exception("deliveries failed")
        await asyncio.sleep(LOOK_EVERY_SECONDS)
