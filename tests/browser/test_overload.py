"""A crowd costs nobody an answer: pages wait by themselves, send again, and are stored once."""

from collections.abc import Iterator

import pytest
import sqlalchemy
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site
from tests.browser.moody import Moody, moody_server
from tests.browser.visitor import SAVE, Visitor, visitor

pytestmark = pytest.mark.browser

WORDS = {"zh": "约 {n} 秒后自动重新发送", "en": "is sent again by itself in about {n} seconds"}


@pytest.fixture(scope="module")
def crowded(site: Site) -> Iterator[tuple[Site, Moody]]:
    with moody_server(site) as found:
        yield found


@pytest.fixture
def moody(crowded: tuple[Site, Moody]) -> Moody:
    found = crowded[1]
    found.refuses, found.loses, found.retry_after = 0, 0, b"1"
    found.posts.clear()
    return found


def begins(one: Visitor) -> None:
    one.starts("kinds")
    one.chooses(single="a", overall="d")
    one.page.fill("[name=number]", "4")
    one.page.fill("[name=comment]", "排队太久")


def goes_on_to_the_review(one: Visitor) -> None:
    one.saves()
    one.chooses(department="D01")
    one.saves()
    one.chooses(**{"grid.D01.s": "a", "grid.D01.e": "e"})
    one.saves()
    assert one.path == "/w/kinds/review"


def stored(site: Site) -> int:
    """How many responses there are."""
    engine = sqlalchemy.create_engine(site.database_url)
    with engine.connect() as connection:
        return int(
            connection.execute(sqlalchemy.text("select count(*) from responses")).scalar_one()
        )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refused_page_waits_says_so_and_arrives(
    browser: Browser, crowded: tuple[Site, Moody], moody: Moody, language: str
) -> None:
    with visitor(browser, crowded[0], language=language) as one:
        begins(one)
        moody.refuses = 1
        one.page.click(SAVE)
        before, _, after = WORDS[language].partition("{n}")
        expect(one.page.get_by_role("status")).to_contain_text(before)
        expect(one.page.get_by_role("status")).to_contain_text(after)
        expect(one.page.locator("[name=comment]")).to_have_value("排队太久")
        one.page.wait_for_url("**/departments")
        assert moody.posts.count("/w/kinds/s/all") == 2
        one.opens("/w/kinds/s/all")
        expect(one.page.locator("[name=comment]")).to_have_value("排队太久")


def test_what_is_changed_while_waiting_is_sent_too(
    browser: Browser, crowded: tuple[Site, Moody], moody: Moody
) -> None:
    with visitor(browser, crowded[0]) as one:
        begins(one)
        moody.refuses, moody.retry_after = 1, b"60"
        one.page.click(SAVE)
        expect(one.page.get_by_role("status")).to_be_visible()
        one.page.fill("[name=comment]", "还是太久")
        one.saves()  # pressing again does not wait for the minute to pass
        assert one.path == "/w/kinds/departments"
        one.opens("/w/kinds/s/all")
        expect(one.page.locator("[name=comment]")).to_have_value("还是太久")


def test_answers_whose_reply_is_lost_are_stored_once(
    browser: Browser, crowded: tuple[Site, Moody], moody: Moody
) -> None:
    site = crowded[0]
    with visitor(browser, site) as one:
        begins(one)
        goes_on_to_the_review(one)
        before = stored(site)
        moody.refuses, moody.loses = 1, 1
        one.page.click(SAVE)
        one.page.wait_for_url("**/r/*")
        assert moody.posts.count("/w/kinds/submit") == 3
        assert stored(site) == before + 1


def test_a_network_that_fails_is_waited_for(
    browser: Browser, crowded: tuple[Site, Moody], moody: Moody
) -> None:
    with visitor(browser, crowded[0]) as one:
        begins(one)
        one.page.route("**/s/all", lambda route: route.abort())
        one.page.click(SAVE)
        expect(one.page.get_by_role("status")).to_contain_text("网络暂时中断")
        one.page.unroute("**/s/all")
        one.page.wait_for_url("**/departments")


def test_leaving_a_page_that_waits_keeps_its_draft(
    browser: Browser, crowded: tuple[Site, Moody], moody: Moody
) -> None:
    with visitor(browser, crowded[0]) as one:
        begins(one)
        moody.refuses, moody.retry_after = 1, b"60"
        one.page.click(SAVE)
        expect(one.page.get_by_role("status")).to_be_visible()
        one.opens("/privacy")
        one.opens("/w/kinds/s/all")
        expect(one.page.locator("[name=comment]")).to_have_value("排队太久")


def test_a_page_with_errors_still_keeps_drafts_and_sends(
    browser: Browser, crowded: tuple[Site, Moody], moody: Moody
) -> None:
    with visitor(browser, crowded[0]) as one:
        begins(one)
        one.page.fill("[name=number]", "many")
        one.saves()
        expect(one.page.locator(".errors")).to_be_focused()
        assert moody.posts.count("/w/kinds/s/all") == 1, "sent twice, it would count as two tries"
        one.page.fill("[name=number]", "5")
        one.page.reload()
        expect(one.page.locator("[name=number]")).to_have_value("5")
        one.page.fill("[name=number]", "wrong again")
        one.saves()
        one.page.fill("[name=number]", "6")
        moody.refuses = 1
        one.page.click(SAVE)
        one.page.wait_for_url("**/departments")


def test_a_page_that_could_not_be_shown_opens_by_itself(
    browser: Browser, crowded: tuple[Site, Moody], moody: Moody
) -> None:
    with visitor(browser, crowded[0], language="en") as one:
        moody.refuses = 1
        one.opens("/w/kinds")
        expect(one.page.get_by_role("status")).to_contain_text("opens by itself")
        one.page.wait_for_selector("form[action$='/start']")


def test_without_script_a_reload_sends_again(
    browser: Browser, crowded: tuple[Site, Moody], moody: Moody
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    try:
        one = Visitor(context, crowded[0])
        begins(one)
        moody.refuses = 1
        one.page.click(SAVE)
        expect(one.page.locator("main")).to_contain_text("To send it again, reload this page")
        expect(one.page.get_by_role("link", name="To the first page")).to_have_attribute(
            "href", "/w/kinds"
        )
        one.page.reload()
        assert one.path == "/w/kinds/departments"
    finally:
        context.close()
