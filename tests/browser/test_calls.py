"""The call station in a browser: a script to read out, outcomes by key, interviews that stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from app.domain.paper.calls import CallResult
from app.domain.questionnaires.audience import Mode
from app.services.paper_batches import fieldwork
from app.services.paper_calls import count_calls
from app.services.paper_fieldwork import issue_batch
from app.services.resources import Resources
from app.services.waves import Wave, find_wave
from tests.browser.office import BATCH, SHENZHEN, Office, Seat, begin
from tests.browser.test_keying import RATINGS, look, picture
from tests.support.fieldwork import also_by_phone, serial

pytestmark = pytest.mark.browser

INTERVIEW = [*"1", "2", *RATINGS, "2", "1", "3", "Enter", "Enter", "1", "3", "5", "1", "4", "Enter"]
"""Begin; no contact with any office, so that channels are not asked; answer the rest; done."""


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Office]:
    office = Office(tmp_path)
    folder = also_by_phone(SHENZHEN, tmp_path)

    async def furnish(resources: Resources) -> Wave:
        wave = await begin(resources, folder)
        point = wave.definition.sample.points[0].code
        await issue_batch(resources, wave, batch=BATCH, point=point, n=4, by="di", mode=Mode.PHONE)
        return wave

    office.wave = office.do(furnish)
    try:
        if request.node.get_closest_marker("killed"):
            office.start_process()
        else:
            office.start()
        yield office
    finally:
        office.close()


def next_call(seat: Seat, number: int, attempt: int = 1) -> None:
    """Enter alone: the next number, and its introduction."""
    seat.page.wait_for_selector("#entry:not([hidden])")
    seat.keys("Enter")
    said = f"{serial(seat.office.wave, number)} · call {attempt}"
    seat.page.wait_for_selector(f"#place:text-is('{said}')")


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_introduction_and_questions_are_one_screen_with_words_in_full(
    browser: Browser, office: Office, language: str
) -> None:
    seat = Seat(browser, office, language=language)
    seat.sign_in("ann")
    seat.open_keying()
    seat.keys("Enter")
    seat.page.wait_for_selector("#introduction:not([hidden])")
    survey = office.wave.definition.survey
    said = "en" if language == "en-GB" else "zh"
    assert survey.organiser[said] in seat.shown("introduction")  # type: ignore[index]
    assert survey.purpose[said] in seat.shown("introduction")  # type: ignore[index]
    for keys in ([], ["1"], ["2"], [*RATINGS[:3]], [*RATINGS[3:], *INTERVIEW[18:-1]]):
        seat.keys(*keys)
        picture(seat)
        found = Axe().run(seat.page)
        assert found.response["violations"] == [], found.generate_report()
        for part in ("#desk", ".queue"):
            box = seat.page.locator(part).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 768, part
        if keys == ["2"]:
            names = [one.name[said] for one in office.wave.definition.departments.departments]  # type: ignore[index]
            assert any(name in seat.shown("question") for name in names)
    seat.close()
    assert seat.complaints == []


@pytest.mark.killed
def test_calls_by_keyboard_with_outcomes_call_backs_and_a_server_that_dies(
    browser: Browser, office: Office
) -> None:
    seat = Seat(browser, office)
    seat.sign_in("ann")
    seat.open_keying()
    next_call(seat, 1)
    seat.keys("2", "6", "2")  # a key alone decides nothing
    assert "Refused?" in seat.shown("warning")
    seat.keys("2")
    next_call(seat, 2)
    seat.keys("1", "2", *RATINGS[:5], "Escape", "6", "6")  # no time now: half of it is kept
    next_call(seat, 3)
    seat.page.wait_for_selector("#desk[data-offline=ready]")
    office.kill()
    seat.keys(*INTERVIEW[:9])
    seat.page.wait_for_selector("#place:text('10 /')")
    seat.wait_until_kept()
    seat.page.reload()
    seat.page.wait_for_selector("#place:text('10 /')")
    seat.keys(*INTERVIEW[9:])
    seat.page.wait_for_selector("#waiting:text-is('1')")
    seat.keys("Enter")
    seat.page.wait_for_selector("#warning:text('No connection')")
    office.start()
    seat.page.evaluate("dispatchEvent(new Event('online'))")
    seat.wait_for_count("stored", 3)
    next_call(seat, 4)
    seat.keys("3", "3")
    next_call(seat, 2, attempt=2)
    seat.keys("1", "Enter", *["Enter"] * 5, *RATINGS[5:], *INTERVIEW[18:])
    seat.page.wait_for_selector("#entry:not([hidden])")
    seat.keys("Enter")
    seat.page.wait_for_selector("#warning:text('no number left')")
    seat.close()
    assert seat.complaints == []
    marks = [own[0].marks for own in office.entries().values()]
    assert len(marks) == 2
    assert marks[0] == marks[1]
    assert "channels" not in marks[0]
    check_figures(office)
    supervisor = Seat(browser, office)
    supervisor.sign_in("di")
    for page in ("", "/slips"):
        look(supervisor, f"/console/paper/paper/points/{office.point}{page}")
    supervisor.close()


def check_figures(office: Office) -> None:
    async def figures(resources: Resources) -> None:
        wave = await find_wave(resources, "paper")
        whole = (await fieldwork(resources, wave)).whole
        assert (whole.issued, whole.valid, whole.refused, whole.blank) == (4, 2, 1, 1)
        assert whole.balances
        calls = await count_calls(resources, wave)
        assert {result: n for (_, result), n in calls.items()} == {
            CallResult.COMPLETED: 2,
            CallResult.REFUSED: 1,
            CallResult.NO_CONTACT: 1,
            CallResult.CALL_BACK: 1,
        }

    office.do(figures)
