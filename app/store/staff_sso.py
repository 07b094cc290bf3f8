"""Which account belongs to a person of the city's provider, by a keyed hash of issuer and subject.

A copy of the database tells nobody's name at the provider.
"""

import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.upsert import insert_new
from app.tables import staff_sso


async def link(
    connection: AsyncConnection,
    staff_id: int,
    person_hash: bytes,
    *,
    confirmed_at: datetime.datetime,
) -> bool:
    """Make this the account's only person; False where it is another account's."""
    await unlink(connection, staff_id)
    row = {
        "staff_id": staff_id,
        "person_hash": person_hash,
        "linked_at": confirmed_at,
        "used_at": confirmed_at,
    }
    return await insert_new(connection, staff_sso, row)


async def unlink(connection: AsyncConnection, staff_id: int) -> bool:
    """Take the link away; False where there was none."""
    removed = await connection.execute(delete(staff_sso).where(staff_sso.c.staff_id == staff_id))
    return removed.rowcount == 1


async def find_linked(connection: AsyncConnection, person_hash: bytes) -> int | None:
    """Find the id of the account that belongs to a person."""
    query = select(staff_sso.c.staff_id).where(staff_sso.c.person_hash == person_hash)
    return (await connection.execute(query)).scalar()


async def linked_since(connection: AsyncConnection, staff_id: int) -> datetime.datetime | None:
    """Say when an account was linked, None where it is not."""
    query = select(staff_sso.c.linked_at).where(staff_sso.c.staff_id == staff_id)
    return (await connection.execute(query)).scalar()


async def use_confirmation(
    connection: AsyncConnection, staff_id: int, confirmed_at: datetime.datetime
) -> bool:
    """Use up a confirmation; False where this one or a later one was used before."""
    table = staff_sso
    changed = await connection.execute(
        update(table)
        .where(table.c.staff_id == staff_id, table.c.used_at < confirmed_at)
        .values(used_at=confirmed_at)
    )
    return changed.rowcount == 1
