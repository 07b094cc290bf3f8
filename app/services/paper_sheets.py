"""What one numbered form is: its permit, the departments printed on it, the fields keyed from it.

A call sheet is a form too: what is printed elsewhere is read out from it.

Everything follows from the wave, the batch and the number; nothing of it is stored per form, so
that a form printed again is the same form.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from app.domain.deduplication.permits import FormPermit, permit_hash
from app.domain.paper.call_script import call_script
from app.domain.paper.entries import entries_wanted
from app.domain.paper.fields import PaperField, paper_fields
from app.domain.paper.keying_plan import keying_plan
from app.domain.paper.serials import Serial, read_serial
from app.domain.questionnaires.audience import Trust
from app.domain.questionnaires.text import Language
from app.errors import Fault
from app.services.permits import Admission, admission_of
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.paper_fieldwork import BatchRecord
from app.store.permits import PermitRecord

PERMIT_BATCH = "form:"
"""Names the permits of a batch of forms; letters are minted under other names."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sheet:
    """One form as printed."""

    serial: Serial
    batch: BatchRecord
    admission: Admission
    fields: Sequence[PaperField]
    entries_wanted: int

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments to be rated, in the order of the rows."""
        return self.admission.offer.codes


class Sheets:
    """Makes the sheets of one wave, and reads its serials."""

    def __init__(self, resources: Resources, wave: Wave) -> None:
        self._resources = resources
        self._wave = wave
        self._fields: dict[tuple[str, int], list[PaperField]] = {}

    def permit(self, batch: BatchRecord, number: int) -> PermitRecord:
        """Give the permit that a form is."""
        name = permit_hash(self._resources.keys, self._wave.code, FormPermit(number))
        return PermitRecord(
            name,
            "unspent",
            Trust.FIELDWORK,
            batch.mode,
            batch.respondent_class,
            own_unit=batch.own_unit,
            department=batch.department,
            stratum=batch.stratum,
            point=batch.point,
            batch=PERMIT_BATCH + batch.batch,
        )

    def sheet(self, batch: BatchRecord, number: int) -> Sheet:
        """Give the form with this number."""
        permit = FormPermit(number)
        admission = admission_of(self._resources, self._wave, permit, self.permit(batch, number))
        secret = self._resources.keys.key("second-entry", f"{self._wave.code}/{batch.batch}")
        return Sheet(
            Serial(self._wave.id, number),
            batch,
            admission,
            self.fields(batch.respondent_class, len(admission.offer.codes)),
            entries_wanted(secret, number, batch.second_share),
        )

    def fields(self, respondent_class: str, departments: int) -> Sequence[PaperField]:
        """Give the fields of forms with so many departments; looked up once."""
        key = (respondent_class, departments)
        if key not in self._fields:
            self._fields[key] = paper_fields(self._wave.definition, *key)
        return self._fields[key]

    def plan(self, batch: BatchRecord, language: Language) -> list[dict[str, Any]]:
        """Describe what is keyed from a batch's forms; all have as many departments."""
        departments = len(self.sheet(batch, batch.first).departments)
        definition = self._wave.definition
        return keying_plan(definition, batch.respondent_class, departments, language)

    def script(self, sheet: Sheet, language: Language) -> list[dict[str, Any]]:
        """Describe one call sheet with everything that the interviewer reads out."""
        return call_script(
            self._wave.definition,
            sheet.batch.respondent_class,
            departments=sheet.departments,
            seed=sheet.admission.seed,
            language=language,
        )

    def number(self, text: str) -> int | Fault:
        """Read a serial as typed or scanned."""
        serial = read_serial(text)
        if serial is None:
            return Fault("serial", "serial-misread", "The digits of the serial don't fit together")
        if serial.wave != self._wave.id:
            return Fault("serial", "other-wave", "The form belongs to another wave")
        return serial.number
