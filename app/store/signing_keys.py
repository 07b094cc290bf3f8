"""Signing keys: append, read; none is changed or removed."""

import dataclasses
import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.upsert import insert_new
from app.tables import signing_keys


@dataclasses.dataclass(frozen=True, slots=True)
class SigningKeyRecord:
    """A key as stored; numbers count up from 1."""

    number: int
    key_id: str
    public_key: bytes
    sealed_private_key: bytes
    made_at: datetime.datetime


async def insert_key(connection: AsyncConnection, key: SigningKeyRecord) -> bool:
    """Add a key; False where another process has added one of this number."""
    return await insert_new(connection, signing_keys, dataclasses.asdict(key))


async def list_keys(connection: AsyncConnection) -> list[SigningKeyRecord]:
    """List all keys, the one that signs last."""
    found = await connection.execute(select(signing_keys).order_by(signing_keys.c.number))
    return [SigningKeyRecord(**row._mapping) for row in found]
