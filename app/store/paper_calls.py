"""Calls, and which call sheet is next. Whoever opens a call holds the batch's row meanwhile."""

import datetime
from collections.abc import Sequence

from sqlalchemy import Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.calls import Call, CallResult
from app.domain.paper.custody import FormState
from app.tables import calls, forms


async def own_open_sheet(
    connection: AsyncConnection, wave_id: int, batch: str, by: str
) -> int | None:
    """Give the sheet whose last call is somebody's own and has no result yet."""
    query = _called_sheets(wave_id, batch).where(
        calls.c.by == by, calls.c.result == CallResult.OPEN
    )
    return await _first(connection, query.order_by(forms.c.number))


async def uncalled_sheet(connection: AsyncConnection, wave_id: int, batch: str) -> int | None:
    """Give the first sheet that nobody has called yet."""
    query = _sheets(wave_id, batch, FormState.ISSUED)
    return await _first(connection, query.order_by(forms.c.number))


async def sheet_to_call_back(connection: AsyncConnection, wave_id: int, batch: str) -> int | None:
    """Give the sheet to be called back that has waited longest; none that is being called."""
    query = _called_sheets(wave_id, batch).where(calls.c.result != CallResult.OPEN)
    return await _first(connection, query.order_by(calls.c.began_at, forms.c.number))


def _sheets(wave_id: int, batch: str, state: FormState) -> Select[tuple[int]]:
    return select(forms.c.number).where(
        forms.c.wave_id == wave_id, forms.c.batch == batch, forms.c.state == state
    )


def _called_sheets(wave_id: int, batch: str) -> Select[tuple[int]]:
    """Pair the sheets that are with interviewers with their last calls."""
    older = calls.alias()
    last = (
        select(func.max(older.c.attempt))
        .where(older.c.wave_id == wave_id, older.c.number == forms.c.number)
        .correlate(forms)
        .scalar_subquery()
    )
    return (
        _sheets(wave_id, batch, FormState.HANDED_OUT)
        .join(calls, (calls.c.wave_id == forms.c.wave_id) & (calls.c.number == forms.c.number))
        .where(calls.c.attempt == last)
    )


async def _first(connection: AsyncConnection, query: Select[tuple[int]]) -> int | None:
    number: int | None = await connection.scalar(query.limit(1))
    return number


async def calls_of(connection: AsyncConnection, wave_id: int, number: int) -> list[Call]:
    """List the calls of a sheet, oldest first."""
    rows = await connection.execute(
        select(calls.c.attempt, calls.c.by, calls.c.result)
        .where(calls.c.wave_id == wave_id, calls.c.number == number)
        .order_by(calls.c.attempt)
    )
    return [Call(row.attempt, row.by, CallResult(row.result)) for row in rows]


async def insert_call(
    connection: AsyncConnection, wave_id: int, number: int, call: Call, *, at: datetime.datetime
) -> None:
    """Store a call that begins."""
    await connection.execute(
        insert(calls).values(
            wave_id=wave_id,
            number=number,
            attempt=call.attempt,
            by=call.by,
            began_at=at,
            result=call.result,
        )
    )


async def end_calls(
    connection: AsyncConnection,
    wave_id: int,
    numbers: Sequence[int],
    *,
    by: str,
    result: CallResult,
) -> None:
    """Give somebody's own calls that go on their result."""
    if not numbers:
        return
    await connection.execute(
        update(calls)
        .where(
            calls.c.wave_id == wave_id,
            calls.c.number == bindparam("of_number"),
            calls.c.by == by,
            calls.c.result == CallResult.OPEN,
        )
        .values(result=result),
        [{"of_number": number} for number in numbers],
    )


async def count_calls(
    connection: AsyncConnection, wave_id: int
) -> dict[tuple[str, CallResult], int]:
    """Count calls: (batch, result) → calls."""
    keys = (forms.c.batch, calls.c.result)
    rows = await connection.execute(
        select(*keys, func.count())
        .join(forms, (forms.c.wave_id == calls.c.wave_id) & (forms.c.number == calls.c.number))
        .where(calls.c.wave_id == wave_id)
        .group_by(*keys)
    )
    return {(batch, CallResult(result)): n for batch, result, n in rows}
