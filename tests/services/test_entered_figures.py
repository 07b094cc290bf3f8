"""Figures are added and corrected, never overwritten; a bad table leaves nothing behind."""

import asyncio

import pytest

from app.domain.rights.rights import Actor
from app.domain.rights.roles import Role
from app.errors import InvalidInput
from app.errors.scoring import FiguresChanged
from app.errors.staff import NotAllowed
from app.services.entered_figures import Entered, bases, enter_figures, figures_to_fill
from app.services.resources import Resources
from app.services.waves import Wave
from tests.support.xiamen import ENTERED, xiamen_wave

ANALYST = Actor("li.na", Role.ANALYST)
HEADER = ENTERED[0]


@pytest.fixture
async def wave(resources: Resources) -> Wave:
    return await xiamen_wave(resources)


async def enter(
    resources: Resources, wave: Wave, *rows: list[str], reason: str = "", by: Actor = ANALYST
) -> Entered:
    return await enter_figures(
        resources, by, wave, period="2008", table=[HEADER, *rows], reason=reason
    )


async def test_a_correction_is_a_new_revision_with_its_reason(
    resources: Resources, wave: Wave
) -> None:
    assert await enter(resources, wave, *ENTERED[1:]) == Entered(18, 0, 0)
    assert await enter(resources, wave, *ENTERED[1:]) == Entered(0, 0, 18)
    wrong = ["huli", "indicators", "85.77"]
    with pytest.raises(InvalidInput) as refused:
        await enter(resources, wave, wrong)
    assert [one.field for one in refused.value.faults] == ["reason"]
    assert await enter(resources, wave, wrong, reason="misread") == Entered(0, 1, 0)
    figure = (await bases(resources, "xiamen-2008", "2008"))["huli", "indicators"]
    assert (str(figure.value), figure.revision, figure.reason) == ("85.77", 2, "misread")
    assert figure.entered_by == "li.na"


async def test_all_faults_are_told_by_row_and_nothing_is_stored(
    resources: Resources, wave: Wave
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await enter(
            resources,
            wave,
            ["huli", "indicators", "85"],
            ["huli", "indicators", "86"],
            ["nowhere", "indicators", "85"],
            ["siming", "survey", "85"],
            ["siming", "indicators", "100.5"],
            ["siming", "indicators", "1e2"],
            ["siming", "inspection.deducted", "3"],
            ["jimei", "indicators", ""],
        )
    assert [(one.field, one.code) for one in refused.value.faults] == [
        ("row 3.figure", "repeated"),
        ("row 4.department", "unknown"),
        ("row 5.figure", "unknown"),
        ("row 6.value", "out-of-range"),
        ("row 7.value", "not-a-number"),
        ("row 8.value", "out-of-range"),
    ]
    assert await bases(resources, "xiamen-2008", "2008") == {}


async def test_the_table_to_fill_has_what_is_known(resources: Resources, wave: Wave) -> None:
    await enter(resources, wave, ["huli", "indicators", "85.760"])
    table = await figures_to_fill(resources, ANALYST, wave, period="2008")
    assert len(table) == 1 + 6 * 3
    assert ["huli", "indicators", "85.76"] in table
    assert ["siming", "inspection.added", ""] in table


async def test_auditors_enter_nothing(resources: Resources, wave: Wave) -> None:
    with pytest.raises(NotAllowed):
        await enter(resources, wave, *ENTERED[1:], by=Actor("zhou", Role.AUDITOR))


async def test_of_two_who_enter_one_figure_at_once_one_is_refused(
    resources: Resources, wave: Wave
) -> None:
    outcomes = await asyncio.gather(
        *(enter(resources, wave, ["huli", "indicators", value]) for value in ("85", "86")),
        return_exceptions=True,
    )
    entered = [one for one in outcomes if isinstance(one, Entered)]
    refused = [one for one in outcomes if isinstance(one, FiguresChanged | InvalidInput)]
    assert (len(entered), len(refused)) == (1, 1)
    figure = (await bases(resources, "xiamen-2008", "2008"))["huli", "indicators"]
    assert figure.revision == 1
