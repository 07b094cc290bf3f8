"""Calls: an interviewer takes the next call sheet, and says what became of the call.

A completed interview is keyed like a form (`paper_keying.py`). No telephone number comes by here:
the call station's own list has them beside the numbers of the sheets.
"""

import dataclasses

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.calls import Call, CallResult, sheet_after
from app.domain.paper.custody import KEYED_FROM, FormState
from app.domain.paper.entries import same_person
from app.domain.paper.serials import Serial
from app.domain.questionnaires.audience import Mode
from app.errors import Fault
from app.errors.paper import BatchClosed, BatchNotFound, CallRefused, NoCallLeft
from app.services import audit
from app.services.paper_custody import form_fault, read_numbers
from app.services.paper_sheets import Sheet, Sheets
from app.services.resources import Resources
from app.services.waves import Wave, intake_of, require_intake
from app.store import paper_calls as store
from app.store.paper_fieldwork import BatchRecord, hold_batch
from app.store.paper_forms import (
    FormRecord,
    custody_move,
    find_forms,
    insert_moves,
    update_forms,
)
from app.store.waves import hold_state, hold_wave


@dataclasses.dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that begins, or goes on: what is asked, and which attempt it is."""

    sheet: Sheet
    attempt: int


async def open_call(
    resources: Resources, wave: Wave, *, batch: str, by: str, serial: str = ""
) -> OpenCall:
    """Take the next call sheet of a batch, or the one named.

    Next is one's own call that broke off, then a number not called yet, then the one to be called
    back that has waited longest. Nobody is given a sheet that somebody else is calling; naming it
    takes it over. Raises NoCallLeft, CallRefused, BatchClosed, BatchNotFound, InvalidInput and the
    intake errors.
    """
    sheets = Sheets(resources, wave)
    named = read_numbers(sheets, [serial]) if serial else []
    async with resources.database.writing() as connection:
        held = await hold_wave(connection, wave.id)
        require_intake(intake_of(held, Mode.PHONE, resources.now()))
        record = await _hold(connection, wave, batch)
        number = named[0] if named else await _next(connection, wave, batch, by)
        form = await _form_to_call(connection, wave, record, number)
        calls = await store.calls_of(connection, wave.id, number)
        call = _own_open(calls, by)
        if call is None:
            call = Call(len(calls) + 1, by)
            await store.insert_call(connection, wave.id, number, call, at=resources.now())
            await _change(resources, connection, wave, form, CallResult.OPEN, by=by)
            await _audit(resources, connection, form, call, wave=wave, act="paper.call-begun")
    return OpenCall(sheets.sheet(record, number), call.attempt)


async def _hold(connection: AsyncConnection, wave: Wave, batch: str) -> BatchRecord:
    record = await hold_batch(connection, wave.id, batch)
    if record is None or record.mode is not Mode.PHONE:
        raise BatchNotFound
    if record.closed_at is not None:
        raise BatchClosed
    return record


async def _next(connection: AsyncConnection, wave: Wave, batch: str, by: str) -> int:
    number = (
        await store.own_open_sheet(connection, wave.id, batch, by)
        or await store.uncalled_sheet(connection, wave.id, batch)
        or await store.sheet_to_call_back(connection, wave.id, batch)
    )
    if number is None:
        raise NoCallLeft
    return number


async def _form_to_call(
    connection: AsyncConnection, wave: Wave, batch: BatchRecord, number: int
) -> FormRecord:
    form = (await find_forms(connection, wave.id, [number], hold=True)).get(number)
    fault = form_fault(form, {batch.batch: batch}, "", batch.batch)
    if fault is None and form is not None:
        callable_now = form.state in KEYED_FROM[Mode.PHONE] - {FormState.KEYED}
        fault = None if callable_now else _settled()
    if fault is not None or form is None:
        raise CallRefused(faults=[fault] if fault else [])
    return form


def _settled() -> Fault:
    return Fault("serial", "call-settled", "This call sheet has its outcome already")


def _own_open(calls: list[Call], by: str) -> Call | None:
    last = calls[-1] if calls else None
    goes_on = last is not None and last.result is CallResult.OPEN and same_person(last.by, by)
    return last if goes_on else None


async def end_call(
    resources: Resources,
    wave: Wave,
    *,
    batch: str,
    serial: str,
    attempt: int,
    result: CallResult,
    by: str,
) -> bool:
    """Say what became of a call that brought no interview; True where it was said before.

    Raises CallRefused for a call that is not one's own, has another result, or was followed by
    another; BatchClosed, BatchNotFound, InvalidInput and the intake errors.
    """
    [number] = read_numbers(Sheets(resources, wave), [serial])
    async with resources.database.writing() as connection:
        state = await hold_state(connection, wave.id)
        require_intake(wave.intake_of_forms(state, resources.now(), Mode.PHONE))
        record = await _hold(connection, wave, batch)
        calls = await store.calls_of(connection, wave.id, number)
        call = _own_call(calls, attempt, by)
        if call.result is result:
            return True
        if call.result is not CallResult.OPEN or attempt != len(calls):
            raise CallRefused(faults=[_settled()])
        form = await _form_to_call(connection, wave, record, number)
        ended = dataclasses.replace(call, result=result)
        await store.end_calls(connection, wave.id, [number], by=call.by, result=result)
        await _change(resources, connection, wave, form, result, by=by)
        await _audit(resources, connection, form, ended, wave=wave, act="paper.call-ended")
    return False


def _own_call(calls: list[Call], attempt: int, by: str) -> Call:
    for call in calls:
        if call.attempt == attempt and same_person(call.by, by):
            return call
    raise CallRefused(faults=[Fault("attempt", "no-such-call", "You have made no such call")])


async def _change(
    resources: Resources,
    connection: AsyncConnection,
    wave: Wave,
    form: FormRecord,
    result: CallResult,
    *,
    by: str,
) -> None:
    """Put the sheet where the call leaves it; a sheet to be called back stays where it is."""
    state, outcome = sheet_after(result)
    moved = dataclasses.replace(form, state=state, outcome=outcome, interviewer=by)
    if moved == form:
        return
    moved = dataclasses.replace(moved, moves=form.moves + 1)
    await insert_moves(connection, wave.id, [custody_move(form, moved, by=by, at=resources.now())])
    await update_forms(connection, wave.id, [moved])


async def _audit(
    resources: Resources,
    connection: AsyncConnection,
    form: FormRecord,
    call: Call,
    *,
    wave: Wave,
    act: str,
) -> None:
    await audit.record(
        connection,
        resources,
        by=call.by,
        act=act,
        object_=f"form:{Serial(wave.id, form.number)}",
        wave=wave.code,
        attempt=str(call.attempt),
        **({"result": call.result.value} if call.result else {}),
    )


async def count_calls(resources: Resources, wave: Wave) -> dict[tuple[str, CallResult], int]:
    """Count calls: (batch, result) → calls; attempts, not sheets."""
    async with resources.database.reading() as connection:
        return await store.count_calls(connection, wave.id)
