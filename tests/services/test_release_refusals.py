"""Who may release what, and when: refusals, each with its reason."""

import datetime
import json

import pytest

from app.domain.releases.canonical import canonical_document
from app.domain.releases.document import Period
from app.domain.rights.rights import Actor
from app.domain.rights.roles import Role
from app.domain.waves.life_cycle import WaveState
from app.errors import InvalidInput
from app.errors.releases import ReleaseNotFound, ReleaseRefused
from app.errors.staff import NotAllowed, SecondPersonNeeded, UnderEmbargo
from app.services.release_preparation import find_prepared, prepare_release, read_figures
from app.services.releases import find_release, list_releases, newest_release, publish_release
from app.services.resources import Resources
from app.services.waves import find_wave
from tests.support.clock import Clock
from tests.support.releases import ADMINISTRATOR, ANALYST, closed_town, release, townspeople
from tests.support.responses import DEFINITIONS
from tests.support.surveys import open_town


@pytest.fixture
def database_url(make_sqlite) -> str:  # type: ignore[no-untyped-def]
    """Which database it is makes no difference here."""
    return make_sqlite()


async def test_whoever_prepared_can_not_publish(resources: Resources) -> None:
    wave = await closed_town(resources, townspeople())
    prepared = await prepare_release(resources, ADMINISTRATOR, wave)
    with pytest.raises(SecondPersonNeeded):
        await publish_release(resources, ADMINISTRATOR, wave, prepared=prepared.id, state="final")
    assert await list_releases(resources, wave) == []


async def test_rights_are_asked_for(resources: Resources) -> None:
    wave = await closed_town(resources, [])
    with pytest.raises(NotAllowed):
        await publish_release(resources, ANALYST, wave, prepared=1, state="final")
    for role in set(Role) - {Role.ADMINISTRATOR, Role.ANALYST}:
        with pytest.raises(NotAllowed):
            await prepare_release(resources, Actor("somebody", role), wave)
        with pytest.raises(NotAllowed):
            await find_prepared(resources, Actor("somebody", role), wave)


async def test_nothing_of_an_open_wave_is_computed(resources: Resources) -> None:
    wave = await open_town(resources)
    with pytest.raises(UnderEmbargo):
        await prepare_release(resources, ANALYST, wave)
    with pytest.raises(ReleaseNotFound):
        await newest_release(resources, wave)


async def test_figures_prepared_before_the_last_release_are_refused(resources: Resources) -> None:
    """They know nothing of what it showed, so they may show the difference."""
    wave = await closed_town(resources, townspeople())
    old = await prepare_release(resources, ANALYST, wave)
    await release(resources, wave, "provisional")
    with pytest.raises(ReleaseRefused, match="prepare the figures again"):
        await publish_release(resources, ADMINISTRATOR, wave, prepared=old.id, state="final")


async def test_a_correction_says_why(resources: Resources) -> None:
    wave = await closed_town(resources, townspeople())
    await release(resources, wave)
    for why, code in [
        ("", "why-missing"),
        ("a\nb", "reason-invalid"),
        ("x" * 501, "reason-invalid"),
    ]:
        with pytest.raises(InvalidInput) as refused:
            await release(resources, wave, "corrected", why=why)
        assert [(one.field, one.code) for one in refused.value.faults] == [("why", code)]
    record = await release(resources, wave, "corrected", why="a form was keyed wrongly")
    assert json.loads(record.payload)["header"]["correction"] == {
        "corrects": "town.1",
        "changed": "no figure",
        "why": "a form was keyed wrongly",
    }


@pytest.mark.parametrize(
    "name", ["town.2", "town", "town.", "town.x", "nowhere.1", "town.9999999999", ".1"]
)
async def test_other_names_lead_nowhere(resources: Resources, name: str) -> None:
    await release(resources, await closed_town(resources, townspeople()))
    with pytest.raises(ReleaseNotFound):
        await find_release(resources, name)


async def test_prepared_figures_are_kept_as_they_were(resources: Resources) -> None:
    wave = await closed_town(resources, townspeople())
    prepared = await prepare_release(resources, ANALYST, wave)
    found = await find_prepared(resources, ANALYST, wave)
    assert found == prepared
    assert canonical_document(read_figures(found)) == prepared.figures
    with pytest.raises(ReleaseNotFound):
        await find_prepared(resources, ANALYST, wave, prepared.id + 1)


async def test_a_continuous_wave_is_released_by_days_that_are_over(
    resources: Resources, clock: Clock
) -> None:
    """While it goes on; days that overlap would show the days between."""
    folder = DEFINITIONS / "service-window"
    wave = await open_town(resources, code="hall", folder=folder)
    today = wave.survey.local_date(clock())
    days = Period(first=today - datetime.timedelta(days=3), last=today)
    with pytest.raises(UnderEmbargo):
        await prepare_release(resources, ANALYST, wave, period=days)
    with pytest.raises(InvalidInput):
        await prepare_release(resources, ANALYST, wave)
    clock.advance(days=1)
    prepared = await prepare_release(resources, ANALYST, wave, period=days)
    await publish_release(resources, ADMINISTRATOR, wave, prepared=prepared.id, state="final")
    assert (await find_wave(resources, "hall")).state is WaveState.OPEN
    with pytest.raises(ReleaseRefused, match="overlap"):
        await prepare_release(
            resources, ANALYST, wave, period=Period(first=days.first, last=days.first)
        )
