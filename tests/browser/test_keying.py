"""The keying page in a browser: fast, forgiving; it loses no form and stores none twice."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route

from app.domain.paper.serials import Serial
from tests.browser.office import BATCH, Office, Seat, furnish
from tests.support.fieldwork import serial

pytestmark = pytest.mark.browser

RATINGS = "1234519231451234"
ANSWERS = 25
FORM = ["2", "Enter", *RATINGS, "2", "1", "3", "Enter", "Enter", "1", "3", "5", "1", "4"]
"""A Shenzhen form of 27 fields: 25 answers, and two fields that the respondent left blank."""
BLANKS = 2
MARKS = {
    "contact": "2",
    **{
        f"ratings.{row}.{aspect}": RATINGS[4 * (row - 1) + place]
        for row in range(1, 5)
        for place, aspect in enumerate(("attitude", "efficiency", "lawfulness", "results"))
    },
    "overall": "2",
    "change": "1",
    "priorities": "3",
    "sex": "1",
    "age": "3",
    "district": "5",
    "residency": "1",
    "occupation": "4",
}
SECONDS_PER_KEY = 0.4
"""9,000 keystrokes an hour: a practised keyer, not a fast one."""


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("office"))
    office.wave = office.do(furnish)
    return office


@pytest.fixture
def office(tmp_path: Path, furnished: Office, request: pytest.FixtureRequest) -> Iterator[Office]:
    office = furnished.copy(tmp_path)
    try:
        if request.node.get_closest_marker("killed"):
            office.start_process()
        else:
            office.start()
        yield office
    finally:
        office.close()


@pytest.fixture
def ann(browser: Browser, office: Office) -> Iterator[Seat]:
    seat = Seat(browser, office)
    seat.sign_in("ann")
    seat.open_keying()
    yield seat
    seat.close()
    assert seat.complaints == []


def key_form(seat: Seat, number: int, *, keys: list[str] = FORM) -> None:
    seat.page.wait_for_selector("#entry:not([hidden])")
    seat.page.fill("#entry", serial(seat.office.wave, number))
    seat.keys("Enter")
    seat.page.wait_for_function(
        "n => document.querySelector('#place').textContent.startsWith(n)",
        arg=serial(seat.office.wave, number),
    )
    seat.keys(*keys, "Enter")
    seat.page.wait_for_selector("#place:empty", state="attached")


@pytest.mark.slow
def test_a_practised_keyer_needs_under_twenty_seconds_for_25_answers(
    office: Office, ann: Seat
) -> None:
    key_form(ann, 1)
    keystrokes = ["Enter", *FORM, "Enter"]
    assert len(keystrokes) <= ANSWERS + BLANKS + 3
    began = time.monotonic()
    for key in keystrokes:
        ann.page.keyboard.press(key)
        ann.page.wait_for_timeout(SECONDS_PER_KEY * 1000)
    took = time.monotonic() - began
    ann.wait_for_count("stored", 2)
    assert took < 20
    print(f"{len(keystrokes)} keystrokes, {took:.1f} s")
    entries = office.entries()
    assert entries[1][0].marks == entries[2][0].marks == MARKS


def test_no_key_is_lost_however_fast_they_come(office: Office, ann: Seat) -> None:
    for number in range(1, 6):
        key_form(ann, number)
    ann.wait_for_count("stored", 5)
    assert [one[0].marks for one in office.entries().values()] == [MARKS] * 5


@pytest.mark.killed
def test_nothing_is_lost_or_stored_twice_when_server_network_and_tab_die(
    office: Office, ann: Seat
) -> None:
    key_form(ann, 1)
    key_form(ann, 2)
    ann.wait_for_count("stored", 2)
    ann.page.wait_for_selector("#desk[data-offline=ready]")
    office.kill()
    key_form(ann, 3)
    key_form(ann, 4)
    assert (ann.count("waiting"), ann.count("stored")) == (2, 2)
    ann.page.reload()  # the page itself comes from this computer
    ann.page.wait_for_selector("#desk:not([hidden])")
    key_form(ann, 5)
    ann.page.fill("#entry", serial(office.wave, 6))
    ann.keys("Enter")
    ann.page.wait_for_selector("#entry", state="hidden")
    ann.keys(*FORM[:9])
    ann.page.wait_for_selector("#place:text('10 /')")
    ann.page.close()  # in the middle of a form
    office.start()
    ann.page = ann.context.new_page()
    ann.watch(ann.page)
    ann.open_keying()
    assert "10 /" in ann.shown("place")
    ann.keys(*FORM[9:], "Enter")
    ann.wait_for_count("stored", 6)
    ann.context.set_offline(True)
    key_form(ann, 7)
    ann.page.reload()
    ann.page.wait_for_selector("#desk:not([hidden])")
    key_form(ann, 8)
    assert ann.count("waiting") == 2
    ann.context.set_offline(False)
    ann.wait_for_count("stored", 8)
    entries = office.entries()
    assert sorted(entries) == list(range(1, 9))
    assert all([one.marks for one in own] == [MARKS] for own in entries.values())


def test_a_form_whose_acknowledgement_was_lost_is_not_stored_twice(
    office: Office, ann: Seat
) -> None:
    lost: list[int] = []

    def lose_the_first_reply(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    ann.context.route("**/entries", lose_the_first_reply)
    key_form(ann, 1)
    ann.page.wait_for_selector("#connection[data-obstacle=offline]")
    assert (lost, ann.count("waiting")) == ([201], 1)
    ann.page.reload()
    ann.wait_for_count("stored", 1)
    assert [len(own) for own in office.entries().values()] == [1]


def test_a_session_that_ended_costs_nothing(office: Office, ann: Seat) -> None:
    ann.context.clear_cookies()
    key_form(ann, 1)
    ann.page.wait_for_selector("#connection[data-obstacle=signed-out]")
    assert ann.count("waiting") == 1
    ann.sign_in("ann")
    ann.open_keying()
    ann.wait_for_count("stored", 1)
    assert list(office.entries()) == [1]


def test_whoever_keys_next_on_this_computer_sees_and_sends_nothing_of_it(
    office: Office, ann: Seat
) -> None:
    ann.context.clear_cookies()
    key_form(ann, 1)
    ann.sign_in("bo")
    ann.open_keying()
    ann.wait_for_count("waiting", 0)
    assert ann.page.inner_text("#queue") == ""
    key_form(ann, 1)
    ann.wait_for_count("stored", 1)
    assert [one.by for own in office.entries().values() for one in own] == ["bo"]


def test_a_keyer_goes_back_corrects_and_marks_what_cannot_be_read(
    office: Office, ann: Seat
) -> None:
    keys = ["1", "Backspace", "2", "?", "/", "*", "-", *RATINGS[3:], "9", "9", "a", "3", "Enter"]
    key_form(ann, 1, keys=[*keys, "x", "y", "Enter", "?", "1", "1", "1", "Enter"])
    ann.wait_for_count("stored", 1)
    marks = office.entries()[1][0].marks
    assert (marks["contact"], marks["channels"]) == ("2", "?")
    assert (marks["ratings.1.attitude"], marks["ratings.1.efficiency"]) == ("?", "*")
    assert "ratings.1.lawfulness" not in marks
    assert (marks["priorities"], marks["comment"], marks["sex"]) == ("3;10", "xy", "?")
    assert "occupation" not in marks


def test_what_was_keyed_is_echoed_and_odd_marks_are_only_warned_of(
    office: Office, ann: Seat
) -> None:
    ann.page.fill("#entry", serial(office.wave, 1))
    ann.keys("Enter")
    ann.page.wait_for_selector("#keys li")
    ann.keys("2")
    assert ann.shown("echo").startswith("2 · ")
    ann.keys("1", "Enter")  # the routing asks for channels only after contact = 1
    assert "by the routing this is not asked" in ann.shown("warning")
    ann.keys(*FORM[2:])
    assert "by the routing this is not asked" in ann.shown("keys")
    ann.keys("Enter")
    ann.wait_for_count("stored", 1)
    assert office.entries()[1][0].marks == MARKS | {"channels": "1"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12345", "misread"),
        ("001-000001-9", "misread"),
        ("{other wave}", "another wave"),
        ("{other batch}", "another batch"),
        ("{keyed}", "have keyed this form"),
    ],
)
def test_a_wrong_serial_is_named_at_once(office: Office, ann: Seat, typed: str, said: str) -> None:
    if typed == "{keyed}":
        key_form(ann, 1)
    known = {
        "{other wave}": str(Serial(2, 1)),
        "{other batch}": serial(office.wave, 61),
        "{keyed}": serial(office.wave, 1),
    }
    ann.page.fill("#entry", known.get(typed, typed))
    ann.keys("Enter")
    ann.page.wait_for_selector("#warning:not(:empty)")
    assert said in ann.shown("warning")


def test_a_form_that_the_server_refuses_stays_until_somebody_decides(
    office: Office, ann: Seat
) -> None:
    ann.context.clear_cookies()
    key_form(ann, 1)
    ann.context.route("**/entries", lambda route: route.continue_(post_data=_spoil(route)))
    ann.sign_in("ann")
    ann.open_keying()
    ann.wait_for_count("refused", 1)
    assert "No such code" in ann.shown("queue")
    ann.context.unroute("**/entries")
    ann.page.click("[data-act=correct]")
    ann.page.wait_for_selector("#keys li")
    ann.keys(*["Enter"] * 27, "Enter")
    ann.wait_for_count("stored", 1)
    assert office.entries()[1][0].marks == MARKS


def _spoil(route: Route) -> str:
    return (route.request.post_data or "").replace('"contact":"2"', '"contact":"7"')


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_one_screen_without_scrolling_and_without_axe_findings(
    browser: Browser, office: Office, language: str
) -> None:
    seat = Seat(browser, office, language=language)
    seat.sign_in("ann")
    seat.open_keying()
    seat.page.fill("#entry", serial(office.wave, 1))
    seat.keys("Enter")
    seat.page.wait_for_selector("#keys li")
    for keys in ([], FORM[:12], FORM[12:]):
        seat.keys(*keys)
        found = Axe().run(seat.page)
        assert found.response["violations"] == [], found.generate_report()
        picture(seat)
        for part in ("#desk", "#sheet >> xpath=..", ".queue"):
            box = seat.page.locator(part).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 768, part
    seat.close()
    assert seat.complaints == []


def test_people_carry_forms_from_scan_to_decision_without_axe_findings(
    browser: Browser, office: Office
) -> None:
    """Di scans on a phone, Ann and Bo key, Chen decides; every page is looked at by axe."""
    point = office.point
    for width, language in ((360, "zh-CN"), (1024, "en-GB")):
        di = Seat(browser, office, width=width, language=language)
        di.sign_in("di")
        look(di, "/console/paper")
        look(di, f"/console/paper/paper/points/{point}")
        look(di, f"/console/paper/paper/points/{point}/batches/{BATCH}/close")
        look(di, f"/console/paper/paper/points/{point}/custody")
        di.page.select_option("#to", "spoiled")
        di.page.fill("#serial", serial(office.wave, 20 if width == 360 else 21).replace("-", ""))
        di.keys("Enter")  # as a scanner does
        di.page.wait_for_selector(".echo p:last-child:not(:text('…'))")
        assert ("作废" if width == 360 else "Spoiled") in di.page.inner_text(".echo")
        look(di, None)
        di.close()
    for name, keys in (("ann", FORM), ("bo", ["1", *FORM[1:]])):
        keyer = Seat(browser, office)
        keyer.sign_in(name)
        keyer.open_keying()
        key_form(keyer, 1, keys=keys)
        keyer.wait_for_count("stored", 1)
        look(keyer, f"/console/paper/paper/batches/{BATCH}/import")
        keyer.close()
    chen = Seat(browser, office)
    chen.sign_in("chen")
    address = f"/console/paper/paper/batches/{BATCH}/adjudication"
    look(chen, address)
    look(chen, f"{address}?serial={serial(office.wave, 1)}")
    chen.page.check("[name=contact][value='=2']")
    chen.page.click("form[method=post] button.button >> nth=-1")
    chen.page.wait_for_url(f"**{address}")
    assert serial(office.wave, 1) not in chen.page.inner_text("main")
    chen.close()


def look(seat: Seat, path: str | None) -> None:
    """Open a page; axe finds nothing, and nothing has to be scrolled sideways."""
    if path is not None:
        seat.page.goto(seat.office.address + path)
    found = Axe().run(seat.page)
    assert found.response["violations"] == [], found.generate_report()
    assert seat.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(seat)


def picture(seat: Seat) -> None:
    """Keep what is shown, for people to look at, where a folder is named for it."""
    if folder := os.environ.get("TEST_SCREENSHOTS"):
        seat.page.screenshot(path=f"{folder}/{time.monotonic_ns()}.png", full_page=True)
