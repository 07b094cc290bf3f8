"""Slips: a form's detachable part, on which respondents may leave what they also gave online.

Whoever answered online as well, or on two forms, is recognised by it. Reading a slip takes three
transactions, because roll and answers must share none; a form whose slip was being read when the
program died counts, as nobody can tell its own claim from a stranger's.
"""

import dataclasses
from typing import Literal, get_args

from app.domain.deduplication.person_keys import (
    normalise_mobile,
    normalise_national_id,
    person_key,
)
from app.domain.paper.custody import FormState
from app.domain.questionnaires.audience import Trust
from app.errors import Fault
from app.errors.answering import WayInNotOffered
from app.errors.paper import CustodyRefused
from app.services import audit
from app.services.paper_custody import form_fault, read_numbers
from app.services.paper_sheets import Sheets
from app.services.resources import Resources
from app.services.waves import Wave, require_intake
from app.store import roll
from app.store.paper_fieldwork import list_batches
from app.store.paper_forms import FormRecord, find_forms, update_forms
from app.store.randomness import random_bytes
from app.store.waves import hold_state

SlipCheck = Literal["phone", "national_id"]
SLIP_CHECKS: tuple[SlipCheck, ...] = get_args(SlipCheck)


def slip_checks(wave: Wave) -> list[SlipCheck]:
    """List what can stand on a slip: the numbers by which the definition identifies people."""
    ways = [way for one in wave.definition.audience.classes for way in one.ways_in]
    return [check for check in SLIP_CHECKS if any(check in way.identify_by for way in ways)]


async def read_slip(
    resources: Resources,
    wave: Wave,
    *,
    serial: str,
    check: SlipCheck,
    value: str,
    by: str,
    point: str = "",
) -> bool:
    """Enter the person named on a form's slip on the roll; False if there already.

    A person who took part by another route, or filled in two forms, makes this form a duplicate:
    it is keyed and filed, and does not count. The slip itself is stored nowhere. `point` limits
    the act to forms of one survey point. Raises WayInNotOffered, InvalidInput, CustodyRefused and
    the intake errors.
    """
    if check not in slip_checks(wave):
        raise WayInNotOffered
    today = wave.survey.local_date(resources.now())
    clean = normalise_mobile(value) if check == "phone" else normalise_national_id(value, today)
    [number] = read_numbers(Sheets(resources, wave), [serial])
    interrupted = await _begin(resources, wave, number, by=by, point=point)
    async with resources.database.writing() as connection:
        person = roll.Claim(
            person_key(resources.keys, wave.code, check, clean),
            Trust.FIELDWORK,
            respondent_class="",
            memo=random_bytes(roll.MEMO_BYTES),
        )
        claimed = await roll.claim(connection, wave.id, person)
    first = claimed or interrupted
    await _end(resources, wave, number, "first" if first else "elsewhere")
    return first


async def _begin(resources: Resources, wave: Wave, number: int, *, by: str, point: str) -> bool:
    """Mark the slip as being read; True where a reading of it was interrupted before.

    The log tells who read a slip of which batch, and not which form's: its times stay, and must
    pair no person with a form.
    """
    async with resources.database.writing() as connection:
        state = await hold_state(connection, wave.id)
        require_intake(wave.intake_of_forms(state, resources.now()))
        form = (await find_forms(connection, wave.id, [number], hold=True)).get(number)
        batches = await list_batches(connection, wave.id)
        fault = form_fault(form, batches, point) or _fault(form)
        if fault is not None or form is None:
            raise CustodyRefused(faults=[fault] if fault else [])
        if form.slip == "":
            reading = dataclasses.replace(form, slip="reading")
            await update_forms(connection, wave.id, [reading])
        await audit.record(
            connection,
            resources,
            by=by,
            act="paper.slip-read",
            object_=f"batch:{form.batch}",
            wave=wave.code,
        )
        return form.slip == "reading"


def _fault(form: FormRecord | None) -> Fault | None:
    if form is None or form.state is not FormState.RETURNED:
        return Fault("serial", "not-returned", "Slips are read before the form is keyed")
    if form.slip in ("first", "elsewhere"):
        return Fault("serial", "slip-read", "The slip of this form has been read")
    return None


async def _end(resources: Resources, wave: Wave, number: int, slip: str) -> None:
    async with resources.database.writing() as connection:
        form = (await find_forms(connection, wave.id, [number], hold=True))[number]
        await update_forms(connection, wave.id, [dataclasses.replace(form, slip=slip)])
