"""Custody: who has which form, told by scanning its QR code or typing its serial."""

import dataclasses
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.paper.custody import (
    NEEDS_INTERVIEWER,
    SCANNED_TO,
    FormState,
    Outcome,
    fault_of_move,
    outcome_after,
)
from app.domain.paper.serials import Serial
from app.domain.questionnaires.audience import Mode
from app.errors import Fault, InvalidInput
from app.errors.paper import CustodyRefused
from app.services import audit
from app.services.paper_sheets import Sheets
from app.services.resources import Resources
from app.services.wave_control import optional_reason
from app.services.waves import Wave
from app.store import paper_forms as store
from app.store.paper_fieldwork import BatchRecord, Interviewer, list_batches, list_interviewers
from app.store.paper_forms import CustodyMove, FormRecord, custody_move

Form = FormRecord
"""A numbered form and where it is, as pages know it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scan:
    """One scan: where the form goes. `interviewer` where it goes into somebody's hands."""

    serial: str
    to: FormState
    outcome: Outcome = Outcome.NONE
    interviewer: str = ""
    reason: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class _Ground:
    """What scans are judged by."""

    batches: dict[str, BatchRecord]
    interviewers: dict[str, Interviewer]
    point: str


async def record_scans(
    resources: Resources, wave: Wave, scans: Sequence[Scan], *, by: str, point: str = ""
) -> list[FormRecord]:
    """Move forms: all of them, or none and every fault.

    `point` limits the act to forms of one survey point. A form scanned twice stays where it is.
    Raises InvalidInput for misread serials and CustodyRefused for what the rules forbid.
    """
    numbers = read_numbers(Sheets(resources, wave), [scan.serial for scan in scans])
    async with resources.database.writing() as connection:
        held = await store.find_forms(connection, wave.id, numbers, hold=True)
        ground = await _ground(connection, wave, point)
        faults: list[Fault] = []
        moves: list[CustodyMove] = []
        for number, scan in zip(numbers, scans, strict=True):
            moved = _move(held.get(number), scan, ground)
            if isinstance(moved, Fault):
                faults.append(dataclasses.replace(moved, field=f"forms.{number}.{moved.field}"))
            elif moved is not held[number]:
                reason = optional_reason(scan.reason)
                moves.append(
                    custody_move(held[number], moved, by=by, at=resources.now(), reason=reason)
                )
                held[number] = moved
        if faults:
            raise CustodyRefused(faults=faults)
        changed = {move.number for move in moves}
        await store.update_forms(connection, wave.id, [held[number] for number in changed])
        await store.insert_moves(connection, wave.id, moves)
        if moves:
            await audit.record(
                connection,
                resources,
                by=by,
                act="paper.forms-moved",
                object_=f"wave:{wave.code}",
                **_described(wave, moves),
            )
    return [held[number] for number in numbers]


def _described(wave: Wave, moves: Sequence[CustodyMove]) -> dict[str, str]:
    """Tell the audit log how many forms went where; the custody log has each of them."""
    states = sorted({move.to_state for move in moves})
    first = Serial(wave.id, min(move.number for move in moves))
    return {"n": str(len(moves)), "to": " ".join(states), "first": str(first)}


def read_numbers(sheets: Sheets, serials: Sequence[str]) -> list[int]:
    """Read serials, all faults at once; they are named by place, counted from 1."""
    numbers: list[int] = []
    faults: list[Fault] = []
    for place, serial in enumerate(serials, start=1):
        number = sheets.number(serial)
        if isinstance(number, Fault):
            faults.append(dataclasses.replace(number, field=f"serials.{place}"))
        else:
            numbers.append(number)
    if faults:
        raise InvalidInput(faults=faults)
    return numbers


async def _ground(connection: AsyncConnection, wave: Wave, point: str) -> _Ground:
    return _Ground(
        await list_batches(connection, wave.id),
        await list_interviewers(connection, wave.id),
        point,
    )


def form_fault(
    form: FormRecord | None, batches: dict[str, BatchRecord], point: str, batch: str = ""
) -> Fault | None:
    """Say why a form can't be touched here: unknown, of another point or batch, batch closed."""
    if form is None:
        return Fault("serial", "form-not-found", "No form with this serial has been issued")
    if point and form.point != point:
        return Fault("serial", "other-point", "The form belongs to another survey point")
    if batch and form.batch != batch:
        return Fault("serial", "other-batch", "The form belongs to another batch")
    if batches[form.batch].closed_at is not None:
        return Fault("serial", "batch-closed", "The form's batch is closed")
    return None


def _move(form: FormRecord | None, scan: Scan, ground: _Ground) -> FormRecord | Fault:
    """Give the form after the scan; the same object where it is there already."""
    if (fault := form_fault(form, ground.batches, ground.point)) is not None:
        return fault
    assert form is not None  # noqa: S101 – form_fault has told
    mode = ground.batches[form.batch].mode
    if scan.to not in SCANNED_TO[mode]:
        return Fault("to", "move-refused", f"Scans move no {mode} form there")
    outcome = outcome_after(scan.to, scan.outcome)
    if isinstance(outcome, Fault):
        return outcome
    interviewer = _interviewer_after(form, scan, outcome, ground)
    if isinstance(interviewer, Fault):
        return interviewer
    moved = dataclasses.replace(form, state=scan.to, outcome=outcome, interviewer=interviewer)
    if moved == form:
        return form
    fault = fault_of_move(form.state, scan.to, reason=scan.reason)
    return fault or dataclasses.replace(moved, moves=form.moves + 1)


def _interviewer_after(
    form: FormRecord, scan: Scan, outcome: Outcome, ground: _Ground
) -> str | Fault:
    """Forms that were never out, or came back without a try, are nobody's."""
    if scan.to is FormState.ISSUED or (scan.to is FormState.BLANK and outcome is Outcome.NONE):
        return ""
    on_paper = ground.batches[form.batch].mode is Mode.PAPER
    interviewer = (scan.interviewer if on_paper else "") or form.interviewer
    if not interviewer:
        tried = scan.to in NEEDS_INTERVIEWER or outcome is not Outcome.NONE
        message = "Say whose hands the form is in"
        return Fault("interviewer", "interviewer-missing", message) if tried else ""
    if not on_paper:
        return interviewer  # callers are accounts, named when they call
    known = ground.interviewers.get(interviewer)
    if known is None or known.point != form.point:
        return Fault("interviewer", "interviewer-unknown", "The form's point has no such person")
    return interviewer


async def custody_of(resources: Resources, wave: Wave, *, serial: str) -> list[CustodyMove]:
    """Give the custody log of one form."""
    [number] = read_numbers(Sheets(resources, wave), [serial])
    async with resources.database.reading() as connection:
        return await store.list_moves(connection, wave.id, number)
