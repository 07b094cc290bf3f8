"""Adjudication: a third person decides, with the form at hand, where two entries differ."""

import dataclasses
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.adjudication import final_marks, read_decisions, require_third_person
from app.domain.paper.balance import FormResult
from app.domain.paper.comparison import Discrepancy, compare
from app.domain.paper.serials import Serial
from app.errors import CustodyRefused, Fault, NothingToAdjudicate
from app.services import audit
from app.services.paper_acceptance import settle
from app.services.paper_custody import form_fault, read_numbers
from app.services.paper_sheets import Sheet, Sheets
from app.services.resources import Resources
from app.services.waves import Wave, require_intake
from app.store import paper_entries as store
from app.store.paper_entries import AdjudicationRecord, EntryRecord
from app.store.paper_fieldwork import list_batches
from app.store.paper_forms import FormRecord, hold_forms, list_forms, update_forms
from app.store.waves import hold_state

LONGEST_REASON = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Dispute:
    """A form on which two keyers differ. What they keyed is shown to the third person only."""

    serial: str
    batch: str
    fields: int


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
            disputes.append(Dispute(str(Serial(wave.id, form.number)), form.batch, n))
    return disputes


async def open_dispute(
    resources: Resources, wave: Wave, *, serial: str, by: str, batch: str = ""
) -> tuple[Sheet, Sequence[Discrepancy]]:
    """Show a third person the form and the fields in dispute.

    Raises SamePerson to whoever keyed it, and NothingToAdjudicate.
    """
    [number] = read_numbers(Sheets(resources, wave), [serial])
    async with resources.database.reading() as connection:
        case = await _case(resources, connection, wave, number, batch)
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
    """Store a decision on every field in dispute, and accept the form.

    Raises SamePerson, NothingToAdjudicate, InvalidInput with all faults, and the intake errors.
    Entries stay as they were keyed.
    """
    [number] = read_numbers(Sheets(resources, wave), [serial])
    async with resources.database.writing() as connection:
        state = await hold_state(connection, wave.id)
        require_intake(wave.intake_of_forms(state, resources.now()))
        case = await _case(resources, connection, wave, number, batch)
        require_third_person(by, [one.entry for one in case.entries])
        decided = read_decisions(case.sheet.fields, case.discrepancies, decisions)
        record = AdjudicationRecord(number, by, resources.now(), reason[:LONGEST_REASON], decided)
        if not await store.insert_adjudication(connection, wave.id, record):
            raise NothingToAdjudicate
        final = final_marks(case.entries[0].marks, decided)
        settled = await settle(resources, connection, case.form, case.sheet, final)
        await update_forms(connection, wave.id, [settled])
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.form-decided",
            object_=f"wave:{wave.code}",
            serial=str(case.sheet.serial),
            fields=str(len(decided)),
        )
    return settled.result


async def _case(
    resources: Resources, connection: AsyncConnection, wave: Wave, number: int, batch: str
) -> _Case:
    form = (await hold_forms(connection, wave.id, [number])).get(number)
    batches = await list_batches(connection, wave.id)
    fault: Fault | None = form_fault(form, batches, "", batch)
    if fault is not None or form is None:
        raise CustodyRefused(faults=[fault] if fault else [])
    found = (await store.entries_of(connection, wave.id, [number])).get(number, [])
    discrepancies = compare(found[0].marks, found[1].marks) if len(found) == 2 else []
    if not discrepancies or form.result is not FormResult.PENDING:
        raise NothingToAdjudicate
    sheet = Sheets(resources, wave).sheet(batches[form.batch], number)
    return _Case(form, sheet, found, discrepancies)
