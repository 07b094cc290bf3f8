"""Keying: first and second entry, each by another person, stored once and never changed.

The serial makes keying safe to repeat: the same sheet by the same keyer is the same entry, however
often it is sent. A form whose entries agree is accepted in the same transaction as its last entry.
"""

import dataclasses
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.balance import FormResult
from app.domain.paper.calls import CallResult, sheet_after
from app.domain.paper.comparison import agreed_marks
from app.domain.paper.custody import FormState
from app.domain.paper.entries import Entry, Placement, place_entry, same_person
from app.domain.paper.marks import Marks, read_marks
from app.domain.questionnaires.audience import Mode
from app.errors import Fault, InvalidInput
from app.errors.paper import EntryHidden, EntryRefused, FormNotFound
from app.services import audit
from app.services.paper_acceptance import countable, settle
from app.services.paper_custody import form_fault, read_numbers
from app.services.paper_sheets import Sheet, Sheets
from app.services.resources import Resources
from app.services.waves import Wave, require_intake
from app.store import paper_entries as store
from app.store.paper_calls import end_calls
from app.store.paper_entries import EntryRecord
from app.store.paper_fieldwork import BatchRecord, list_batches
from app.store.paper_forms import (
    CustodyMove,
    FormRecord,
    custody_move,
    find_forms,
    insert_moves,
    update_forms,
)
from app.store.waves import hold_state

LONGEST_CODE = 40
"""Of an interviewer."""


