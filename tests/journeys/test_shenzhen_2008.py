"""The campaign of 2008 in full: 14 survey points, 10,207 forms, and everything that goes wrong.

Invented respondents fill in the forms that the definition prints. Some refuse, some forms are lost
or spoiled, keyers slip in 1.5 % of all fields, and 2 % of those who answer on paper have answered
online before. At the end every figure balances, and what was counted is what stood on the paper
except where both keyers made the same slip.
"""

import asyncio
import dataclasses
import random
from collections import Counter

import msgspec
import pytest

from app.domain.deduplication.decision import ResponseStatus
from app.domain.paper.balance import BatchState
from app.domain.paper.comparison import compare
from app.domain.paper.custody import FormState, Outcome
from app.domain.paper.fields import PaperField
from app.domain.paper.marks import BLANK, marks_of
from app.domain.questionnaires.audience import DatesOfMode, Mode, Trust
from app.domain.questionnaires.model import MultipleChoice
from app.domain.questionnaires.synthetic import synthetic_answers
from app.services.identity import WayWanted, new_sign_in
from app.services.paper_acceptance import countable
from app.services.paper_adjudication import Decision, adjudicate_forms, list_disputes
from app.services.paper_batches import close_batch, fieldwork
from app.services.paper_custody import Scan, read_slip, record_scans
from app.services.paper_fieldwork import add_interviewer, issue_batch, paper_class
from app.services.paper_keying import KeyedSheet, key_forms
from app.services.paper_quality import keying_quality
from app.services.paper_sheets import Sheet, Sheets
from app.services.participation import count_participation
from app.services.permits import fill_pool, permit_after_sign_in
from app.services.resources import Resources
from app.services.waves import Wave, close_wave, create_wave, open_wave
from app.settings import ROOT
from app.store.paper_entries import list_entries
from app.store.responses import stream_responses
from tests.support.surveys import CLOSED, OPENED

FORMS = 10_207
SLIP_RATE = 0.015
ONLINE_RATE = 0.02
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


@dataclasses.dataclass
class Campaign:
    """What happened on paper, known to nobody but the test."""

    wave: Wave
    generator: random.Random
    fates: dict[int, str]
    papers: dict[int, dict[str, str]]
    sheets: dict[int, Sheet]
    online: set[int]
    injected: int = 0


