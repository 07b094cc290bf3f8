"""Adjudication: a third person decides, with the form at hand, where two entries differ."""

import dataclasses
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.adjudication import final_marks, read_decisions, require_third_person
from app.domain.paper.balance import FormResult
from app.domain.paper.comparison import Discrepancy, compare
from app.domain.paper.serials import Serial
from app.errors.paper import CustodyRefused, NothingToAdjudicate
from app.services import audit
from app.services.paper_acceptance import settle
from app.services.paper_custody import form_fault, read_numbers
from app.services.paper_sheets import Sheet, Sheets
from app.services.resources import Resources
from app.services.wave_control import optional_reason
from app.services.waves import Wave, require_intake
from app.store import paper_entries as store
from app.store.paper_entries import AdjudicationRecord, EntryRecord
from app.store.paper_fieldwork import BatchRecord, list_batches
from app.store.paper_forms import FormRecord, find_forms, list_forms, update_forms
from app.store.waves import hold_state


@dataclasses.dataclass(frozen=True, slots=True)
class Dispute:
    """A form on which two keyers differ. What they keyed is shown to the third person only."""

    serial: str
    batch: str
    fields: int
    keyed_by: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """What the form says in every field in dispute."""

    serial: str
    marks: Mapping[str, str]
    reason: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class _Case:
    form: FormRecord
    sheet: Sheet
    entries: Sequence[EntryRecord]
    discrepancies: Sequence[Discrepancy]


async def list_disputes(resources: Resources, wave: Wave, batch: str = "") -> list[Dispute]:
    """List the forms that wait for a decision, by serial."""
    async with resources.database.reading() as connection:
        forms = await list_forms(connection, wave.id, batch)
        entries = await store.list_entries(connection, wave.id, batch)
    disputes = []
    for form in forms:
        found = entries.get(form.number, [])
        if form.result is FormResult.PENDING and len(found) == 2:
            n = len(compare(found[0].marks, found[1].marks))
            keyers = tuple(one.by for one in found)
            disputes.append(Dispute(str(Serial(wave.id, form.number)), form.batch, n, keyers))
    return disputes


async def open_dispute(
    resources: Resources, wave: Wave, *, serial: str, by: str, batch: str = ""
) -> tuple[Sheet, Sequence[Discrepancy]]:
    """Show a third person the form and the fields in dispute.

    Raises SamePerson to whoever keyed it, and NothingToAdjudicate.
    """
    async with resources.database.reading() as connection:
        [case] = await _cases(resources, connection, wave, [serial], batch)
    require_third_person(by, [one.entry for one in case.entries])
    return case.sheet, case.discrepancies


async def adjudicate(
    resources: Resources,
    wave: Wave,
    *,
    serial: str,
    decisions: Mapping[str, str],
    by: str,
    reason: str = "",
    batch: str = "",
) -> FormResult:
    """Store a decision on every field in dispute on one form, and accept the form."""
    decision = Decision(serial, decisions, reason)
    return (await adjudicate_forms(resources, wave, [decision], by=by, batch=batch))[0]


async def adjudicate_forms(
    resources: Resources, wave: Wave, decisions: Sequence[Decision], *, by: str, batch: str = ""
) -> list[FormResult]:
    """Store one person's decisions on several forms and accept the forms: all or none.

    Raises SamePerson, NothingToAdjudicate, InvalidInput with all faults of a form, and the intake
    errors. Entries stay as they were keyed.
    """
    async with resources.database.writing() as connection:
        state = await hold_state(connection, wave.id)
        require_intake(wave.intake_of_forms(state, resources.now()))
        serials = [one.serial for one in decisions]
        cases = await _cases(resources, connection, wave, serials, batch, hold=True)
        records, settled = [], []
        for case, decision in zip(cases, decisions, strict=True):
            require_third_person(by, [one.entry for one in case.entries])
            decided = read_decisions(case.sheet.fields, case.discrepancies, decision.marks)
            records.append(_record(resources, case, decision, decided, by))
            final = final_marks(case.entries[0].marks, decided)
            settled.append(await settle(resources, connection, case.form, case.sheet, final))
        await store.insert_adjudications(connection, wave.id, records)
        await update_forms(connection, wave.id, settled)
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.forms-decided",
            object_=f"wave:{wave.code}",
            n=str(len(cases)),
            first=str(min(case.sheet.serial for case in cases)),
        )
    return [form.result for form in settled]


def _record(
    resources: Resources, case: _Case, decision: Decision, decided: dict[str, str], by: str
) -> AdjudicationRecord:
    reason = optional_reason(decision.reason)
    return AdjudicationRecord(case.form.number, by, resources.now(), reason, decided)


async def _cases(
    resources: Resources,
    connection: AsyncConnection,
    wave: Wave,
    serials: Sequence[str],
    batch: str,
    *,
    hold: bool = False,
) -> list[_Case]:
    sheets = Sheets(resources, wave)
    numbers = read_numbers(sheets, serials)
    if len(set(numbers)) < len(numbers):
        raise NothingToAdjudicate("A form is decided on twice")
    found = await find_forms(connection, wave.id, numbers, hold=hold)
    batches = await list_batches(connection, wave.id)
    entries = await store.entries_of(connection, wave.id, numbers)
    return [
        _case(found.get(number), batches, entries.get(number, []), sheets, batch)
        for number in numbers
    ]


def _case(
    form: FormRecord | None,
    batches: dict[str, BatchRecord],
    entries: Sequence[EntryRecord],
    sheets: Sheets,
    batch: str,
) -> _Case:
    fault = form_fault(form, batches, "", batch)
    if fault is not None or form is None:
        raise CustodyRefused(faults=[fault] if fault else [])
    discrepancies = compare(entries[0].marks, entries[1].marks) if len(entries) == 2 else []
    if not discrepancies or form.result is not FormResult.PENDING:
        raise NothingToAdjudicate
    sheet = sheets.sheet(batches[form.batch], form.number)
    return _Case(form, sheet, entries, discrepancies)
