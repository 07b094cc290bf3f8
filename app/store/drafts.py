"""Answers not yet sent: one sealed draft per permit, readable only with the permit itself."""

import dataclasses
import datetime
import functools
from collections.abc import Collection, Iterable

from sqlalchemy import Executable, bindparam, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.upsert import insert_of
from app.tables import drafts


@dataclasses.dataclass(frozen=True, slots=True)
class DraftRecord:
    """A sealed draft."""

    response_id: bytes
    sealed_answers: bytes
    saved_on: datetime.date


_OF_WAVE = drafts.c.wave_id == bindparam("of_wave")
_THESE = drafts.c.response_id.in_(bindparam("these", expanding=True))
_FORGET = delete(drafts).where(_OF_WAVE, _THESE)


async def save_drafts(
    connection: AsyncConnection, wave_id: int, records: Iterable[DraftRecord]
) -> None:
    """Keep the newest drafts, no two of one permit; written in key order (see responses)."""
    rows = [
        {
            "wave_id": wave_id,
            "response_id": one.response_id,
            "sealed_answers": one.sealed_answers,
            "saved_on": one.saved_on,
        }
        for one in sorted(records, key=lambda one: one.response_id)
    ]
    if rows:
        await connection.execute(_keep(connection.dialect.name), rows)


@functools.cache
def _keep(dialect: str) -> Executable:
    statement = insert_of(dialect)(drafts)
    newest = {name: statement.excluded[name] for name in ("sealed_answers", "saved_on")}
    statement = statement.on_conflict_do_update(
        index_elements=[drafts.c.wave_id, drafts.c.response_id], set_=newest
    )
    one: Executable = statement.returning(drafts.c.response_id)  # for all rows together
    return one


async def delete_drafts(connection: AsyncConnection, wave_id: int, ids: Collection[bytes]) -> None:
    """Forget the drafts of permits."""
    if ids:
        await connection.execute(_FORGET, {"of_wave": wave_id, "these": [*ids]})
