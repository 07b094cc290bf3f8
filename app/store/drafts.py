"""Answers not yet sent: one sealed draft per permit, readable only with the permit itself."""

import dataclasses
import datetime
from collections.abc import Collection, Iterable

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.tables import drafts


@dataclasses.dataclass(frozen=True, slots=True)
class DraftRecord:
    """A sealed draft."""

    response_id: bytes
    sealed_answers: bytes
    saved_on: datetime.date


async def save_drafts(
    connection: AsyncConnection, wave_id: int, records: Iterable[DraftRecord]
) -> None:
    """Keep the newest drafts, no two of one permit; written in key order (see responses)."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(drafts)
    newest = {name: statement.excluded[name] for name in ("sealed_answers", "saved_on")}
    statement = statement.on_conflict_do_update(
        index_elements=[drafts.c.wave_id, drafts.c.response_id], set_=newest
    )
    rows = [
        {"wave_id": wave_id, **dataclasses.asdict(one)}
        for one in sorted(records, key=lambda one: one.response_id)
    ]
    if rows:  # RETURNING makes them one statement
        await connection.execute(statement.returning(drafts.c.response_id), rows)


_FIND = select(drafts.c.response_id, drafts.c.sealed_answers).where(
    drafts.c.wave_id == bindparam("wave"),
    drafts.c.response_id.in_(bindparam("ids", expanding=True)),
)


async def find_drafts(
    connection: AsyncConnection, wave_id: int, ids: Collection[bytes]
) -> dict[bytes, bytes]:
    """Give the sealed drafts of permits, by response."""
    if not ids:
        return {}
    found = await connection.execute(_FIND, {"wave": wave_id, "ids": list(ids)})
    return {row.response_id: row.sealed_answers for row in found}


async def delete_drafts(connection: AsyncConnection, wave_id: int, ids: Collection[bytes]) -> None:
    """Forget the drafts of permits."""
    await connection.execute(
        delete(drafts).where(drafts.c.wave_id == wave_id, drafts.c.response_id.in_(ids))
    )
