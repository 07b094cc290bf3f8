"""Sessions of staff, by the hash of the token that the browser holds; tries at signing in."""

import dataclasses
import datetime

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts.sessions import FirstFactor, Stage
from app.domain.accounts.tries import FORGOTTEN_AFTER, may_try
from app.store.upsert import insert_new
from app.tables import sign_in_tries, staff_sessions


@dataclasses.dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as stored."""

    token_hash: bytes
    staff_id: int
    stage: Stage
    started_at: datetime.datetime
    seen_at: datetime.datetime
    proved_at: datetime.datetime
    first_factor: FirstFactor


async def insert_session(
    connection: AsyncConnection,
    *,
    token_hash: bytes,
    staff_id: int,
    stage: Stage,
    first_factor: FirstFactor,
    proved_at: datetime.datetime,
    now: datetime.datetime,
) -> None:
    """Begin a session; identity was proved at `proved_at`."""
    row = {
        "token_hash": token_hash,
        "staff_id": staff_id,
        "stage": stage,
        "started_at": now,
        "seen_at": now,
        "proved_at": proved_at,
        "first_factor": first_factor,
    }
    await connection.execute(insert(staff_sessions), row)


async def find_session(connection: AsyncConnection, token_hash: bytes) -> SessionRecord | None:
    """Find a session."""
    query = select(staff_sessions).where(staff_sessions.c.token_hash == token_hash)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else _record(row)


async def list_sessions(connection: AsyncConnection, staff_id: int) -> list[SessionRecord]:
    """List an account's sessions, newest first."""
    query = (
        select(staff_sessions)
        .where(staff_sessions.c.staff_id == staff_id)
        .order_by(staff_sessions.c.started_at.desc(), staff_sessions.c.token_hash)
    )
    return [_record(row) for row in await connection.execute(query)]


def _record(row: Row) -> SessionRecord:  # type: ignore[type-arg]
    return SessionRecord(
        row.token_hash,
        row.staff_id,
        Stage(row.stage),
        row.started_at,
        row.seen_at,
        row.proved_at,
        FirstFactor(row.first_factor),
    )


async def note_seen(connection: AsyncConnection, token_hash: bytes, now: datetime.datetime) -> None:
    """Note that the session is in use."""
    await connection.execute(
        update(staff_sessions).where(staff_sessions.c.token_hash == token_hash).values(seen_at=now)
    )


async def note_proved(
    connection: AsyncConnection, token_hash: bytes, now: datetime.datetime
) -> None:
    """Note that identity was proved again."""
    await connection.execute(
        update(staff_sessions)
        .where(staff_sessions.c.token_hash == token_hash)
        .values(seen_at=now, proved_at=now)
    )


async def end_session(connection: AsyncConnection, token_hash: bytes) -> bool:
    """End a session; False where it had ended before."""
    ended = await connection.execute(
        delete(staff_sessions).where(staff_sessions.c.token_hash == token_hash)
    )
    return ended.rowcount == 1


async def end_sessions(connection: AsyncConnection, staff_id: int) -> int:
    """End all sessions of an account; gives how many."""
    ended = await connection.execute(
        delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id)
    )
    return ended.rowcount


async def forget_old_sessions(connection: AsyncConnection, before: datetime.datetime) -> None:
    """Remove sessions that began before; they have ended by themselves."""
    await connection.execute(delete(staff_sessions).where(staff_sessions.c.started_at < before))


async def take_try(connection: AsyncConnection, name_hash: bytes, now: datetime.datetime) -> bool:
    """Count one try; False, and nothing counted, where it is too early for another.

    The row is locked between looking and counting: requests at once gain no try.
    """
    table = sign_in_tries
    await connection.execute(delete(table).where(table.c.last_at < now - FORGOTTEN_AFTER))
    if await insert_new(connection, table, {"name_hash": name_hash, "tries": 1, "last_at": now}):
        return True
    query = select(table).where(table.c.name_hash == name_hash).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is not None and not may_try(row.tries, row.last_at, now):
        return False
    await connection.execute(
        update(table)
        .where(table.c.name_hash == name_hash)
        .values(tries=table.c.tries + 1, last_at=now)
    )
    return True


async def forget_tries(connection: AsyncConnection, name_hash: bytes) -> None:
    """Begin counting anew."""
    await connection.execute(delete(sign_in_tries).where(sign_in_tries.c.name_hash == name_hash))
