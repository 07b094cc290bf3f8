"""Answers not yet sent: one sealed draft per permit, readable only with the permit itself."""

import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.tables import drafts


async def save_draft(
    connection: AsyncConnection,
    *,
    wave_id: int,
    response_id: bytes,
    sealed_answers: bytes,
    today: datetime.date,
) -> None:
    """Keep the newest draft of a permit."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(drafts).values(
        wave_id=wave_id, response_id=response_id, sealed_answers=sealed_answers, saved_on=today
    )
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[drafts.c.wave_id, drafts.c.response_id],
            set_={"sealed_answers": sealed_answers, "saved_on": today},
        )
    )


async def load_draft(connection: AsyncConnection, wave_id: int, response_id: bytes) -> bytes | None:
    """Give the sealed draft of a permit."""
    found = await connection.execute(
        select(drafts.c.sealed_answers).where(
            drafts.c.wave_id == wave_id, drafts.c.response_id == response_id
        )
    )
    return found.scalar()


async def delete_draft(connection: AsyncConnection, wave_id: int, response_id: bytes) -> None:
    """Forget the draft of a permit."""
    await connection.execute(
        delete(drafts).where(drafts.c.wave_id == wave_id, drafts.c.response_id == response_id)
    )
