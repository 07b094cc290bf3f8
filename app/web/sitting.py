"""One respondent at the questionnaire: what the permit allows and what has been saved so far."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from fastapi import Request

from app.dependencies import get_resources
from app.domain.questionnaires.answers import AnswerChecker
from app.domain.questionnaires.audience import Mode
from app.domain.questionnaires.departments import Department
from app.domain.questionnaires.model import DepartmentGrid, Section
from app.errors.answering import AlreadyTookPart, PermitRefused
from app.services.drafts import load_draft, save_draft
from app.services.permits import Admission, admit
from app.services.resources import Resources
from app.services.waves import Wave, find_wave
from app.web.cookies import held_permit
from app.web.journey import Journey


@dataclasses.dataclass(frozen=True)
class Sitting:
    """A permit in use. `chosen` are the departments chosen so far, None before the choice."""

    permit: str
    admission: Admission
    answers: Mapping[str, Any]
    chosen: Sequence[str] | None

    @property
    def wave(self) -> Wave:
        """The wave being answered."""
        return self.admission.wave

    @property
    def checker(self) -> AnswerChecker:
        """What checks answers of this class."""
        return self.wave.survey.checkers[self.admission.respondent_class]

    @cached_property
    def journey(self) -> Journey:
        """The pages that these answers lead through."""
        return Journey(
            self.wave.code,
            self.wave.definition,
            self.admission.respondent_class,
            self.answers,
            self.chosen,
        )

    @cached_property
    def rated(self) -> list[Department]:
        """The departments that grids show, in their order: those chosen, else those offered."""
        codes = self.admission.offer.codes
        if self.journey.chooses_at is not None:
            codes = tuple(code for code in codes if code in (self.chosen or ()))
        return [self.wave.survey.departments[code] for code in codes]

    def rated_in(self, section: Section) -> list[str]:
        """The departments that the grids of a section show; none where it has no grid."""
        has_grid = any(isinstance(one, DepartmentGrid) for one in section.questions)
        return [one.code for one in self.rated] if has_grid else []

    @property
    def to_send(self) -> dict[str, Any]:
        """The answers that routing asks for; a department chosen and not rated is named too."""
        seen = self.journey.questions
        answers = {one.code: self.answers[one.code] for one in seen if one.code in self.answers}
        blank: dict[str, Any] = {code: {} for code in self.chosen or ()}
        for grid in seen if blank else ():
            if isinstance(grid, DepartmentGrid):
                answers[grid.code] = blank | answers.get(grid.code, {})
        return answers

    @property
    def draft_key(self) -> str:
        """Under what the device keeps a page: never the permit, and nothing at a kiosk."""
        if self.admission.mode is Mode.KIOSK:
            return ""
        mark = hashlib.sha256(b"draft" + self.admission.permit_hash).hexdigest()[:12]
        return f"{self.wave.code}/{mark}"


async def get_sitting(request: Request, wave_id: str) -> Sitting:
    """Load what this device's permit allows and has saved.

    Raises WaveNotFound, PermitRefused without a permit, AlreadyTookPart once it has been spent for
    good, and the intake errors.
    """
    resources = await get_resources(request)
    wave = await find_wave(resources, wave_id)
    permit = await held_permit(request)
    if permit is None:
        raise PermitRefused
    admission = await admit(resources, wave, permit)
    if is_final(admission):
        raise AlreadyTookPart
    return await sit_down(resources, admission, permit)


def is_final(admission: Admission) -> bool:
    """Say whether the permit has been spent for good."""
    revisable = admission.wave.definition.audience.collection.revisable
    return admission.receipt is not None and not revisable


async def sit_down(resources: Resources, admission: Admission, permit: str) -> Sitting:
    """Go on with what this permit has saved."""
    saved = load_draft(resources, admission, permit)
    return Sitting(permit, admission, saved.get("answers", {}), saved.get("departments"))


async def save(
    resources: Resources,
    sitting: Sitting,
    *,
    answers: Mapping[str, Any] | None = None,
    chosen: Sequence[str] | None = None,
) -> Sitting:
    """Save new answers or a new choice of departments; gives the sitting as it is now."""
    now = dataclasses.replace(
        sitting,
        answers=sitting.answers if answers is None else answers,
        chosen=sitting.chosen if chosen is None else chosen,
    )
    draft = {"answers": now.answers, "departments": now.chosen}
    await save_draft(resources, now.admission, now.permit, draft)
    return now
