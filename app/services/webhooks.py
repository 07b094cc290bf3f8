"""Webhooks of a client: register, list, remove, look at what was given up, replay."""

import dataclasses

from app.domain.clients.deliveries import write_secret
from app.domain.clients.scopes import EVENTS, schemes_of
from app.domain.deduplication.sealing import NONCE_BYTES, seal, unseal
from app.domain.rights.rights import Act, Actor, require_right
from app.errors import Fault, InvalidInput
from app.errors.clients import ClientNotFound, WebhookNotFound
from app.services.clients import find_client
from app.services.resources import Resources
from app.store import clients, events
from app.store import webhooks as store
from app.store.randomness import random_bytes
from app.store.webhooks import Delivery, WebhookRecord

ID_BYTES = 16
SECRET_BYTES = 32
MOST_WEBHOOKS = 10
MOST_REPLAYED = 10_000


@dataclasses.dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook just registered. The secret is shown this once."""

    id: str
    url: str
    secret: str


async def register(resources: Resources, *, client_id: str, url: str) -> NewWebhook:
    """Have events pushed to an address from now on.

    Raises InvalidInput where the address is not public or the client has too many.
    """
    await resources.webhook_sender.require_acceptable(url)
    webhook_id, secret = random_bytes(ID_BYTES).hex(), random_bytes(SECRET_BYTES)
    async with resources.database.writing() as connection:
        if await store.count_webhooks(connection, client_id) >= MOST_WEBHOOKS:
            rule = f"A client has at most {MOST_WEBHOOKS} webhooks"
            raise InvalidInput(faults=[Fault("url", "too-many", rule)])
        await store.insert_webhook(
            connection,
            webhook_id=webhook_id,
            client_id=client_id,
            url=url,
            sealed_secret=_sealed(resources, webhook_id, secret),
            now=resources.now(),
        )
    return NewWebhook(webhook_id, url, write_secret(secret))


def _sealed(resources: Resources, webhook_id: str, secret: bytes) -> bytes:
    key, nonce = resources.keys.key("webhook-secret"), random_bytes(NONCE_BYTES)
    return seal(key, nonce, secret, f"webhook/{webhook_id}")


def secret_of(resources: Resources, one: Delivery) -> bytes:
    """Give the secret that signs what goes to a webhook."""
    key = resources.keys.key("webhook-secret")
    return unseal(key, one.sealed_secret, f"webhook/{one.webhook_id}")


async def register_for(resources: Resources, actor: Actor, *, name: str, url: str) -> NewWebhook:
    """Register a webhook for a client by its name. Raises NotAllowed, ClientNotFound too."""
    require_right(actor, Act.CHANGE_CLIENTS)
    client = await find_client(resources, actor, name)
    if not client.is_active:
        raise ClientNotFound
    return await register(resources, client_id=client.id, url=url)


async def list_webhooks(
    resources: Resources, *, client_id: str | None = None
) -> list[WebhookRecord]:
    """List the webhooks of a client, or, for the command line, all."""
    async with resources.database.reading() as connection:
        return await store.list_webhooks(connection, client_id)


async def find_webhook(
    resources: Resources, webhook_id: str, *, client_id: str | None = None
) -> WebhookRecord:
    """Find a webhook, of this client where one is given. Raises WebhookNotFound."""
    for one in await list_webhooks(resources, client_id=client_id):
        if one.id == webhook_id:
            return one
    raise WebhookNotFound


async def remove(resources: Resources, webhook: WebhookRecord) -> None:
    """Remove a webhook and what was on its way to it."""
    async with resources.database.writing() as connection:
        await store.remove(connection, webhook.id)


async def list_dead(resources: Resources, *webhooks: WebhookRecord) -> list[Delivery]:
    """List what was given up after all tries."""
    async with resources.database.reading() as connection:
        return await store.list_dead(connection, [one.id for one in webhooks])


async def replay(resources: Resources, webhook: WebhookRecord, *, since: int | None = None) -> int:
    """Send again what was given up and, with a number, every event after it; gives how many."""
    now = resources.now()
    async with resources.database.writing() as connection:
        queued = await store.revive_dead(connection, webhook.id, now)
        client = await clients.find_client(connection, webhook.client_id)
        if since is not None and client is not None and EVENTS in client.scopes:
            schemes = schemes_of(client.scopes)
            found = await events.list_events(
                connection, since=since, schemes=schemes, n=MOST_REPLAYED
            )
            sequences = [one.sequence for one in found]
            queued += await store.queue_again(connection, webhook.id, sequences, now)
    return queued
