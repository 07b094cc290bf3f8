"""Figures from storage: the same bytes from both databases, in whatever order rows come."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from app.domain.paper.custody import FormState
from app.domain.questionnaires.audience import DatesOfMode, Trust
from app.domain.releases.canonical import canonical_document
from app.domain.releases.document import Figures, Period
from app.domain.releases.response_rows import ResponseRow
from app.errors import InvalidInput
from app.services.permits import Recipient, mint_invitations, revoke_permit
from app.services.release_figures import compute_figures
from app.services.resources import Resources, open_resources
from app.services.waves import Wave, close_wave, create_wave
from app.store.roll import MEMO_BYTES, Claim, claim
from tests.conftest import settings_for
from tests.support.fieldwork import BASE, bring_back, issue, move
from tests.support.responses import DECEMBER, DEFINITIONS, City, definition_in, store_rows
from tests.support.surveys import NOVEMBER, open_town

SHENZHEN = DEFINITIONS / "shenzhen-2010"


async def computed(
    url: str, rows: Sequence[ResponseRow], told: Callable[[Resources, str], None]
) -> Figures:
    """Store the rows in this database and compute their figures; `told` hears what is done."""
    resources = open_resources(settings_for(url))
    try:
        dates = DatesOfMode(opens=DECEMBER.first, closes=DECEMBER.last)
        wave = await create_wave(resources, code="sz", folder=SHENZHEN, dates=dates)
        await store_rows(resources, wave, rows)
        return await compute_figures(
            resources, wave, progress=lambda what, _share: told(resources, what)
        )
    finally:
        await resources.close()


async def test_both_databases_give_the_same_bytes(
    make_sqlite: Callable[[], str], make_postgresql: Callable[[], str]
) -> None:
    """And no connection is held while estimates are made."""
    city = City(definition_in(SHENZHEN), seed=1)
    rows = [*(city.paper() for _ in range(150)), *(city.poll() for _ in range(150))]
    stages = set()

    def note(resources: Resources, what: str) -> None:
        stages.add(what)
        held = resources.database.engine.pool.checkedout()  # type: ignore[attr-defined]
        assert held == (what == "responses")

    here = await computed(make_sqlite(), rows, note)
    there = await computed(make_postgresql(), rows[::-1], note)
    assert canonical_document(here) == canonical_document(there)
    assert here.period == DECEMBER
    assert [one.n for one in here.sources] == [150, 150]
    assert stages == {"responses", *(one.code for one in here.sources)}


async def test_the_event_loop_goes_on_serving(make_sqlite: Callable[[], str]) -> None:
    """Something else on the loop goes on while departments are estimated."""
    served = 0

    async def serve() -> None:
        nonlocal served
        while True:
            await asyncio.sleep(0.001)
            served += 1

    server = asyncio.create_task(serve())
    city = City(definition_in(SHENZHEN), seed=1)
    counts: list[int] = []
    await computed(
        make_sqlite(),
        [city.poll() for _ in range(40)],
        lambda _resources, what: counts.append(served) if what != "responses" else None,
    )
    server.cancel()
    assert len(counts) == 40
    assert counts[-1] > counts[0]


async def base_wave(resources: Resources) -> Wave:
    """Letters, an identity check and paper; nobody has answered."""
    wave = await open_town(resources, code="base", folder=BASE)
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("peers") for _ in range(4)], batch="letters"
    )
    await revoke_permit(resources, wave, permit_text=letters[0].permit)
    async with resources.database.writing() as connection:
        person = Claim(bytes(32), Trust.VERIFIED, "online", bytes(MEMO_BYTES))
        await claim(connection, wave.id, person)
    await issue(resources, wave, n=5)
    await bring_back(resources, wave, [1, 2])
    await move(resources, wave, [1], FormState.SPOILED)
    await move(resources, wave, [3], FormState.HANDED_OUT, interviewer="I1")
    return wave


async def test_what_was_handed_out_is_counted_though_nobody_answered(resources: Resources) -> None:
    figures = await compute_figures(resources, await base_wave(resources))
    counted = {
        (one.respondent_class, one.mode, one.trust): (one.distributed, one.returned, one.void)
        for one in figures.counts
    }
    assert counted == {
        ("peers", "web", "invited"): (3, 0, 0),
        ("online", "web", "verified"): (1, 0, 0),
        ("sampled", "paper", "fieldwork"): (3, 1, 1),
    }
    assert figures.period == Period(first=NOVEMBER.opens, last=NOVEMBER.closes)


async def test_a_period_belongs_to_a_continuous_wave_and_to_no_other(
    make_sqlite: Callable[[], str],
) -> None:
    resources = open_resources(settings_for(make_sqlite()))
    try:
        folder = DEFINITIONS / "service-window"
        wave = await create_wave(resources, code="window", folder=folder)
        with pytest.raises(InvalidInput, match="name its first and last day"):
            await compute_figures(resources, wave)
        assert (await compute_figures(resources, wave, DECEMBER)).period == DECEMBER
        fixed = await create_wave(resources, code="sz", folder=SHENZHEN)
        with pytest.raises(InvalidInput, match="Only a continuous wave"):
            await compute_figures(resources, fixed, DECEMBER)
    finally:
        await resources.close()


async def test_the_days_released_end_with_an_early_close(resources: Resources) -> None:
    wave = await open_town(resources)
    closed = await close_wave(resources, wave, by="lin")
    figures = await compute_figures(resources, closed)
    assert NOVEMBER.opens == figures.period.first
    assert figures.period.last == wave.survey.local_date(resources.now()) < NOVEMBER.closes
