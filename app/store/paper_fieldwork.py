"""Batches of forms, interviewers and quotas: small tables."""

import dataclasses
import datetime
from collections.abc import Mapping

from sqlalchemy import RowMapping, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.questionnaires.audience import Mode
from app.store.upsert import insert_new
from app.tables import batches, interviewers, quotas, waves


@dataclasses.dataclass(frozen=True, slots=True)
class BatchRecord:
    """A range of forms issued to one survey point; `second_share` of them is keyed twice.

    With mode `phone` they are call sheets of a call station.
    """

    batch: str
    mode: Mode
    point: str
    stratum: str
    respondent_class: str
    department: str
    own_unit: str
    first: int
    last: int
    second_share: float
    issued_at: datetime.datetime
    issued_by: str
    closed_at: datetime.datetime | None = None
    closed_by: str = ""

    @property
    def issued(self) -> int:
        """How many forms."""
        return self.last - self.first + 1


@dataclasses.dataclass(frozen=True, slots=True)
class Interviewer:
    """Somebody who hands out forms at one survey point."""

    interviewer: str
    point: str
    name: str


async def next_number(connection: AsyncConnection, wave_id: int) -> int:
    """Give the first number not yet issued, and keep others from issuing meanwhile."""
    await connection.execute(select(waves.c.id).where(waves.c.id == wave_id).with_for_update())
    found = await connection.execute(
        select(func.coalesce(func.max(batches.c.last), 0)).where(batches.c.wave_id == wave_id)
    )
    return int(found.scalar_one()) + 1


async def insert_batch(connection: AsyncConnection, wave_id: int, record: BatchRecord) -> bool:
    """Store a batch; False where its code is taken."""
    return await insert_new(connection, batches, {"wave_id": wave_id, **dataclasses.asdict(record)})


async def list_batches(connection: AsyncConnection, wave_id: int) -> dict[str, BatchRecord]:
    """Give the batches of a wave by code, in order of their numbers."""
    found = await connection.execute(
        select(batches).where(batches.c.wave_id == wave_id).order_by(batches.c.first)
    )
    records = [_batch(row) for row in found.mappings()]
    return {record.batch: record for record in records}


def _batch(row: RowMapping) -> BatchRecord:
    fields = {name: value for name, value in row.items() if name != "wave_id"}
    return BatchRecord(**fields | {"mode": Mode(row["mode"])})


async def hold_batch(connection: AsyncConnection, wave_id: int, batch: str) -> BatchRecord | None:
    """Read a batch and keep others from holding it until this transaction ends."""
    found = await connection.execute(
        select(batches)
        .where(batches.c.wave_id == wave_id, batches.c.batch == batch)
        .with_for_update()
    )
    row = found.mappings().one_or_none()
    return None if row is None else _batch(row)


async def mark_closed(
    connection: AsyncConnection, wave_id: int, batch: str, *, by: str, at: datetime.datetime
) -> None:
    """Say that a batch is closed."""
    await connection.execute(
        update(batches)
        .where(batches.c.wave_id == wave_id, batches.c.batch == batch)
        .values(closed_at=at, closed_by=by)
    )


async def insert_interviewer(
    connection: AsyncConnection, wave_id: int, record: Interviewer
) -> bool:
    """Store an interviewer; False where the code is taken."""
    return await insert_new(
        connection, interviewers, {"wave_id": wave_id, **dataclasses.asdict(record)}
    )


async def list_interviewers(connection: AsyncConnection, wave_id: int) -> dict[str, Interviewer]:
    """Give the interviewers of a wave by code."""
    found = await connection.execute(
        select(interviewers)
        .where(interviewers.c.wave_id == wave_id)
        .order_by(interviewers.c.interviewer)
    )
    return {row.interviewer: Interviewer(row.interviewer, row.point, row.name) for row in found}


async def replace_quotas(
    connection: AsyncConnection, wave_id: int, point: str, targets: Mapping[str, int]
) -> None:
    """Put these targets by cell in the place of the point's earlier ones."""
    await connection.execute(
        delete(quotas).where(quotas.c.wave_id == wave_id, quotas.c.point == point)
    )
    rows = [
        {"wave_id": wave_id, "point": point, "cell": cell, "target": target}
        for cell, target in targets.items()
    ]
    if rows:
        await connection.execute(insert(quotas), rows)


async def list_quotas(connection: AsyncConnection, wave_id: int) -> dict[str, dict[str, int]]:
    """Give the targets: point → cell → forms."""
    found = await connection.execute(
        select(quotas).where(quotas.c.wave_id == wave_id).order_by(quotas.c.point, quotas.c.cell)
    )
    targets: dict[str, dict[str, int]] = {}
    for row in found:
        targets.setdefault(row.point, {})[row.cell] = row.target
    return targets
