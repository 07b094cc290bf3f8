"""Minted permits on the response side, by hash; typed codes; spending and revoking."""

import dataclasses
from collections.abc import Sequence

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.questionnaires.audience import Mode, Trust
from app.store.randomness import in_random_order
from app.tables import permits, typed_codes

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


async def _insert_shuffled(connection: AsyncConnection, table, rows) -> None:  # type: ignore[no-untyped-def]
    shuffled = in_random_order(rows)
    for start in range(0, len(shuffled), ROWS_AT_ONCE):
        await connection.execute(insert(table), shuffled[start : start + ROWS_AT_ONCE])


async def find_permit(
    connection: AsyncConnection, wave_id: int, permit_hash: bytes
) -> PermitRecord | None:
    """Find a minted permit by its hash."""
    found = await connection.execute(
        select(permits).where(permits.c.wave_id == wave_id, permits.c.permit_hash == permit_hash)
    )
    row = found.mappings().first()
    if row is None:
        return None
    fields = {name: value for name, value in row.items() if name != "wave_id"}
    return PermitRecord(**fields | {"trust": Trust(row["trust"]), "mode": Mode(row["mode"])})


async def find_by_typed_code(
    connection: AsyncConnection, wave_id: int, typed_hash: bytes
) -> bytes | None:
    """Find the permit hash that a typed code stands for."""
    found = await connection.execute(
        select(typed_codes.c.permit_hash).where(
            typed_codes.c.wave_id == wave_id, typed_codes.c.typed_hash == typed_hash
        )
    )
    return found.scalar()


async def spend(connection: AsyncConnection, wave_id: int, permit_hash: bytes) -> bool:
    """Take a permit from unspent to spent; False where it is not there, revoked or spent."""
    return await _change(connection, wave_id, permit_hash, "spent")


async def _change(
    connection: AsyncConnection, wave_id: int, permit_hash: bytes, state: str
) -> bool:
    changed = await connection.execute(
        update(permits)
        .where(
            permits.c.wave_id == wave_id,
            permits.c.permit_hash == permit_hash,
            permits.c.state == "unspent",
        )
        .values(state=state)
    )
    return changed.rowcount == 1


async def revoke(connection: AsyncConnection, wave_id: int, permit_hash: bytes) -> bool:
    """Revoke one unspent permit; False where it was spent or revoked before."""
    return await _change(connection, wave_id, permit_hash, "revoked")


async def revoke_batch(connection: AsyncConnection, wave_id: int, batch: str) -> int:
    """Revoke every unspent permit of one minting; gives how many."""
    changed = await connection.execute(
        update(permits)
        .where(permits.c.wave_id == wave_id, permits.c.batch == batch, permits.c.state == "unspent")
        .values(state="revoked")
    )
    return changed.rowcount


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
    keys = (permits.c.trust, permits.c.mode, permits.c.respondent_class, permits.c.state)
    found = await connection.execute(
        select(*keys, func.count()).where(permits.c.wave_id == wave_id).group_by(*keys)
    )
    return [PermitCount(Trust(t), Mode(m), c, s, n) for t, m, c, s, n in found]
