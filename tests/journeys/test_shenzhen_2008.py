"""The campaign of 2008 in full: 14 survey points, 10,207 forms, and everything that goes wrong.

Some refuse, some forms are lost or spoiled, keyers slip in 1.5 % of all fields, and 2 % of those
who answer on paper have answered online before. At the end every figure balances, and what was
counted is what stood on the paper, except where both keyers made the same slip.

In full on SQLite, which takes half as many values in one statement as PostgreSQL; there, where
rules and statements are the same, with a hundred forms a point.
"""

import random
from collections import Counter

import msgspec
import pytest

from app.commands.paper_campaign import OFFICE, SLIP_RATE, PaperCampaign
from app.domain.deduplication.decision import ResponseStatus
from app.domain.paper.balance import BatchState
from app.domain.paper.marks import BLANK
from app.domain.questionnaires.audience import DatesOfMode, Mode, Trust
from app.domain.questionnaires.synthetic_city import SyntheticCity
from app.services.paper_acceptance import countable
from app.services.paper_batches import fieldwork
from app.services.paper_quality import keying_quality
from app.services.participation import count_participation
from app.services.permits import fill_pool
from app.services.resources import Resources
from app.services.waves import Wave, close_wave, create_wave, open_wave
from app.settings import ROOT
from app.store.paper_entries import list_entries
from app.store.responses import stream_responses
from tests.support.surveys import CLOSED, OPENED

FORMS, FORMS_ON_POSTGRESQL, FEW = 10_207, 1_400, 280
ONLINE = "online-residents"


async def prepare(resources: Resources, forms: int) -> Wave:
    wave = await create_wave(
        resources,
        code="shenzhen-2008",
        folder=ROOT / "survey_definitions" / "shenzhen-2010",
        dates=DatesOfMode(opens=OPENED, closes=CLOSED),
    )
    await fill_pool(resources, wave, respondent_class=ONLINE, n=forms // 20)
    assert len(wave.definition.sample.points) == 14
    return await open_wave(resources, wave, by="tester")


async def check_answers(resources: Resources, campaign: PaperCampaign) -> int:
    """Hold every stored response against its paper; gives the slips that both keyers made alike."""
    async with resources.database.reading() as connection:
        entries = await list_entries(connection, campaign.wave.id)
        stored = {
            one.response_id: one async for one in stream_responses(connection, campaign.wave.id)
        }
    alike = 0
    for number, paper in campaign.papers.items():
        form = campaign.sheets[number]
        first, second = (entry.marks for entry in entries.pop(number))
        assert [first, second] == campaign.entries[number]
        same_slip = {
            code: first.get(code, BLANK)
            for code in (field.code for field in form.fields)
            if first.get(code, BLANK) == second.get(code, BLANK) != paper.get(code, BLANK)
        }
        alike += len(same_slip)
        expected, _ = countable(form, {**paper, **same_slip})
        response = stored.pop(form.admission.response_id)
        assert msgspec.json.decode(response.answers)["answers"] == expected
        assert (response.status is ResponseStatus.DUPLICATE) == (number in campaign.online)
        assert (response.mode, response.trust) == (Mode.PAPER, Trust.FIELDWORK)
        assert (response.point, response.stratum) == (form.batch.point, form.batch.stratum)
    assert not stored
    assert not entries
    return alike


async def check_figures(resources: Resources, campaign: PaperCampaign) -> None:
    found = await fieldwork(resources, campaign.wave)
    whole, fates = found.whole, Counter(campaign.fates.values())
    assert (whole.issued, whole.settled) == (campaign.forms, campaign.forms)
    assert whole.distributed == campaign.forms - fates["unused"]
    assert whole.returned == fates["completed"] + fates["spoiled"]
    assert whole.valid == fates["completed"] - len(campaign.online)
    assert whole.duplicate == len(campaign.online)
    assert [whole.refused, whole.lost, whole.spoiled, whole.void] == [
        *(fates[fate] for fate in ("refused", "lost", "spoiled")),
        0,
    ]
    failed = fates["no_contact"] + fates["ineligible"] + fates["language"]
    assert whole.blank == failed + fates["unused"]
    assert all(one.state is BatchState.CLOSED for one in found.batches)
    assert all(one.balance.balances for one in found.batches)
    assert {one.record.issued_by for one in found.batches} == {OFFICE}
    participation = await count_participation(resources, campaign.wave)
    assert (participation.counted, participation.duplicate) == (whole.valid, whole.duplicate)


async def run_campaign(resources: Resources, forms: int) -> None:
    wave = await prepare(resources, forms)
    campaign = PaperCampaign(
        resources,
        wave,
        city=SyntheticCity(wave.definition, random.Random(2008)),
        forms=forms,
        online_class=ONLINE,
        seed=2008,
    )
    await campaign.run()
    assert campaign.disputed > forms * 0.2
    assert await check_answers(resources, campaign) < campaign.slips_injected * SLIP_RATE
    for rate in (await keying_quality(resources, wave)).rates.by_keyer.values():
        assert rate.low <= SLIP_RATE * 1.1
        assert rate.high >= SLIP_RATE * 0.9
    await check_figures(resources, campaign)
    await close_wave(resources, wave, by="tester")
    await check_figures(resources, campaign)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_every_figure_of_the_campaign_balances(resources: Resources) -> None:
    await run_campaign(resources, FORMS if resources.database.is_sqlite else FORMS_ON_POSTGRESQL)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_small_campaign_balances_too(resources: Resources) -> None:
    await run_campaign(resources, FEW)
