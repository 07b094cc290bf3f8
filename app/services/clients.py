"""Administration of clients of the API: add, list, rotate the secret, revoke.

Whatever takes something away ends the client's tokens in the same transaction.
"""

import dataclasses

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts import rules
from app.domain.clients.scopes import are_scopes, write_scopes
from app.domain.rights.rights import Act, Actor, require_right
from app.errors import InvalidInput
from app.errors.clients import ClientNotFound
from app.errors.waves import NameTaken
from app.services import audit
from app.services.client_tokens import hash_secret
from app.services.resources import Resources
from app.store import clients as store
from app.store import webhooks
from app.store.clients import ClientRecord
from app.store.randomness import random_bytes

ID_BYTES = 16
SECRET_BYTES = 32


@dataclasses.dataclass(frozen=True, slots=True)
class Credentials:
    """What a scoring system signs in with. The secret is shown this once."""

    client_id: str
    secret: str


async def add(
    resources: Resources, actor: Actor, *, name: str, scopes: frozenset[str]
) -> Credentials:
    """Make a client. Raises NotAllowed, InvalidInput with all faults, and NameTaken."""
    require_right(actor, Act.CHANGE_CLIENTS)
    name = rules.clean_name(name)
    faults = rules.name_faults(name)
    if not are_scopes(scopes):
        faults.append(rules.fault("scope", "scopes-invalid"))
    if faults:
        raise InvalidInput(faults=faults)
    made = Credentials(random_bytes(ID_BYTES).hex(), random_bytes(SECRET_BYTES).hex())
    now, hashed = resources.now(), hash_secret(resources, made.secret)
    async with resources.database.writing() as connection:
        client = ClientRecord(made.client_id, name, "active", scopes, hashed, now, now)
        if not await store.insert_client(connection, client):
            raise NameTaken
        await _record(
            connection, resources, actor, "client.added", name, scopes=write_scopes(scopes)
        )
    return made


async def list_clients(resources: Resources, actor: Actor) -> list[ClientRecord]:
    """List all clients by name, revoked ones too. Raises NotAllowed."""
    require_right(actor, Act.SEE_CLIENTS)
    async with resources.database.reading() as connection:
        return await store.list_clients(connection)


async def find_client(resources: Resources, actor: Actor, name: str) -> ClientRecord:
    """Find a client. Raises NotAllowed and ClientNotFound."""
    for one in await list_clients(resources, actor):
        if one.name == name:
            return one
    raise ClientNotFound


async def rotate(resources: Resources, actor: Actor, *, name: str) -> Credentials:
    """Give a client a new secret; the old one and all tokens end at once.

    Raises NotAllowed and ClientNotFound, also where the client was revoked.
    """
    require_right(actor, Act.CHANGE_CLIENTS)
    secret = random_bytes(SECRET_BYTES).hex()
    async with resources.database.writing() as connection:
        client = await _hold(connection, name)
        hashed = hash_secret(resources, secret)
        await store.set_secret(connection, client.id, hashed, resources.now())
        await store.end_tokens(connection, client.id)
        await _record(connection, resources, actor, "client.rotated", name)
    return Credentials(client.id, secret)


async def revoke(resources: Resources, actor: Actor, *, name: str) -> None:
    """Let a client in no more; its tokens and webhooks end at once.

    Raises NotAllowed and ClientNotFound, also where the client was revoked before.
    """
    require_right(actor, Act.CHANGE_CLIENTS)
    async with resources.database.writing() as connection:
        client = await _hold(connection, name)
        await store.revoke(connection, client.id)
        await store.end_tokens(connection, client.id)
        await webhooks.remove_of_client(connection, client.id)
        await _record(connection, resources, actor, "client.revoked", name)


async def _hold(connection: AsyncConnection, name: str) -> ClientRecord:
    known = not rules.name_faults(name)
    client = await store.hold_client(connection, name) if known else None
    if client is None or not client.is_active:
        raise ClientNotFound
    return client


async def _record(
    connection: AsyncConnection,
    resources: Resources,
    actor: Actor,
    act: str,
    name: str,
    **details: str,
) -> None:
    await audit.record(
        connection, resources, by=actor.name, act=act, object_=f"client:{name}", **details
    )
