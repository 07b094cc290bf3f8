"""Evaluations at the console: figures pasted, prepared by one, published by another, explained."""

import re

import pytest

from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.resources import Resources
from app.services.waves import Wave
from tests.console.clerk import Clerk
from tests.support.clock import Clock
from tests.support.evaluations import publish_made_up
from tests.support.staff import hire
from tests.support.xiamen import ENTERED, SAMPLES, xiamen_wave

PERIOD = "/console/scores/xm/2008"
RESULTS = "/console/results"
TABLE = "\n".join("\t".join(row) for row in ENTERED)


@pytest.fixture
async def xiamen(resources: Resources, clock: Clock) -> Wave:
    wave = await xiamen_wave(resources)
    await publish_made_up(resources, wave, SAMPLES)
    await hire(resources, clock, "li.na", Role.ANALYST)
    await hire(resources, clock, "wang.wei", Role.ADMINISTRATOR)
    await hire(
        resources, clock, "chen", Role.DEPARTMENT_READER, Scope(departments=frozenset({"huli"}))
    )
    return wave


async def test_from_a_pasted_table_to_a_department_s_steps(clerk: Clerk, xiamen: Wave) -> None:
    await clerk.sits_down_as("li.na")
    assert "/console/scores/xm/xm" in (await clerk.opens("/console/scores")).text
    await clerk.sends(f"{PERIOD}/figures", {"table": TABLE, "reason": ""})
    assert "18 of 18 figures are there." in clerk.text
    await clerk.sends(f"{PERIOD}/prepare")
    assert "85.628" in clerk.page.text
    assert (await clerk.opens(f"{PERIOD}/publish")).status_code == 403

    await clerk.sits_down_as("wang.wei")
    await clerk.opens(f"{PERIOD}/publish")
    await clerk.sends(f"{PERIOD}/publish", {"why": ""})
    assert "xiamen-2008.1" in clerk.page.text

    await clerk.sits_down_as("chen")
    links = re.findall(r'href="(/console/scores/[^"]+)"', (await clerk.opens(RESULTS)).text)
    assert links == [f"{PERIOD}/departments/huli"]
    page = await clerk.opens(links[0])
    assert "79.4 × 30 ÷ 100 = 23.82" in page.text
    assert (await clerk.opens(f"{PERIOD}/departments/jimei")).status_code == 403
    assert (await clerk.opens(PERIOD)).status_code == 403


async def test_faults_are_told_by_row_and_the_table_is_kept(clerk: Clerk, xiamen: Wave) -> None:
    await clerk.sits_down_as("li.na")
    wrong = "department,figure,value\nhuli,indicators,101\nhuli,survey,3"
    page = await clerk.sends(f"{PERIOD}/figures", {"table": wrong, "reason": ""})
    assert page.status_code == 422
    assert "row 2.value: The value must be between 0 and 100." in clerk.text
    assert "row 3.figure" in clerk.text
    assert "huli,indicators,101" in page.text
