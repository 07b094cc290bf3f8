"""Minted permits on the response side, by hash; typed codes; spending and revoking.

Whatever changes a state also counts (`store/counts.py`).
"""

import dataclasses
from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, UpdateBase, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.questionnaires.audience import Mode, Trust
from app.store import counts
from app.store.randomness import in_random_order
from app.tables import permit_counts, permits, typed_codes

ROWS_AT_ONCE = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class PermitRecord:
    """A minted permit: what it allows, and whether it still does."""

    permit_hash: bytes
    state: str
    trust: Trust
    mode: Mode
    respondent_class: str
    own_unit: str = ""
    department: str = ""
    window: str = ""
    stratum: str = ""
    batch: str = ""
    point: str = ""


_FIELDS = [permits.c[field.name] for field in dataclasses.fields(PermitRecord)]
_OF_WAVE = permits.c.wave_id == bindparam("of_wave")
_THESE = permits.c.permit_hash.in_(bindparam("these", expanding=True))
_FIND = select(*_FIELDS).where(_OF_WAVE, _THESE)
_MEANT = select(typed_codes.c.typed_hash, typed_codes.c.permit_hash).where(
    typed_codes.c.wave_id == bindparam("of_wave"),
    typed_codes.c.typed_hash.in_(bindparam("these", expanding=True)),
)
"""Statements of the hot path are built once: building one costs twice what executing it does."""


def _to(state: str, which: ColumnElement[bool]) -> UpdateBase:
    p = permits.c
    change = update(permits).where(_OF_WAVE, p.state == "unspent", which).values(state=state)
    return change.returning(p.permit_hash, p.state, p.trust, p.mode, p.respondent_class)


_SPEND = _to("spent", _THESE)
_REVOKE = _to("revoked", _THESE)
_REVOKE_BATCH = _to("revoked", permits.c.batch == bindparam("minting"))


async def insert_permits(
    connection: AsyncConnection,
    wave_id: int,
    records: Sequence[PermitRecord],
    typed: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Store minted permits, and (typed hash, permit hash) pairs, each in random order."""
    rows = [{"wave_id": wave_id, **dataclasses.asdict(record)} for record in records]
    await _insert_shuffled(connection, permits, rows)
    codes = [{"wave_id": wave_id, "typed_hash": t, "permit_hash": p} for t, p in typed]
    await _insert_shuffled(connection, typed_codes, codes)
    minted = Counter((one.trust, one.mode, one.respondent_class, one.state) for one in records)
    await counts.add(connection, permit_counts, wave_id, minted)
    if len(records) >= ROWS_AT_ONCE and connection.dialect.name == "postgresql":
        # Until autovacuum comes round, spending would go through all of them.
        await connection.exec_driver_sql("ANALYZE permits, typed_codes")


async def _insert_shuffled(connection: AsyncConnection, table, rows) -> None:  # type: ignore[no-untyped-def]
    shuffled = in_random_order(rows)
    for start in range(0, len(shuffled), ROWS_AT_ONCE):
        await connection.execute(insert(table), shuffled[start : start + ROWS_AT_ONCE])


async def find_permit(
    connection: AsyncConnection, wave_id: int, permit_hash: bytes
) -> PermitRecord | None:
    """Find a minted permit by its hash."""
    return (await find_permits(connection, wave_id, [permit_hash])).get(permit_hash)


async def find_permits(
    connection: AsyncConnection, wave_id: int, hashes: Collection[bytes]
) -> dict[bytes, PermitRecord]:
    """Find minted permits by their hashes."""
    if not hashes:
        return {}
    found = await connection.execute(_FIND, {"of_wave": wave_id, "these": [*hashes]})
    return {row.permit_hash: _record(*row) for row in found}


def _record(permit_hash: bytes, state: str, trust: str, mode: str, *rest: str) -> PermitRecord:
    return PermitRecord(permit_hash, state, Trust(trust), Mode(mode), *rest)


async def find_by_typed_codes(
    connection: AsyncConnection, wave_id: int, hashes: Collection[bytes]
) -> dict[bytes, bytes]:
    """Find the permit hashes that typed codes stand for."""
    if not hashes:
        return {}
    found = await connection.execute(_MEANT, {"of_wave": wave_id, "these": [*hashes]})
    return {row.typed_hash: row.permit_hash for row in found}


async def spend(connection: AsyncConnection, wave_id: int, hashes: Collection[bytes]) -> set[bytes]:
    """Take permits from unspent to spent; gives those that were there to be spent."""
    if not hashes:
        return set()
    return await _change(connection, wave_id, _SPEND, these=[*hashes])


async def find_unspent(
    connection: AsyncConnection, wave_id: int, batch: str, most: int
) -> list[bytes]:
    """List unspent permits of one minting, not more than asked for."""
    mine = select(permits.c.permit_hash).where(
        permits.c.wave_id == wave_id, permits.c.batch == batch, permits.c.state == "unspent"
    )
    return list((await connection.execute(mine.limit(most))).scalars())


async def revoke(connection: AsyncConnection, wave_id: int, hashes: Collection[bytes]) -> int:
    """Revoke permits that are unspent; gives how many.

    Whoever revokes several holds the wave alone (`store/waves.py`), or what they are spent with:
    else spending could block it and be blocked by it.
    """
    return len(await _change(connection, wave_id, _REVOKE, these=[*hashes]))


async def revoke_batch(connection: AsyncConnection, wave_id: int, batch: str) -> int:
    """Revoke every unspent permit of one minting; see `revoke`."""
    return len(await _change(connection, wave_id, _REVOKE_BATCH, minting=batch))


async def _change(
    connection: AsyncConnection, wave_id: int, how: UpdateBase, **which: object
) -> set[bytes]:
    rows = (await connection.execute(how, {"of_wave": wave_id, **which})).all()
    kinds = Counter((state, tuple(kind)) for _, state, *kind in rows)
    moves = {((*kind, "unspent"), (*kind, state)): n for (state, kind), n in kinds.items()}
    await counts.add(connection, permit_counts, wave_id, counts.moved(moves))
    return {row.permit_hash for row in rows}


@dataclasses.dataclass(frozen=True, slots=True)
class PermitCount:
    """How many minted permits stand in one state."""

    trust: Trust
    mode: Mode
    respondent_class: str
    state: str
    n: int


async def count_permits(connection: AsyncConnection, wave_id: int) -> list[PermitCount]:
    """Count minted permits by trust, mode, class and state."""
    found = await counts.read(connection, permit_counts, wave_id)
    return [PermitCount(Trust(t), Mode(m), c, s, n) for (t, m, c, s), n in found.items()]
