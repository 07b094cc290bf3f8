"""A synthetic campaign on paper: survey points, students, lost forms, and slips of the finger.

For the demonstration and, at full size, for the test of the campaign of 2008. Everything goes
through the services that staff use; what really stood on the paper is known here alone.
"""

import functools
import random

from app.domain.paper.comparison import compare
from app.domain.paper.custody import STATE_AFTER, FormState, Outcome
from app.domain.paper.fields import PaperField
from app.domain.paper.marks import BLANK, ILLEGIBLE, TWO_MARKS, marks_of
from app.domain.questionnaires.audience import Trust
from app.domain.questionnaires.model import MultipleChoice
from app.domain.questionnaires.synthetic import synthetic_answers
from app.domain.questionnaires.synthetic_city import Resident, SyntheticCity
from app.services.identity import WayWanted, new_sign_in
from app.services.paper_adjudication import Decision, adjudicate_forms, list_disputes
from app.services.paper_batches import close_batch, fieldwork
from app.services.paper_custody import Scan, record_scans
from app.services.paper_fieldwork import add_interviewer, issue_batch, paper_class
from app.services.paper_keying import KeyedSheet, key_forms
from app.services.paper_sheets import Sheet, Sheets
from app.services.paper_slips import read_slip
from app.services.permits import permit_after_sign_in
from app.services.resources import Resources
from app.services.waves import Wave

SLIP_RATE = 0.015
ONLINE_RATE = 0.02
SKIPPED_RATE = 0.02
SECONDS = 17.0
AT_ONCE = 100
OFFICE, ADJUDICATOR = "office", "adjudicator"
KEYERS = ("keyer-a", "keyer-b", "keyer-c")
FATES = {
    "completed": 0.80,
    "refused": 0.08,
    "no_contact": 0.05,
    "ineligible": 0.02,
    "language": 0.005,
    "lost": 0.01,
    "spoiled": 0.005,
    "unused": 0.03,
}
"""What becomes of forms; the shares are invented."""
PATIENT = {"age": {"18-24": 0.7, "25-34": 0.8, "60-plus": 1.6}}
"""Who lets an interviewer in: older people rather than young ones; invented."""


