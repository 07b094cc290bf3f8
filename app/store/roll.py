"""The roll side: claims, the pool of permits, the list of eligible persons.

A new row betrays when it came: on PostgreSQL by its hidden columns (`xmin`, `ctid`), in SQLite's
file by its place in the page. So a claim never stands alone: in the same transaction a
neighbourhood of 256 rows of the roll, the new one at a random place among them, is taken out and
put back in random order. Claims do not wait for each other: where one finds its neighbours locked
by another of the same instant, it is hidden by the next.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.questionnaires.audience import Trust
from app.store import counts
from app.store.randomness import in_random_order, random_below, random_bytes
from app.store.upsert import insert_all_new, insert_new
from app.tables import eligible_persons, pool, roll, roll_counts

NEIGHBOURHOOD = 256
MEMO_BYTES = 44
"""12 of nonce, 16 of permit secret, 16 of tag."""


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A person to be entered on the roll."""

    person_key: bytes
    trust: Trust
    respondent_class: str
    memo: bytes


async def claim(connection: AsyncConnection, wave_id: int, person: Claim) -> bool:
    """Enter a person on the roll; False where the person was on it already."""
    return bool(await claim_all(connection, wave_id, [person]))


async def claim_all(
    connection: AsyncConnection, wave_id: int, persons: Sequence[Claim]
) -> set[bytes]:
    """Enter persons on the roll, in key order; gives the keys of those who were not on it."""
    entered = set()
    for one in sorted(persons, key=lambda one: one.person_key):
        if await insert_new(connection, roll, {"wave_id": wave_id, **dataclasses.asdict(one)}):
            await _hide_among_others(connection, wave_id, one.person_key)
            entered.add(one.person_key)
    n = Counter((one.trust,) for one in persons if one.person_key in entered)
    await counts.add(connection, roll_counts, wave_id, n)
    return entered


async def _hide_among_others(connection: AsyncConnection, wave_id: int, person_key: bytes) -> None:
    keys = [*await _neighbours(connection, wave_id, person_key), person_key]
    taken_out = await connection.execute(
        delete(roll).where(roll.c.wave_id == wave_id, roll.c.person_key.in_(keys)).returning(roll)
    )
    rows = [dict(row) for row in taken_out.mappings()]
    await connection.execute(insert(roll), in_random_order(rows))


async def _neighbours(connection: AsyncConnection, wave_id: int, person_key: bytes) -> set[bytes]:
    """Lock a random number of those that follow in key order, and of those before the rest.

    The order is a circle. A window placed without regard to the new row would leave it standing
    out: the one that is not next to the others.
    """
    key, n_after = roll.c.person_key, random_below(NEIGHBOURHOOD)
    n_before = NEIGHBOURHOOD - 1 - n_after
    lower, higher = key < person_key, key > person_key
    after = await _nearest(connection, wave_id, (higher, lower), key.asc(), n_after)
    before = await _nearest(connection, wave_id, (lower, higher), key.desc(), n_before)
    return {*after, *before}


async def _nearest(
    connection: AsyncConnection,
    wave_id: int,
    sides: Sequence[ColumnElement[bool]],
    order: ColumnElement[bytes],
    n: int,
) -> list[bytes]:
    keys: list[bytes] = []
    for side in sides:
        if len(keys) < n:
            found = (
                select(roll.c.person_key)
                .where(roll.c.wave_id == wave_id, side)
                .order_by(order)
                .limit(n - len(keys))
                .with_for_update(skip_locked=True)
            )
            keys += (await connection.execute(found)).scalars()
    return keys


async def find_memo(connection: AsyncConnection, wave_id: int, person_key: bytes) -> bytes | None:
    """Give the sealed memo of a person on the roll; None where the person is not on it."""
    found = await connection.execute(
        select(roll.c.memo).where(roll.c.wave_id == wave_id, roll.c.person_key == person_key)
    )
    return found.scalar()


async def insert_pool(
    connection: AsyncConnection, wave_id: int, respondent_class: str, sealed: Sequence[bytes]
) -> None:
    """Fill the pool with sealed permit secrets, under random ids in random order."""
    rows = [
        {
            "wave_id": wave_id,
            "entry_id": random_bytes(16),
            "respondent_class": respondent_class,
            "sealed_secret": one,
        }
        for one in in_random_order(sealed)
    ]
    if rows:
        await connection.execute(insert(pool), rows)


async def take_from_pool(
    connection: AsyncConnection, wave_id: int, respondent_class: str
) -> bytes | None:
    """Remove a random entry of the pool for good and give its sealed secret; None if empty."""
    mine = (pool.c.wave_id == wave_id) & (pool.c.respondent_class == respondent_class)
    start = random_bytes(16)
    for side in (pool.c.entry_id >= start, pool.c.entry_id < start):
        nearest = (
            select(pool.c.entry_id)
            .where(mine, side)
            .order_by(pool.c.entry_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        entry = (await connection.execute(nearest)).scalar()
        if entry is not None:
            taken = await connection.execute(
                delete(pool)
                .where(pool.c.wave_id == wave_id, pool.c.entry_id == entry)
                .returning(pool.c.sealed_secret)
            )
            return bytes(taken.scalar_one())
    return None


async def count_pool(connection: AsyncConnection, wave_id: int) -> dict[str, int]:
    """Count permits still in the pool, by respondent class."""
    found = await connection.execute(
        select(pool.c.respondent_class, func.count())
        .where(pool.c.wave_id == wave_id)
        .group_by(pool.c.respondent_class)
    )
    return dict(found.all())


async def count_roll(connection: AsyncConnection, wave_id: int) -> dict[Trust, int]:
    """Count persons on the roll by trust level, from the counters alone."""
    found = await counts.read(connection, roll_counts, wave_id)
    return {Trust(trust): n for (trust,), n in found.items()}


async def count_classes(connection: AsyncConnection, wave_id: int, trust: Trust) -> dict[str, int]:
    """Count persons on the roll at one level by class, row by row.

    A counter by class would tell, while the wave is open, which class came when.
    """
    mine = select(roll.c.respondent_class, func.count()).where(
        roll.c.wave_id == wave_id, roll.c.trust == trust
    )
    return dict((await connection.execute(mine.group_by(roll.c.respondent_class))).all())


async def insert_eligible(
    connection: AsyncConnection, wave_id: int, respondent_class: str, person_keys: Sequence[bytes]
) -> int:
    """Add persons to the list of those invited; gives how many were new."""
    rows = [
        {"wave_id": wave_id, "person_key": key, "respondent_class": respondent_class}
        for key in in_random_order(person_keys)
    ]
    return await insert_all_new(connection, eligible_persons, rows)


async def is_eligible(
    connection: AsyncConnection, wave_id: int, respondent_class: str, person_key: bytes
) -> bool:
    """Say whether a person may take part: on the list of the class, or there is no such list."""
    listed = select(eligible_persons.c.person_key).where(
        eligible_persons.c.wave_id == wave_id,
        eligible_persons.c.respondent_class == respondent_class,
    )
    if (await connection.execute(listed.limit(1))).first() is None:
        return True
    found = await connection.execute(listed.where(eligible_persons.c.person_key == person_key))
    return found.first() is not None
