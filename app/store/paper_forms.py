"""Numbered forms and the log of their moves.

Whoever changes forms holds them first, in the order of their numbers, so that two people who scan
or key the same form at once act one after the other.
"""

import dataclasses
import datetime
from collections.abc import Iterator, Sequence

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.balance import FormCount, FormResult
from app.domain.paper.custody import FormState, Outcome
from app.tables import custody_moves, forms

ROWS_AT_ONCE = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class FormRecord:
    """One numbered form. `slip`: what the slip with an identity told, if there was one."""

    number: int
    batch: str
    point: str
    state: FormState = FormState.ISSUED
    outcome: Outcome = Outcome.NONE
    interviewer: str = ""
    moves: int = 0
    slip: str = ""
    result: FormResult = FormResult.PENDING


@dataclasses.dataclass(frozen=True, slots=True)
class CustodyMove:
    """One line of the custody log."""

    number: int
    move: int
    from_state: FormState
    to_state: FormState
    outcome: Outcome
    interviewer: str
    at: datetime.datetime
    by: str
    reason: str


def custody_move(
    old: FormRecord, new: FormRecord, *, by: str, at: datetime.datetime, reason: str = ""
) -> CustodyMove:
    """Write the line of the log for a form that went from one place to another."""
    return CustodyMove(
        new.number, new.moves, old.state, new.state, new.outcome, new.interviewer, at, by, reason
    )


def _portions(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    in_order = sorted(set(numbers))
    for start in range(0, len(in_order), ROWS_AT_ONCE):
        yield in_order[start : start + ROWS_AT_ONCE]


async def insert_forms(
    connection: AsyncConnection, wave_id: int, records: Sequence[FormRecord]
) -> None:
    """Store new forms."""
    rows = [{"wave_id": wave_id, **dataclasses.asdict(record)} for record in records]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await connection.execute(insert(forms), rows[start : start + ROWS_AT_ONCE])


async def find_forms(
    connection: AsyncConnection, wave_id: int, numbers: Sequence[int], *, hold: bool = False
) -> dict[int, FormRecord]:
    """Read forms by number; `hold` keeps them from changing until this transaction ends."""
    found: dict[int, FormRecord] = {}
    for portion in _portions(numbers):
        query = (
            select(forms)
            .where(forms.c.wave_id == wave_id, forms.c.number.in_(portion))
            .order_by(forms.c.number)
        )
        rows = await connection.execute(query.with_for_update() if hold else query)
        found |= {row.number: _record(row) for row in rows}
    return found


async def list_forms(
    connection: AsyncConnection, wave_id: int, batch: str = "", *, hold: bool = False
) -> list[FormRecord]:
    """List the forms of a batch, or of the wave, by number."""
    query = select(forms).where(forms.c.wave_id == wave_id).order_by(forms.c.number)
    if batch:
        query = query.where(forms.c.batch == batch)
    rows = await connection.execute(query.with_for_update() if hold else query)
    return [_record(row) for row in rows]


def _record(row: Row[*tuple[object, ...]]) -> FormRecord:
    fields = {name: value for name, value in row._mapping.items() if name != "wave_id"}
    return FormRecord(
        **fields
        | {
            "state": FormState(row.state),
            "outcome": Outcome(row.outcome),
            "result": FormResult(row.result),
        }
    )


async def update_forms(
    connection: AsyncConnection, wave_id: int, records: Sequence[FormRecord]
) -> None:
    """Write what may change about forms that are held."""
    statement = (
        update(forms)
        .where(forms.c.wave_id == wave_id, forms.c.number == bindparam("key"))
        .values(
            {
                name: bindparam(f"new_{name}")
                for name in ("state", "outcome", "interviewer", "moves", "slip", "result")
            }
        )
    )
    rows = [
        {
            "key": one.number,
            "new_state": one.state,
            "new_outcome": one.outcome,
            "new_interviewer": one.interviewer,
            "new_moves": one.moves,
            "new_slip": one.slip,
            "new_result": one.result,
        }
        for one in records
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await connection.execute(statement, rows[start : start + ROWS_AT_ONCE])


async def insert_moves(
    connection: AsyncConnection, wave_id: int, moves: Sequence[CustodyMove]
) -> None:
    """Add lines to the custody log."""
    rows = [{"wave_id": wave_id, **dataclasses.asdict(move)} for move in moves]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        await connection.execute(insert(custody_moves), rows[start : start + ROWS_AT_ONCE])


async def list_moves(
    connection: AsyncConnection, wave_id: int, number: int | None = None
) -> list[CustodyMove]:
    """Give the custody log of a form, or of all forms, oldest first for each."""
    query = select(custody_moves).where(custody_moves.c.wave_id == wave_id)
    if number is not None:
        query = query.where(custody_moves.c.number == number)
    rows = await connection.execute(query.order_by(custody_moves.c.number, custody_moves.c.move))
    return [
        CustodyMove(
            row.number,
            row.move,
            FormState(row.from_state),
            FormState(row.to_state),
            Outcome(row.outcome),
            row.interviewer,
            row.at,
            row.by,
            row.reason,
        )
        for row in rows
    ]


async def count_forms(connection: AsyncConnection, wave_id: int) -> dict[str, list[FormCount]]:
    """Count the forms of every batch by where they are."""
    was_out = (forms.c.interviewer != "").label("was_out")
    keys = (forms.c.batch, forms.c.state, was_out, forms.c.result)
    rows = await connection.execute(
        select(*keys, func.count().label("n")).where(forms.c.wave_id == wave_id).group_by(*keys)
    )
    counts: dict[str, list[FormCount]] = {}
    for row in rows:
        count = FormCount(FormState(row.state), bool(row.was_out), FormResult(row.result), row.n)
        counts.setdefault(row.batch, []).append(count)
    return counts


async def count_outcomes(connection: AsyncConnection, wave_id: int) -> dict[tuple[str, str], int]:
    """Count the outcomes of contacts: (survey point, outcome) → forms."""
    keys = (forms.c.point, forms.c.outcome)
    rows = await connection.execute(
        select(*keys, func.count())
        .where(forms.c.wave_id == wave_id, forms.c.outcome != "")
        .group_by(*keys)
    )
    return {(point, outcome): n for point, outcome, n in rows}
