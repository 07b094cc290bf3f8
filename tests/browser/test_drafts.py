"""What a script adds: nothing typed is lost with the network, and nothing is sent twice."""

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import Site
from tests.browser.visitor import SAVE, Visitor, visitor

pytestmark = pytest.mark.browser

KEPT = "Object.keys(localStorage).filter(name => name.startsWith('minyi/'))"


def kept(one: Visitor) -> list[str]:
    """What the device keeps once the scripts of the page have run."""
    one.page.wait_for_load_state("load")
    names: list[str] = one.page.evaluate(KEPT)
    return names


def begins(one: Visitor) -> None:
    one.starts("kinds")
    one.chooses(single="a", overall="d")
    one.page.fill("[name=number]", "4")
    one.page.fill("[name=comment]", "排队太久")


def test_a_draft_survives_a_lost_network_and_a_closed_page(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        begins(one)
        one.context.set_offline(True)
        one.page.click(SAVE)
        expect(one.page.get_by_role("status")).to_contain_text("网络好像断开了")
        assert one.path == "/w/kinds/s/all"
        one.page.close()
        one.context.set_offline(False)
        one.page = one.context.new_page()
        one.opens("/w/kinds/s/all")
        expect(one.page.get_by_role("status")).to_contain_text("已恢复")
        expect(one.page.locator("[name=comment]")).to_have_value("排队太久")
        expect(one.page.locator("[name=overall][value=d]")).to_be_checked()
        one.saves()
        assert one.path == "/w/kinds/departments"


def test_pressing_again_after_the_network_is_back_sends(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        begins(one)
        one.context.set_offline(True)
        one.page.click(SAVE)
        one.context.set_offline(False)
        one.saves()
        assert one.path == "/w/kinds/departments"


def test_what_the_server_has_is_no_longer_kept_on_the_device(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        begins(one)
        assert len(kept(one)) == 1
        one.saves()
        assert kept(one) == []


def test_nothing_stays_on_the_device_after_the_receipt(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        begins(one)
        one.saves()
        one.chooses(department="D01")
        one.saves()
        one.chooses(**{"grid.D01.s": "a", "grid.D01.e": "e"})
        other = one.context.new_page()
        other.goto(f"{site.address}/w/kinds/s/all")
        other.fill("[name=place]", "大厅")
        one.saves()
        one.saves()
        assert one.path.startswith("/r/")
        assert kept(one) == []


def test_the_next_person_on_the_device_sees_nothing_of_it(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        begins(one)
        one.context.clear_cookies()
        one.starts("kinds")
        expect(one.page.locator("[name=comment]")).to_have_value("")
        assert kept(one) == []


def test_a_kiosk_keeps_nothing(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        one.opens("/w/kinds/kiosk")
        one.page.fill("#code", next(site.codes))
        one.presses("form[action$='/code'] button")
        one.page.fill("[name=comment]", "排队太久")
        assert kept(one) == []


def test_a_double_click_sends_once(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        begins(one)
        posts = []

        def slowly(route: Route) -> None:
            posts.append(route.request.url)
            one.page.wait_for_timeout(300)
            route.continue_()

        one.page.route("**/s/all", slowly)
        one.page.dblclick(SAVE)
        one.page.wait_for_url("**/departments")
        assert len(posts) == 1


def test_the_list_of_departments_can_be_narrowed(browser: Browser, site: Site) -> None:
    with visitor(browser, site, language="en") as one:
        one.starts("shenzhen-2010")
        one.opens("/w/shenzhen-2010/departments")
        box = one.page.get_by_label("Find by name")
        box.fill("water")
        expect(one.page.locator(".choice:visible")).to_have_text(["Water Affairs Bureau"])
        expect(one.page.locator("output")).to_have_text("1 found")
        box.press("Enter")
        assert one.path == "/w/shenzhen-2010/departments"
        one.page.get_by_label("Water Affairs Bureau").check()
        box.fill("")
        expect(one.page.locator(".choice:visible")).to_have_count(40)
        one.saves()
        expect(one.page.locator(".unit legend >> nth=0")).to_have_text("Water Affairs Bureau")


def test_without_scripts_in_the_browser_the_whole_way_is_open(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    try:
        one = Visitor(context, site)
        begins(one)
        one.saves()
        one.chooses(department="Q01")
        one.saves()
        one.chooses(**{"grid.Q01.s": "dont_know", "grid.Q01.e": "b"})
        one.saves()
        one.saves()
        assert one.path.startswith("/r/")
    finally:
        context.close()
