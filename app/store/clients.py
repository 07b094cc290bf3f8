"""Clients of the API and their tokens."""

import dataclasses
import datetime
from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.clients.scopes import read_scopes, write_scopes
from app.store.upsert import insert_new
from app.tables import client_tokens, clients

MOST_TOKENS = 100
"""Of one client at a time; the oldest go first."""


@dataclasses.dataclass(frozen=True, slots=True)
class ClientRecord:
    """A client as stored; `state` is active or revoked."""

    id: str
    name: str
    state: str
    scopes: frozenset[str]
    secret_hash: bytes
    made_at: datetime.datetime
    secret_made_at: datetime.datetime

    @property
    def is_active(self) -> bool:
        """Whether it gets tokens."""
        return self.state == "active"


async def insert_client(connection: AsyncConnection, client: ClientRecord) -> bool:
    """Add a client; False where the name is taken."""
    row = dataclasses.asdict(client) | {"scopes": write_scopes(client.scopes)}
    return await insert_new(connection, clients, row)


async def list_clients(connection: AsyncConnection) -> list[ClientRecord]:
    """List all clients by name, revoked ones too."""
    found = await connection.execute(select(clients).order_by(clients.c.name))
    return [_client(row) for row in found]


async def find_client(connection: AsyncConnection, client_id: str) -> ClientRecord | None:
    """Find a client by its id."""
    found = await connection.execute(select(clients).where(clients.c.id == client_id))
    return _client_or_none(found.one_or_none())


async def hold_client(connection: AsyncConnection, name: str) -> ClientRecord | None:
    """Find a client by name and keep it from changing until this transaction ends."""
    found = await connection.execute(
        select(clients).where(clients.c.name == name).with_for_update()
    )
    return _client_or_none(found.one_or_none())


async def find_by_token(
    connection: AsyncConnection, token_hash: bytes, now: datetime.datetime
) -> tuple[ClientRecord, frozenset[str]] | None:
    """Find the active client of a token that has not expired, and the scopes of the token."""
    query = (
        select(clients, client_tokens.c.scopes.label("granted"))
        .join_from(client_tokens, clients)
        .where(
            client_tokens.c.token_hash == token_hash,
            client_tokens.c.expires_at > now,
            clients.c.state == "active",
        )
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (_client(row), read_scopes(row.granted))


async def set_secret(
    connection: AsyncConnection, client_id: str, secret_hash: bytes, now: datetime.datetime
) -> None:
    """Give a client another secret."""
    values = {"secret_hash": secret_hash, "secret_made_at": now}
    await connection.execute(update(clients).where(clients.c.id == client_id).values(**values))


async def revoke(connection: AsyncConnection, client_id: str) -> None:
    """Let a client in no more; its name stays taken, for the log's sake."""
    await connection.execute(
        update(clients).where(clients.c.id == client_id).values(state="revoked")
    )


async def insert_token(
    connection: AsyncConnection,
    *,
    client_id: str,
    token_hash: bytes,
    scopes: Collection[str],
    expires_at: datetime.datetime,
    now: datetime.datetime,
) -> None:
    """Add a token; those that have expired go, and those over the bound."""
    table = client_tokens
    newest = (
        select(table.c.token_hash)
        .where(table.c.client_id == client_id)
        .order_by(table.c.expires_at.desc())
        .limit(MOST_TOKENS - 1)
    )
    await connection.execute(delete(table).where(table.c.expires_at <= now))
    await connection.execute(
        delete(table).where(table.c.client_id == client_id, table.c.token_hash.not_in(newest))
    )
    row = {
        "token_hash": token_hash,
        "client_id": client_id,
        "scopes": write_scopes(scopes),
        "expires_at": expires_at,
    }
    await connection.execute(insert(table), row)


async def end_tokens(connection: AsyncConnection, client_id: str) -> None:
    """End all tokens of a client."""
    await connection.execute(delete(client_tokens).where(client_tokens.c.client_id == client_id))


def _client_or_none(row: Row[Any] | None) -> ClientRecord | None:
    return None if row is None else _client(row)


def _client(row: Row[Any]) -> ClientRecord:
    return ClientRecord(
        row.id,
        row.name,
        row.state,
        read_scopes(row.scopes),
        row.secret_hash,
        row.made_at,
        row.secret_made_at,
    )
