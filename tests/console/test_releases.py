"""Releasing in the console: an analyst prepares, an administrator publishes and corrects."""

import pytest

from app.domain.releases.document import Release
from app.domain.rights.roles import Role
from app.services.releases import list_releases, read_release
from app.services.waves import find_wave
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.releases import closed_town, townspeople
from tests.support.staff import hire
from tests.support.surveys import open_town

PREPARED = "/console/releases/town/prepared"


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    """Which database it is makes no difference here."""
    return make_sqlite()


@pytest.fixture
async def office(clerk: Clerk, clock: Clock) -> Clerk:
    """A desk that Lin, an analyst, and the administrators Wu and Zhao sit down at."""
    await hire(clerk.resources, clock, "lin", Role.ANALYST)
    for name in ("wu", "zhao"):
        await hire(clerk.resources, clock, name, Role.ADMINISTRATOR)
    return clerk


async def published(clerk: Clerk) -> list[Release]:
    wave = await find_wave(clerk.resources, "town")
    return [read_release(one.payload) for one in await list_releases(clerk.resources, wave)]


async def test_one_prepares_another_publishes_and_corrects(office: Clerk) -> None:
    await closed_town(office.resources, townspeople())
    await office.sits_down_as("lin")
    await office.opens("/console/releases")
    assert 'href="/console/releases/town/prepare"' in office.page.text
    await office.sends("/console/releases/town/prepare")
    assert office.path == f"{PREPARED}/1"
    for shown in ("Education Bureau", "too few people answered", "An administrator other than lin"):
        assert shown in office.page.text
    assert (await office.opens(f"{PREPARED}/1/publish")).status_code == 403

    await office.sits_down_as("wu")
    await office.opens("/console/releases")
    assert f'href="{PREPARED}/1"' in office.page.text
    await office.opens(f"{PREPARED}/1")
    assert f'href="{PREPARED}/1/publish"' in office.page.text
    await office.opens(f"{PREPARED}/1/publish")
    assert 'name="why"' not in office.page.text, "nothing is corrected yet"
    page = await office.sends(f"{PREPARED}/1/publish", {})
    assert (page.status_code, "Please choose one." in office.text) == (422, True)
    await office.sends(f"{PREPARED}/1/publish", {"state": "final"})
    assert office.path == "/console/releases"
    assert "Waits for publication" not in office.text

    await office.sends("/console/releases/town/prepare")
    await office.sits_down_as("zhao")
    page = await office.sends(f"{PREPARED}/2/publish", {"state": "corrected", "why": " "})
    assert (page.status_code, "it is published with the release" in office.text) == (422, True)
    await office.sends(f"{PREPARED}/2/publish", {"state": "corrected", "why": "counted twice"})
    assert "counted twice" in office.text
    assert [one.header.state for one in await published(office)] == ["final", "corrected"]


async def test_who_prepared_can_not_publish(office: Clerk) -> None:
    await closed_town(office.resources, townspeople())
    await office.sits_down_as("wu")
    await office.sends("/console/releases/town/prepare")
    assert "/publish" not in office.page.text
    await office.sends(f"{PREPARED}/1/publish", {"state": "final"})
    assert office.heading.startswith("This needs another person")
    assert await published(office) == []


async def test_publishing_asks_who_one_is_after_some_minutes(office: Clerk, clock: Clock) -> None:
    await closed_town(office.resources, townspeople())
    await office.sits_down_as("lin")
    await office.sends("/console/releases/town/prepare")
    await office.sits_down_as("wu")
    clock.advance(minutes=11)
    await office.sends(f"{PREPARED}/1/publish", {"state": "final"})
    assert office.heading == "Please confirm that it is you"
    assert await published(office) == []


async def test_an_open_wave_has_nothing_to_prepare(office: Clerk) -> None:
    await open_town(office.resources)
    await office.sits_down_as("lin")
    await office.opens("/console/releases")
    assert "Nothing is computed before the wave is closed" in office.text
    page = await office.sends("/console/releases/town/prepare")
    assert page.status_code == 403
    assert office.heading == "Answers are not shown before the wave is closed"


@pytest.mark.parametrize("path", ["1", "0", "x", "1/publish", "99999999999999"])
async def test_other_addresses_lead_nowhere(office: Clerk, path: str) -> None:
    await closed_town(office.resources, [])
    await office.sits_down_as("wu")
    assert (await office.opens(f"{PREPARED}/{path}")).status_code in (404, 422)
