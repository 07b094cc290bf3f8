"""From a phone number to the first question, with and without script, and nothing for axe."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Site
from tests.browser.test_accessibility import problems
from tests.browser.visitor import visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(
    ("language", "phone", "script"),
    [("zh", "13800138001", True), ("en", "13800138002", False)],
)
def test_a_phone_leads_to_the_questionnaire(
    browser: Browser, site: Site, language: str, phone: str, *, script: bool
) -> None:
    with visitor(browser, site, language=language, script=script) as one:
        one.opens("/w/shenzhen-2010")
        one.page.click("a[href$='/online-residents/verified']")
        found = problems(one, "phone")
        one.page.fill("#phone", phone)
        one.saves()
        found += problems(one, "code")
        one.page.fill("#code", "no code")
        one.saves()
        found += problems(one, "wrong code")
        assert one.page.evaluate("document.activeElement.className") == "errors"
        one.page.fill("#code", site.gateway.last_code)
        one.saves()
        found += problems(one, "begin")
        one.saves()
        assert one.path.startswith("/w/shenzhen-2010/s/")
        one.context.clear_cookies(name="permit")
        one.opens("/w/shenzhen-2010/identify/begin")
        one.saves()
        assert one.path.startswith("/w/shenzhen-2010/s/"), "a lost reply costs nothing"
        assert found == []
        assert phone not in one.page.url