@dataclasses.dataclass(frozen=True, slots=True)
class KeyedSheet:
    """What one keyer read on one form: cells by field code. `label` names it in faults."""

    serial: str
    cells: Mapping[str, str]
    seconds: float = 0.0
    label: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Keyed:
    """A stored entry. `result` is pending while another entry or a decision is missing."""

    serial: str
    ordinal: int
    repeated: bool
    result: FormResult
    warnings: tuple[Fault, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What became of many sheets: those stored, and the faults of the rest."""

    keyed: tuple[Keyed, ...]
    faults: tuple[Fault, ...]


@dataclasses.dataclass(slots=True)
class _Work:
    """One sheet on its way into storage."""

    form: FormRecord
    sheet: Sheet
    keyed: KeyedSheet
    marks: dict[str, str]
    placement: Placement


async def sheet_to_key(
    resources: Resources, wave: Wave, *, serial: str, by: str, point: str = "", batch: str = ""
) -> Sheet:
    """Give the form that somebody is about to key. Nothing of an earlier entry is told.

    Raises InvalidInput, and EntryRefused where this person can't key it now.
    """
    sheets = Sheets(resources, wave)
    [number] = read_numbers(sheets, [serial])
    async with resources.database.reading() as connection:
        form = (await find_forms(connection, wave.id, [number])).get(number)
        batches = await list_batches(connection, wave.id)
        earlier = (await store.entries_of(connection, wave.id, [number])).get(number, [])
    fault = form_fault(form, batches, point, batch) or _slip_fault(form)
    if fault is not None or form is None:
        raise EntryRefused(faults=[fault] if fault else [])
    sheet = sheets.sheet(batches[form.batch], number)
    entries = [one.entry for one in earlier]
    place = _place(form, entries, by, {}, sheet)
    if isinstance(place, Fault):
        raise EntryRefused(faults=[place])
    return sheet


async def key_form(
    resources: Resources,
    wave: Wave,
    keyed: KeyedSheet,
    *,
    by: str,
    source: str = "console",
    point: str = "",
    batch: str = "",
) -> Keyed:
    """Store one entry. Raises InvalidInput, EntryRefused and the intake errors."""
    outcome = await key_forms(
        resources, wave, [keyed], by=by, source=source, point=point, batch=batch
    )
    return outcome.keyed[0]


async def key_forms(
    resources: Resources,
    wave: Wave,
    keyed: Sequence[KeyedSheet],
    *,
    by: str,
    source: str,
    point: str = "",
    batch: str = "",
    accept_good_part: bool = False,
) -> Outcome:
    """Store entries by one keyer: all of them, or none and every fault.

    With `accept_good_part` the good ones are stored and the faults of the rest given back.
    """
    if not by.strip() or len(by) > 100:
        raise InvalidInput(faults=[Fault("by", "invalid", "Say who keyed, in 100 letters")])
    sheets = Sheets(resources, wave)
    numbers = read_numbers(sheets, [one.serial for one in keyed])
    async with resources.database.writing() as connection:
        state = await hold_state(connection, wave.id)
        held = await find_forms(connection, wave.id, numbers, hold=True)
        batches = await list_batches(connection, wave.id)
        for mode in {batches[form.batch].mode for form in held.values()}:
            require_intake(wave.intake_of_forms(state, resources.now(), mode))
        earlier = await store.entries_of(connection, wave.id, list(held))
        works: list[_Work] = []
        faults: list[Fault] = []
        for number, one in zip(numbers, keyed, strict=True):
            found = _judge(
                one,
                held.get(number),
                earlier.get(number, []),
                batches=batches,
                sheets=sheets,
                by=by,
                point=point,
                batch=batch,
            )
            if isinstance(found, _Work):
                works.append(found)
            else:
                label = one.label or one.serial
                faults += [dataclasses.replace(f, field=f"{label}, {f.field}") for f in found]
        if faults and not accept_good_part:
            raise EntryRefused(faults=faults)
        results = await _store(resources, connection, wave, works, earlier, by=by, source=source)
    return Outcome(tuple(results), tuple(faults))


def _judge(
    keyed: KeyedSheet,
    form: FormRecord | None,
    earlier: Sequence[EntryRecord],
    *,
    batches: dict[str, BatchRecord],
    sheets: Sheets,
    by: str,
    point: str,
    batch: str,
) -> _Work | list[Fault]:
    fault = form_fault(form, batches, point, batch) or _slip_fault(form)
    if fault is not None or form is None:
        return [fault] if fault else []
    sheet = sheets.sheet(batches[form.batch], form.number)
    marks, faults = read_marks(sheet.fields, keyed.cells)
    if faults:
        return faults
    entries = [one.entry for one in earlier]
    placement = _place(form, entries, by, marks, sheet)
    if isinstance(placement, Fault):
        return [placement]
    return _Work(form, sheet, keyed, marks, placement)


def _place(
    form: FormRecord, earlier: Sequence[Entry], by: str, marks: Marks, sheet: Sheet
) -> Placement | Fault:
    return place_entry(
        form.state,
        earlier,
        by=by,
        marks=marks,
        wanted=sheet.entries_wanted,
        mode=sheet.batch.mode,
    )


def _slip_fault(form: FormRecord | None) -> Fault | None:
    if form is not None and form.slip == "reading":
        return Fault("serial", "slip-unread", "The reading of its slip broke off: read it again")
    return None


async def _store(
    resources: Resources,
    connection: AsyncConnection,
    wave: Wave,
    works: Sequence[_Work],
    earlier: dict[int, list[EntryRecord]],
    *,
    by: str,
    source: str,
) -> list[Keyed]:
    fresh = [work for work in works if not work.placement.repeated]
    records = [_entry(resources, work, by, source) for work in fresh]
    await store.insert_entries(connection, wave.id, records)
    moves: list[CustodyMove] = []
    for work, record in zip(fresh, records, strict=True):
        if work.form.state is not FormState.KEYED:
            keyed = _to_keyed(work, by)
            moves.append(custody_move(work.form, keyed, by=by, at=resources.now()))
            work.form = keyed
        entries = [one.entry for one in (*earlier.get(record.number, []), record)]
        final = agreed_marks(entries, work.sheet.entries_wanted)
        if final is not None:
            work.form = await settle(resources, connection, work.form, work.sheet, final)
    await insert_moves(connection, wave.id, moves)
    await update_forms(connection, wave.id, [work.form for work in fresh])
    called = [work.form.number for work in fresh if _by_phone(work)]
    await end_calls(connection, wave.id, called, by=by, result=CallResult.COMPLETED)
    if fresh:
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.forms-keyed",
            object_=f"wave:{wave.code}",
            n=str(len(fresh)),
            first=str(min(work.sheet.serial for work in fresh)),
            source=source,
        )
    return [_keyed(work) for work in works]


def _entry(resources: Resources, work: _Work, by: str, source: str) -> EntryRecord:
    return EntryRecord(
        work.form.number,
        work.placement.ordinal,
        by,
        resources.now(),
        work.keyed.seconds,
        source,
        work.marks,
    )


def _by_phone(work: _Work) -> bool:
    return work.sheet.batch.mode is Mode.PHONE


def _to_keyed(work: _Work, by: str) -> FormRecord:
    """Give the form as keyed; on the telephone whoever keys is the interviewer."""
    state, outcome = sheet_after(CallResult.COMPLETED)
    return dataclasses.replace(
        work.form,
        state=state,
        outcome=outcome,
        interviewer=by[:LONGEST_CODE] if _by_phone(work) else work.form.interviewer,
        moves=work.form.moves + 1,
    )


def _keyed(work: _Work) -> Keyed:
    _, warnings = countable(work.sheet, work.marks)
    return Keyed(
        str(work.sheet.serial),
        work.placement.ordinal,
        work.placement.repeated,
        work.form.result,
        tuple(warnings),
    )


async def own_entry(resources: Resources, wave: Wave, *, serial: str, by: str) -> EntryRecord:
    """Give back what this person keyed. Raises FormNotFound, EntryHidden for other people's."""
    [number] = read_numbers(Sheets(resources, wave), [serial])
    async with resources.database.reading() as connection:
        found = (await store.entries_of(connection, wave.id, [number])).get(number, [])
    if not found:
        raise FormNotFound
    for record in found:
        if same_person(record.by, by):
            return record
    raise EntryHidden
