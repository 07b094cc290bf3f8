"""What closing a wave does to storage: nothing that remains tells when a row came.

Roll, permits and responses are rewritten in random order, each in a transaction of its own;
drafts, the pool's remainder and the memos of draws go. Counters become one row per key
(`store/counts.py`), so that no slot has its own last writer.
"""

from sqlalchemy import MetaData, Table, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.randomness import random_bytes
from app.store.roll import MEMO_BYTES
from app.tables import (
    drafts,
    permit_counts,
    permits,
    pool,
    response_counts,
    responses,
    roll,
    roll_counts,
    typed_codes,
)

REWRITTEN = (roll, permits, typed_codes, responses)
COUNTERS = (roll_counts, permit_counts, response_counts)
TOUCHED = tuple(table.name for table in (*REWRITTEN, *COUNTERS, pool, drafts))
"""Tables whose dead rows must go afterwards."""


async def rewrite_in_random_order(connection: AsyncConnection, table: Table, wave_id: int) -> None:
    """Give all rows of a wave one transaction number and random places.

    SQLite keeps these tables in key order (WITHOUT ROWID) and needs no rewriting.
    """
    if connection.dialect.name == "sqlite":
        return
    copy = f"shuffled_{table.name}"
    mine = table.c.wave_id == wave_id
    await connection.execute(
        text(f"CREATE TEMPORARY TABLE {copy} (LIKE {table.name}) ON COMMIT DROP")
    )
    shuffled = table.to_metadata(MetaData(), name=copy)
    columns = [column.name for column in table.columns]
    await connection.execute(insert(shuffled).from_select(columns, select(table).where(mine)))
    await connection.execute(delete(table).where(mine))
    await connection.execute(
        insert(table).from_select(columns, select(shuffled).order_by(func.random()))
    )


async def forget_the_draws(connection: AsyncConnection, wave_id: int) -> None:
    """Remove what only the running wave needed on the roll side."""
    await connection.execute(delete(pool).where(pool.c.wave_id == wave_id))
    await connection.execute(
        update(roll).where(roll.c.wave_id == wave_id).values(memo=random_bytes(MEMO_BYTES))
    )


async def forget_the_drafts(connection: AsyncConnection, wave_id: int) -> None:
    """Remove unfinished answers."""
    await connection.execute(delete(drafts).where(drafts.c.wave_id == wave_id))