async def prepare(resources: Resources, forms: int) -> Campaign:
    wave = await create_wave(
        resources,
        code="shenzhen-2008",
        folder=ROOT / "survey_definitions" / "shenzhen-2010",
        dates=DatesOfMode(opens=OPENED, closes=CLOSED),
    )
    await fill_pool(resources, wave, respondent_class="online-residents", n=forms // 20)
    wave = await open_wave(resources, wave, by="tester")
    generator = random.Random(2008)
    fates = dict(enumerate(generator.choices(list(FATES), list(FATES.values()), k=forms), start=1))
    campaign = Campaign(wave, generator, fates, {}, {}, set())
    await issue(resources, campaign, forms)
    return campaign


async def issue(resources: Resources, campaign: Campaign, forms: int) -> None:
    """Spread the forms over the survey points as evenly as whole forms allow."""
    wave, points = campaign.wave, campaign.wave.definition.sample.points
    sheets = Sheets(resources, wave)
    assert len(points) == 14
    for place, point in enumerate(points):
        n = forms * (place + 1) // len(points) - forms * place // len(points)
        batch = await issue_batch(
            resources, wave, batch=f"{point.code}-1", point=point.code, n=n, by="office"
        )
        await add_interviewer(
            resources, wave, interviewer=f"I-{point.code}", point=point.code, name="A student"
        )
        for number in range(batch.first, batch.last + 1):
            campaign.sheets[number] = sheets.sheet(batch, number)


def fill_in(campaign: Campaign) -> None:
    """Let respondents fill in the forms; some leave questions out."""
    wave, generator = campaign.wave, campaign.generator
    for number, fate in campaign.fates.items():
        if fate != "completed":
            continue
        form = campaign.sheets[number]
        answers = synthetic_answers(
            wave.definition,
            paper_class(wave),
            form.departments,
            goodwill=min(1.0, max(0.0, generator.gauss(0.6, 0.2))),
            generator=generator,
        )
        marks = marks_of(form.fields, answers, form.departments)
        campaign.papers[number] = {
            code: mark for code, mark in marks.items() if generator.random() > 0.02
        }


async def go_into_the_field(resources: Resources, campaign: Campaign) -> None:
    by_point: dict[str, list[int]] = {}
    for number, form in campaign.sheets.items():
        by_point.setdefault(form.batch.point, []).append(number)
    for point, numbers in by_point.items():
        out = [n for n in numbers if campaign.fates[n] != "unused"]
        unused = [n for n in numbers if campaign.fates[n] == "unused"]
        person = f"I-{point}"
        await scan(resources, campaign, out, FormState.HANDED_OUT, interviewer=person)
        await scan(resources, campaign, unused, FormState.BLANK)
        for fate, (state, outcome) in AFTER_FIELD.items():
            own = [n for n in numbers if campaign.fates[n] == fate]
            await scan(resources, campaign, own, state, outcome=outcome)
        spoiled = [n for n in numbers if campaign.fates[n] == "spoiled"]
        await scan(resources, campaign, spoiled, FormState.SPOILED)


AFTER_FIELD = {
    "completed": (FormState.RETURNED, Outcome.COMPLETED),
    "spoiled": (FormState.RETURNED, Outcome.COMPLETED),
    "refused": (FormState.REFUSED, Outcome.REFUSED),
    "no_contact": (FormState.BLANK, Outcome.NO_CONTACT),
    "ineligible": (FormState.BLANK, Outcome.INELIGIBLE),
    "language": (FormState.BLANK, Outcome.LANGUAGE),
    "lost": (FormState.LOST, Outcome.NONE),
}


async def scan(
    resources: Resources,
    campaign: Campaign,
    numbers: list[int],
    to: FormState,
    *,
    outcome: Outcome = Outcome.NONE,
    interviewer: str = "",
) -> None:
    scans = [
        Scan(str(campaign.sheets[number].serial), to, outcome, interviewer) for number in numbers
    ]
    await record_scans(resources, campaign.wave, scans, by="office")


async def answer_online_before(resources: Resources, campaign: Campaign) -> None:
    """2 % of those who completed a form drew a permit online before; all returned a slip."""
    wave = campaign.wave
    completed = sorted(campaign.papers)
    campaign.online = set(campaign.generator.sample(completed, round(len(completed) * ONLINE_RATE)))
    way = WayWanted("online-residents", Trust.VERIFIED)
    for number in sorted(campaign.online):
        sign_in = new_sign_in(resources, wave, way, check="phone", person=phone(number), details={})
        await permit_after_sign_in(resources, wave, sign_in)
    honest = sorted(set(completed) - campaign.online)[:50]
    for number in sorted(campaign.online) + honest:
        first = await read_slip(
            resources,
            wave,
            serial=str(campaign.sheets[number].serial),
            check="phone",
            value=phone(number),
        )
        assert first == (number not in campaign.online)


def phone(number: int) -> str:
    return f"138{number:08d}"


async def key_everything_twice(resources: Resources, campaign: Campaign) -> None:
    by_batch: dict[str, list[int]] = {}
    for number in campaign.papers:
        by_batch.setdefault(campaign.sheets[number].batch.batch, []).append(number)
    for place, numbers in enumerate(by_batch.values()):
        for ordinal in range(2):
            keyed = [
                KeyedSheet(
                    str(campaign.sheets[number].serial), with_slips(campaign, number), seconds=17.0
                )
                for number in numbers
            ]
            by = KEYERS[(place + ordinal) % len(KEYERS)]
            outcome = await key_forms(resources, campaign.wave, keyed, by=by, source="file")
            assert not outcome.faults
            await asyncio.sleep(0)


def with_slips(campaign: Campaign, number: int) -> dict[str, str]:
    """Key a form with a slip of the finger in 1.5 % of its fields."""
    marks = dict(campaign.papers[number])
    for field in campaign.sheets[number].fields:
        if campaign.generator.random() < SLIP_RATE:
            campaign.injected += 1
            slip = another_mark(campaign.generator, field, marks.get(field.code, BLANK))
            marks[field.code] = slip
    return {code: mark for code, mark in marks.items() if mark != BLANK}


def another_mark(generator: random.Random, field: PaperField, right: str) -> str:
    choices = [*field.codes, "?"]
    if not isinstance(field.question, MultipleChoice):
        choices.append("*")
    return generator.choice([mark for mark in choices if mark != right])


async def decide_as_third_person(resources: Resources, campaign: Campaign) -> int:
    """The adjudicator looks at the paper."""
    entries = await load_entries(resources, campaign)
    disputes = await list_disputes(resources, campaign.wave)
    by_serial = {str(form.serial): number for number, form in campaign.sheets.items()}
    decisions = []
    for dispute in disputes:
        number = by_serial[dispute.serial]
        paper, differing = campaign.papers[number], compare(*entries[number])
        assert dispute.fields == len(differing)
        marks = {one.field: paper.get(one.field, BLANK) for one in differing}
        decisions.append(Decision(dispute.serial, marks))
    for start in range(0, len(decisions), 100):
        portion = decisions[start : start + 100]
        await adjudicate_forms(resources, campaign.wave, portion, by="adjudicator")
    return len(disputes)


async def load_entries(resources: Resources, campaign: Campaign) -> dict[int, list[dict[str, str]]]:
    async with resources.database.reading() as connection:
        found = await list_entries(connection, campaign.wave.id)
    return {number: [one.marks for one in own] for number, own in found.items()}


async def check_answers(resources: Resources, campaign: Campaign) -> int:
    """Hold every stored response against its paper; gives the slips that both keyers made alike."""
    entries = await load_entries(resources, campaign)
    stored = {}
    async with resources.database.reading() as connection:
        async for response in stream_responses(connection, campaign.wave.id):
            assert (response.mode, response.trust) == (Mode.PAPER, Trust.FIELDWORK)
            stored[response.response_id] = response
    alike = 0
    for number, paper in campaign.papers.items():
        form = campaign.sheets[number]
        first, second = entries[number]
        same_slip = {
            field.code: first.get(field.code, BLANK)
            for field in form.fields
            if first.get(field.code, BLANK)
            == second.get(field.code, BLANK)
            != paper.get(field.code, BLANK)
        }
        alike += len(same_slip)
        expected, _ = countable(form, {**paper, **same_slip})
        response = stored.pop(form.admission.response_id)
        assert msgspec.json.decode(response.answers)["answers"] == expected
        duplicate = response.status is ResponseStatus.DUPLICATE
        assert duplicate == (number in campaign.online)
        assert (response.point, response.stratum) == (form.batch.point, form.batch.stratum)
    assert not stored
    return alike


async def check_figures(resources: Resources, campaign: Campaign, forms: int) -> None:
    found = await fieldwork(resources, campaign.wave)
    whole, fates = found.whole, Counter(campaign.fates.values())
    assert (whole.issued, whole.settled) == (forms, forms)
    assert whole.distributed == forms - fates["unused"]
    assert whole.returned == fates["completed"] + fates["spoiled"]
    assert whole.valid + whole.duplicate == fates["completed"]
    assert whole.duplicate == len(campaign.online)
    assert (whole.refused, whole.lost, whole.spoiled) == (
        fates["refused"],
        fates["lost"],
        fates["spoiled"],
    )
    failed = fates["no_contact"] + fates["ineligible"] + fates["language"]
    assert whole.blank == failed + fates["unused"]
    assert all(one.balance.balances for one in found.batches)
    participation = await count_participation(resources, campaign.wave)
    assert participation.counted == whole.valid
    assert participation.duplicate == whole.duplicate


async def run_campaign(resources: Resources, forms: int) -> None:
    campaign = await prepare(resources, forms)
    fill_in(campaign)
    await go_into_the_field(resources, campaign)
    await answer_online_before(resources, campaign)
    await key_everything_twice(resources, campaign)
    disputed = await decide_as_third_person(resources, campaign)
    assert disputed > forms * 0.2
    alike = await check_answers(resources, campaign)
    assert alike < campaign.injected * SLIP_RATE
    for rate in (await keying_quality(resources, campaign.wave)).rates.by_keyer.values():
        assert rate.low <= SLIP_RATE * 1.1
        assert rate.high >= SLIP_RATE * 0.9
    for batch in (await fieldwork(resources, campaign.wave)).batches:
        assert batch.state is BatchState.READY
        await close_batch(resources, campaign.wave, batch=batch.record.batch, by="office")
    await check_figures(resources, campaign, forms)
    await close_wave(resources, campaign.wave, by="tester")
    await check_figures(resources, campaign, forms)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_every_figure_of_the_campaign_balances(resources: Resources) -> None:
    await run_campaign(resources, FORMS)


async def test_a_small_campaign_balances_too(resources: Resources) -> None:
    await run_campaign(resources, 280)