class PaperCampaign:
    """One campaign of a wave. `online_class` answers on the web after a check by phone."""

    def __init__(
        self,
        resources: Resources,
        wave: Wave,
        *,
        city: SyntheticCity,
        forms: int,
        online_class: str,
        seed: int,
    ) -> None:
        self.resources = resources
        self.wave = wave
        self.forms = forms
        self.online_class = online_class
        self.generator = random.Random(seed)
        self.city = city
        chosen = self.generator.choices(list(FATES), list(FATES.values()), k=forms)
        self.fates = dict(enumerate(chosen, start=1))
        self.sheets: dict[int, Sheet] = {}
        self.papers: dict[int, dict[str, str]] = {}
        self.entries: dict[int, list[dict[str, str]]] = {}
        self.online: set[int] = set()
        self.slips_injected = 0
        self.disputed = 0

    async def run(self) -> None:
        """Issue the forms, fill them in, bring them back, key them twice, decide, close."""
        await self._issue()
        self._fill_in()
        await self._go_into_the_field()
        await self._answer_online_before()
        await self._key_everything_twice()
        await self._decide_as_third_person()
        for batch in (await fieldwork(self.resources, self.wave)).batches:
            await close_batch(self.resources, self.wave, batch=batch.record.batch, by=OFFICE)

    async def _issue(self) -> None:
        """Spread the forms over the survey points as evenly as whole forms allow."""
        points = self.wave.definition.sample.points
        sheets = Sheets(self.resources, self.wave)
        for place, point in enumerate(points):
            n = self.forms * (place + 1) // len(points) - self.forms * place // len(points)
            batch = await issue_batch(
                self.resources,
                self.wave,
                batch=f"{point.code}-1",
                point=point.code,
                n=n,
                by=OFFICE,
            )
            await add_interviewer(
                self.resources,
                self.wave,
                interviewer=_interviewer(point.code),
                point=point.code,
                name="A student",
                by=OFFICE,
            )
            for number in range(batch.first, batch.last + 1):
                self.sheets[number] = sheets.sheet(batch, number)

    def _fill_in(self) -> None:
        """Let respondents fill in the forms; now and then they leave a question out."""
        for number, fate in self.fates.items():
            if fate != "completed":
                continue
            form = self.sheets[number]
            resident = self._somebody_in(form.batch.stratum)
            answers = synthetic_answers(
                self.wave.definition,
                paper_class(self.wave),
                form.departments,
                opinion=functools.partial(self.city.opinion, resident),
                facts=resident.facts,
                generator=self.generator,
            )
            marks = marks_of(form.fields, answers, form.departments)
            self.papers[number] = {
                code: mark
                for code, mark in marks.items()
                if self.generator.random() >= SKIPPED_RATE
            }

    def _somebody_in(self, stratum: str) -> Resident:
        """Draw a resident of one of the districts whose names make up the stratum's."""
        districts = self.city.margins.get("district", {})
        there = [code for code in districts if code in stratum.split("-")]
        return self.city.resident(
            self.generator, among={"district": there} if there else None, drawn_to=PATIENT
        )

    async def _go_into_the_field(self) -> None:
        for point in self.wave.definition.sample.points:
            fates = {
                n: f for n, f in self.fates.items() if self.sheets[n].batch.point == point.code
            }
            out = [number for number, fate in fates.items() if fate != "unused"]
            await self._scan(out, FormState.HANDED_OUT, interviewer=_interviewer(point.code))
            await self._scan(_those(fates, "unused"), FormState.BLANK)
            await self._scan(_those(fates, "lost"), FormState.LOST)
            await self._scan(_those(fates, "spoiled"), FormState.RETURNED)
            await self._scan(_those(fates, "spoiled"), FormState.SPOILED)
            for outcome, state in STATE_AFTER.items():
                await self._scan(_those(fates, outcome.value), state, outcome=outcome)

    async def _scan(
        self,
        numbers: list[int],
        to: FormState,
        *,
        outcome: Outcome = Outcome.NONE,
        interviewer: str = "",
    ) -> None:
        scans = [Scan(str(self.sheets[n].serial), to, outcome, interviewer) for n in numbers]
        await record_scans(self.resources, self.wave, scans, by=OFFICE)

    async def _answer_online_before(self) -> None:
        """Some who completed a form drew a permit online before; they and others leave a slip."""
        completed = sorted(self.papers)
        chosen = self.generator.sample(completed, 2 * round(len(completed) * ONLINE_RATE))
        self.online = set(chosen[: len(chosen) // 2])
        way = WayWanted(self.online_class, Trust.VERIFIED)
        for number in sorted(self.online):
            sign_in = new_sign_in(
                self.resources, self.wave, way, check="phone", person=_phone(number), details={}
            )
            await permit_after_sign_in(self.resources, self.wave, sign_in)
        for number in sorted(chosen):
            await read_slip(
                self.resources,
                self.wave,
                serial=str(self.sheets[number].serial),
                check="phone",
                value=_phone(number),
                by=OFFICE,
            )

    async def _key_everything_twice(self) -> None:
        by_batch: dict[str, list[int]] = {}
        for number in self.papers:
            by_batch.setdefault(self.sheets[number].batch.batch, []).append(number)
        for place, numbers in enumerate(by_batch.values()):
            for entry in range(2):
                by = KEYERS[(place + entry) % len(KEYERS)]
                keyed = [
                    KeyedSheet(str(self.sheets[n].serial), self._key(n), SECONDS) for n in numbers
                ]
                await key_forms(self.resources, self.wave, keyed, by=by, source="file")

    def _key(self, number: int) -> dict[str, str]:
        """Key a form, with a slip of the finger now and then."""
        marks = dict(self.papers[number])
        for field in self.sheets[number].fields:
            if self.generator.random() < SLIP_RATE:
                self.slips_injected += 1
                marks[field.code] = self._another_mark(field, marks.get(field.code, BLANK))
        entry = {code: mark for code, mark in marks.items() if mark != BLANK}
        self.entries.setdefault(number, []).append(entry)
        return entry

    def _another_mark(self, field: PaperField, right: str) -> str:
        choices = [*field.codes, ILLEGIBLE]
        if not isinstance(field.question, MultipleChoice):
            choices.append(TWO_MARKS)
        return self.generator.choice([mark for mark in choices if mark != right])

    async def _decide_as_third_person(self) -> None:
        """The adjudicator looks at the paper."""
        by_serial = {str(form.serial): number for number, form in self.sheets.items()}
        disputes = await list_disputes(self.resources, self.wave)
        self.disputed = len(disputes)
        decisions = []
        for dispute in disputes:
            number = by_serial[dispute.serial]
            paper, differing = self.papers[number], compare(*self.entries[number])
            marks = {one.field: paper.get(one.field, BLANK) for one in differing}
            decisions.append(Decision(dispute.serial, marks))
        for start in range(0, len(decisions), AT_ONCE):
            portion = decisions[start : start + AT_ONCE]
            await adjudicate_forms(self.resources, self.wave, portion, by=ADJUDICATOR)


def _interviewer(point: str) -> str:
    return f"I-{point}"


def _those(fates: dict[int, str], fate: str) -> list[int]:
    return [number for number, own in fates.items() if own == fate]


def _phone(number: int) -> str:
    return f"138{number:08d}"
