"""Waves, their definitions, dates and transitions."""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.questionnaires.audience import Mode
from app.domain.waves.life_cycle import WaveState
from app.store.upsert import insert_new
from app.tables import definitions, wave_dates, wave_transitions, waves


@dataclasses.dataclass(frozen=True, slots=True)
class Dates:
    """The instants between which a mode takes answers; no `closes_at`: without end."""

    opens_at: datetime.datetime
    closes_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True, slots=True)
class WaveRecord:
    """A wave as stored."""

    id: int
    code: str
    definition_hash: str
    state: WaveState
    dates: Mapping[Mode, Dates]


@dataclasses.dataclass(frozen=True, slots=True)
class Transition:
    """One line of a wave's log."""

    number: int
    from_state: WaveState
    to_state: WaveState
    at: datetime.datetime
    by: str
    reason: str


async def store_definition(
    connection: AsyncConnection, *, digest: str, code: str, canonical: str, now: datetime.datetime
) -> None:
    """Keep a definition under its hash; the same one twice is one."""
    row = {"hash": digest, "code": code, "canonical": canonical, "stored_at": now}
    await insert_new(connection, definitions, row)


async def load_definition(connection: AsyncConnection, digest: str) -> str:
    """Give the canonical JSON of a stored definition."""
    found = await connection.execute(
        select(definitions.c.canonical).where(definitions.c.hash == digest)
    )
    return str(found.scalar_one())


async def frozen_versions(connection: AsyncConnection, code: str) -> list[str]:
    """List the versions of a survey on which a wave has been opened."""
    found = await connection.execute(
        select(definitions.c.hash)
        .join_from(definitions, waves)
        .where(definitions.c.code == code, waves.c.state != WaveState.DRAFT)
        .distinct()
    )
    return list(found.scalars())


async def insert_wave(
    connection: AsyncConnection,
    *,
    code: str,
    definition_hash: str,
    dates: Mapping[Mode, Dates],
    now: datetime.datetime,
) -> bool:
    """Make a draft wave; False where the code is taken."""
    row = {
        "code": code,
        "definition_hash": definition_hash,
        "state": WaveState.DRAFT,
        "created_at": now,
    }
    if not await insert_new(connection, waves, row):
        return False
    found = await connection.execute(select(waves.c.id).where(waves.c.code == code))
    wave_id = found.scalar_one()
    await connection.execute(
        insert(wave_dates),
        [
            {"wave_id": wave_id, "mode": mode, "opens_at": d.opens_at, "closes_at": d.closes_at}
            for mode, d in dates.items()
        ],
    )
    return True


_WAVES = (
    select(
        *(waves.c.id, waves.c.code, waves.c.definition_hash, waves.c.state),
        *(wave_dates.c.mode, wave_dates.c.opens_at, wave_dates.c.closes_at),
    )
    .join_from(waves, wave_dates, isouter=True)
    .order_by(waves.c.id.desc())
)
_HELD = _WAVES.where(waves.c.id == bindparam("wave")).with_for_update(read=True, of=waves)


async def list_waves(connection: AsyncConnection) -> list[WaveRecord]:
    """List all waves, newest first."""
    return _records(await connection.execute(_WAVES))


def _records(rows: Iterable[Any]) -> list[WaveRecord]:
    """Put each wave's modes together: there is a row for each."""
    dates: dict[int, dict[Mode, Dates]] = {}
    records: dict[int, WaveRecord] = {}
    for id_, code, digest, state, mode, opens_at, closes_at in rows:
        if id_ not in records:
            dates[id_] = {}
            records[id_] = WaveRecord(id_, code, digest, WaveState(state), dates[id_])
        if mode is not None:
            dates[id_][Mode(mode)] = Dates(opens_at, closes_at)
    return list(records.values())


async def hold_state(connection: AsyncConnection, wave_id: int) -> WaveState:
    """Read the state and keep it from changing until this transaction ends.

    Whoever closes the wave waits for the answers being stored and no later one slips in.
    """
    query = select(waves.c.state).where(waves.c.id == wave_id).with_for_update(read=True)
    return WaveState((await connection.execute(query)).scalar_one())


async def hold_wave(connection: AsyncConnection, wave_id: int) -> WaveRecord:
    """Read state and dates, and keep the state from changing until this transaction ends."""
    [record] = _records(await connection.execute(_HELD, {"wave": wave_id}))
    return record


async def hold_alone(connection: AsyncConnection, wave_id: int) -> None:
    """Let nobody else hold the state until this transaction ends: nothing is stored meanwhile."""
    query = select(waves.c.id).where(waves.c.id == wave_id).with_for_update(key_share=True)
    (await connection.execute(query)).scalar_one()


async def change_state(
    connection: AsyncConnection,
    *,
    wave_id: int,
    old: WaveState,
    new: WaveState,
    now: datetime.datetime,
    by: str,
    reason: str,
) -> bool:
    """Move a wave from one state to another and log it; False where it was no longer in `old`."""
    changed = await connection.execute(
        update(waves).where(waves.c.id == wave_id, waves.c.state == old).values(state=new)
    )
    if changed.rowcount != 1:
        return False
    last = select(func.coalesce(func.max(wave_transitions.c.number), 0)).where(
        wave_transitions.c.wave_id == wave_id
    )
    await connection.execute(
        insert(wave_transitions),
        {
            "wave_id": wave_id,
            "number": (await connection.execute(last)).scalar_one() + 1,
            "from_state": old,
            "to_state": new,
            "at": now,
            "by": by,
            "reason": reason,
        },
    )
    return True


async def change_dates(
    connection: AsyncConnection, *, wave_id: int, mode: Mode, dates: Dates
) -> None:
    """Set when one mode takes answers."""
    await connection.execute(
        update(wave_dates)
        .where(wave_dates.c.wave_id == wave_id, wave_dates.c.mode == mode)
        .values(opens_at=dates.opens_at, closes_at=dates.closes_at)
    )


async def list_transitions(connection: AsyncConnection, wave_id: int) -> list[Transition]:
    """Give the log of a wave, oldest first."""
    found = await connection.execute(
        select(wave_transitions)
        .where(wave_transitions.c.wave_id == wave_id)
        .order_by(wave_transitions.c.number)
    )
    return [
        Transition(
            row.number,
            WaveState(row.from_state),
            WaveState(row.to_state),
            row.at,
            row.by,
            row.reason,
        )
        for row in found
    ]
