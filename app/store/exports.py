"""What exports read of stored responses: no id, no day, no sealed person; in random order.

Receipts are derived from the id: in the order of ids, whoever is shown a receipt could find its
row. So the database draws the order anew for every export.
"""

from collections.abc import AsyncIterator

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deduplication.decision import ResponseStatus
from app.domain.exports.rows import ExportedResponse
from app.tables import responses

PIECE = 2000

_KEYS = (responses.c.respondent_class, responses.c.mode, responses.c.stratum)


async def stream_exported(
    connection: AsyncConnection, wave_id: int
) -> AsyncIterator[list[ExportedResponse]]:
    """Give all responses of a wave in pieces."""
    columns = (
        responses.c.status,
        responses.c.mode,
        responses.c.trust,
        responses.c.respondent_class,
        responses.c.stratum,
        responses.c.point,
        responses.c.window,
        responses.c.answers,
    )
    result = await connection.stream(
        select(*columns)
        .where(responses.c.wave_id == wave_id)
        .order_by(func.random())
        .execution_options(yield_per=PIECE)
    )
    async for piece in result.partitions():
        yield [ExportedResponse(*row) for row in piece]


async def count_counted(
    connection: AsyncConnection, wave_id: int
) -> dict[tuple[str, str, str], int]:
    """Count the responses that count, by class, mode and stratum."""
    found = await connection.execute(
        select(*_KEYS, func.count())
        .where(responses.c.wave_id == wave_id, responses.c.status == ResponseStatus.COUNTED)
        .group_by(*_KEYS)
    )
    return {(who, mode, stratum): n for who, mode, stratum, n in found}
