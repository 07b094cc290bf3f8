"""Responses of a synthetic city whose truth is known, as rows and in storage."""

import datetime
import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from sqlalchemy import insert

from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.navigation import offered_departments
from app.domain.questionnaires.parsing import parse_definition
from app.domain.questionnaires.synthetic import synthetic_answers
from app.domain.questionnaires.synthetic_city import Resident, SyntheticCity
from app.domain.releases.department_estimates import (
    DepartmentEstimates,
    department_rows,
    estimate_department,
    inverse_chances,
)
from app.domain.releases.document import Figures, Period
from app.domain.releases.figures import HandedOut, WaveFacts, Way, compute
from app.domain.releases.response_rows import ResponseRow
from app.domain.releases.source_weights import WeightedSource
from app.services.resources import Resources
from app.services.waves import Wave
from app.store.definitions import read_folder
from app.store.responses import count, kind_of
from app.tables import responses

DEFINITIONS = Path(__file__).parents[2] / "survey_definitions"
DECEMBER = Period(first=datetime.date(2010, 12, 1), last=datetime.date(2010, 12, 31))
DISTRICTS_OF = {
    "luohu-yantian": ("luohu", "yantian"),
    "guangming-pingshan": ("guangming", "pingshan"),
}


def definition_in(folder: str | Path) -> SurveyDefinition:
    """A shipped definition by its name, or one of a test by its folder."""
    return parse_definition(read_folder(DEFINITIONS / folder))


class City:
    """Draws responses to the Shenzhen survey: a sample on paper and a poll online."""

    def __init__(self, definition: SurveyDefinition, seed: int) -> None:
        self.definition = definition
        self.generator = random.Random(seed)
        self.city = SyntheticCity(definition, self.generator)
        self.truth = self.city.truth(definition.questionnaire.scales["satisfaction"])

    def paper(self, **more: str) -> ResponseRow:
        """A form from one of the survey points."""
        point = self.generator.choice(self.definition.sample.points)
        districts = DISTRICTS_OF.get(point.stratum, (point.stratum,))
        resident = self.city.resident(self.generator, among={"district": districts})
        place = {"stratum": point.stratum, "point": point.code}
        return self._row(
            "sampled-residents", resident, mode="paper", trust="fieldwork", **place, **more
        )

    def poll(self, **more: str) -> ResponseRow:
        """An answer to the poll, which draws the young and those who were born here."""
        appeal = {"age": {"18-24": 2.0, "60-plus": 0.5}, "residency": {"shenzhen": 1.5}}
        resident = self.city.resident(self.generator, drawn_to=appeal)
        trust = self.generator.choice(["open", "verified", "confidential"])
        return self._row("online-residents", resident, mode="web", trust=trust, **more)

    def _row(self, respondent_class: str, resident: Resident, **facts: str) -> ResponseRow:
        identifier = self.generator.randbytes(16)
        offer = offered_departments(
            self.definition, respondent_class, seed=identifier, own_unit=None, fixed=None
        )
        answers = synthetic_answers(
            self.definition,
            respondent_class,
            offer.codes,
            opinion=lambda department: self.city.opinion(resident, department),
            facts=resident.facts,
            generator=self.generator,
        )
        return response(respondent_class, answers, offer.codes, identifier, **facts)


def response(
    respondent_class: str,
    answers: Mapping[str, object],
    offered: Sequence[str],
    identifier: bytes,
    **facts: str,
) -> ResponseRow:
    """A counted response on the web at level open, unless `facts` say otherwise."""
    known = {"status": "counted", "mode": "web", "trust": "open"}
    blank = {"own_unit": "", "stratum": "", "point": "", "window": ""}
    return ResponseRow(
        response_id=hashlib.sha256(identifier).digest()[:16],
        respondent_class=respondent_class,
        received_on=datetime.date(2010, 12, 5),
        answers=msgspec.json.encode({"answers": answers, "offered": offered}).decode(),
        **(known | blank | facts),
    )


def figures_of(
    definition: SurveyDefinition,
    rows: Sequence[ResponseRow],
    handed_out: Mapping[Way, HandedOut] | None = None,
) -> Figures:
    """Compute without storage."""
    return compute(definition, WaveFacts("w", "0" * 64, DECEMBER), [rows], handed_out or {})


async def store_rows(resources: Resources, wave: Wave, rows: Sequence[ResponseRow]) -> None:
    """Put responses where accepted ones are."""
    stored = [{"wave_id": wave.id, "sealed_person": b"", **row._asdict()} for row in rows]
    async with resources.database.writing() as connection:
        await connection.execute(insert(responses), stored)
        await count(connection, wave.id, Counter(kind_of(one) for one in rows))


def estimated_departments(
    definition: SurveyDefinition, source: WeightedSource
) -> dict[str, DepartmentEstimates]:
    """The unrounded estimates of every department of a source, without domains."""
    codes = source.table.items.departments
    multiplier = inverse_chances(definition, source)
    every = department_rows(source, multiplier, np.arange(len(codes)))
    return {code: estimate_department(rows, ()) for code, rows in zip(codes, every, strict=True)}
