import re

import pytest

from app.domain.rights.roles import Role
from app.services.participation import count_participation
from app.services.waves import Wave
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.staff import hire
from tests.support.stuffing import ATTACK, stuff

HOME = "/console/integrity"


@pytest.fixture
async def office(clerk: Clerk, clock: Clock, town: Wave) -> Clerk:
    await stuff(clerk.resources, town)
    await hire(clerk.resources, clock, "anna", Role.ANALYST)
    for name in ("ben", "chen"):
        await hire(clerk.resources, clock, name, Role.ADMINISTRATOR)
    return clerk


def links(clerk: Clerk) -> list[str]:
    found = re.findall(rf'href="({HOME}/[^"]+)"', clerk.page.text)
    return [link for link in found if not link.endswith("/findings")]


async def test_an_analyst_proposes_an_administrator_decides_and_no_answer_is_shown(
    office: Clerk, town: Wave
) -> None:
    shown = ""
    await office.sits_down_as("anna")
    await office.opens(f"{HOME}/town/findings")
    [propose] = links(office)
    shown += office.page.text
    await office.opens(propose)
    page = await office.sends(propose, {"reason": " "})
    assert (page.status_code, "Please say why" in office.text) == (422, True)
    shown += page.text
    await office.sends(propose, {"reason": "one office, one hour"})
    assert (office.path, links(office)) == (HOME, []), "whoever proposes is not asked to decide"
    assert "Proposed: set aside?" in office.text

    await office.sits_down_as("ben")
    await office.opens(HOME)
    [decide] = links(office)
    shown += (await office.opens(decide)).text
    assert "one office, one hour" in shown
    assert str(ATTACK) in shown
    page = await office.sends(decide, {"reason": "so it is"})
    assert page.status_code == 422, "neither agreed nor refused"
    await office.sends(decide, {"reason": "so it is", "decision": "agree"})
    assert office.path == HOME
    assert (await count_participation(office.resources, town)).set_aside == ATTACK
    [restore] = links(office)
    await office.sends(restore, {"reason": "a school's lesson"})
    [decide] = links(office)
    page = await office.sends(decide, {"reason": "quickly", "decision": "agree"})
    assert (page.status_code, "another person" in office.heading) == (403, True)
    await office.sits_down_as("chen")
    await office.sends(decide, {"reason": "true", "decision": "agree"})
    assert (await count_participation(office.resources, town)).set_aside == 0
    for word in ("very_satisfied", "satisfied", "attitude", "D01"):
        assert word not in shown + office.page.text


async def test_what_does_not_stand_out_cannot_be_proposed(office: Clerk) -> None:
    await office.sits_down_as("anna")
    page = await office.sends(f"{HOME}/town/findings/{'0' * 12}/propose", {"reason": "my list"})
    assert (page.status_code, office.heading) == (404, "No such signal stands out now")
