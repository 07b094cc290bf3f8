import re

import pytest

from app.domain.rights.roles import Role
from app.domain.waves.life_cycle import WaveState
from app.services.permits import issue_open_permit
from app.services.responses import accept_response
from app.services.waves import Wave, find_wave
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.staff import hire
from tests.support.surveys import answers


@pytest.fixture
async def admin(clerk: Clerk, clock: Clock) -> Clerk:
    await clerk.signs_in(await hire(clerk.resources, clock, "admin", Role.ADMINISTRATOR))
    return clerk


def figures(clerk: Clerk) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", clerk.page.text))


async def test_before_the_first_wave_the_page_says_how_to_make_one(admin: Clerk) -> None:
    assert "minyi waves create" in (await admin.opens("/console")).text


async def test_participation_is_shown_and_answers_are_not(admin: Clerk, town: Wave) -> None:
    permit = await issue_open_permit(admin.resources, town, respondent_class="residents")
    await accept_response(admin.resources, town, permit, answers())
    await admin.opens("/console")
    assert figures(admin)["Returned"] == figures(admin)["Counted"] == "1"
    for word in ("female", "satisfied", "attitude"):
        assert word not in admin.page.text


async def test_a_wave_is_paused_opened_and_closed_with_a_reason(admin: Clerk, town: Wave) -> None:
    for change, state in [
        ("pause", WaveState.PAUSED),
        ("open", WaveState.OPEN),
        ("close", WaveState.CLOSED),
    ]:
        await admin.opens("/console")
        assert f'href="/console/waves/town/{change}"' in admin.page.text
        await admin.opens(f"/console/waves/town/{change}")
        await admin.sends(f"/console/waves/town/{change}", {"reason": "as planned"})
        assert admin.path == "/console"
        assert (await find_wave(admin.resources, "town")).state is state
    assert "/console/waves/town/" not in admin.page.text


async def test_without_a_reason_nothing_happens(admin: Clerk, town: Wave) -> None:
    page = await admin.sends("/console/waves/town/close", {"reason": " "})
    assert (page.status_code, "Please say why" in admin.text) == (422, True)
    assert (await find_wave(admin.resources, "town")).state is WaveState.OPEN


async def test_a_change_that_does_not_follow_is_told(admin: Clerk, town: Wave) -> None:
    page = await admin.sends("/console/waves/town/open", {"reason": "again"})
    assert (page.status_code, admin.heading) == (409, "The wave can't change to this state now")


async def test_changing_asks_who_one_is_after_some_minutes(
    admin: Clerk, clock: Clock, town: Wave
) -> None:
    clock.advance(minutes=11)
    await admin.sends("/console/waves/town/close", {"reason": "as planned"})
    assert admin.heading == "Please confirm that it is you"
    assert (await find_wave(admin.resources, "town")).state is WaveState.OPEN


@pytest.mark.parametrize("path", ["nowhere/close", "town/release", "%00/close"])
async def test_other_addresses_lead_nowhere(admin: Clerk, town: Wave, path: str) -> None:
    assert (await admin.opens(f"/console/waves/{path}")).status_code in (404, 422)


async def test_who_may_not_change_a_wave_is_not_offered_it(
    clerk: Clerk, clock: Clock, town: Wave
) -> None:
    await clerk.signs_in(await hire(clerk.resources, clock, "keyer", Role.KEYER))
    page = await clerk.opens("/console")
    assert "town" in page.text
    assert "/console/waves/" not in page.text
