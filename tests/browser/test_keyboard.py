"""The whole Shenzhen 2010 questionnaire by keyboard alone, and always seeing where one is."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site
from tests.browser.visitor import Visitor, another_page, visitor

pytestmark = pytest.mark.browser

FOCUS_IS_SEEN = """() => {
    const one = document.activeElement;
    const shown = one.matches(".choice input") ? one.nextElementSibling : one;
    const style = getComputedStyle(shown);
    return parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
}"""


class Keyboard:
    """Only Tab, arrows, Space and Enter, and no further than somebody would patiently go."""

    def __init__(self, one: Visitor) -> None:
        self.page = one.page

    def tab_to(self, selector: str, patience: int = 120) -> None:
        """Press Tab until the element has the focus, which must be visible on every step."""
        for _ in range(patience):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(FOCUS_IS_SEEN), "the focus can't be seen"
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"Tab does not reach {selector}")

    def tick(self, name: str, value: str) -> None:
        """Go to a group by Tab and to the choice by arrows; a check box by Tab alone."""
        self.tab_to(f'[name="{name}"]')
        wanted = f'[name="{name}"][value="{value}"]'
        if self.page.locator(wanted).get_attribute("type") == "checkbox":
            if not self.page.evaluate("s => document.activeElement.matches(s)", wanted):
                self.tab_to(wanted)
            self.page.keyboard.press("Space")
        else:
            self.page.keyboard.press("Space")
            for _ in range(12):
                if self.page.evaluate("s => document.activeElement.matches(s)", wanted):
                    break
                self.page.keyboard.press("ArrowDown")
        expect(self.page.locator(wanted)).to_be_checked()

    def press(self, selector: str) -> None:
        self.tab_to(selector)
        with another_page(self.page):
            self.page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [360, 1280])
def test_shenzhen_2010_can_be_answered_by_keyboard_alone(
    browser: Browser, site: Site, width: int
) -> None:
    with visitor(browser, site, width=width) as one:
        one.opens("/w/shenzhen-2010")
        keys = Keyboard(one)
        keys.press("form[action$='/start'] button")
        keys.tick("contact", "yes")
        keys.press(".actions button")
        keys.tick("channels", "online")
        keys.press(".actions button")
        keys.tick("department", "D09")
        keys.tick("department", "D20")
        keys.press(".actions button")
        order = [name.split(".")[1] for name in _groups(one)]
        assert sorted(set(order)) == ["D09", "D20"]
        for name in _groups(one):
            keys.tick(name, "dissatisfied")
        keys.press(".actions button")
        keys.tick("overall", "average")
        keys.tick("change", "better")
        keys.tick("priorities", "none")
        keys.tab_to("textarea")
        one.page.keyboard.type("窗口可以多开几个。")
        keys.press(".actions button")
        for name, value in {
            "sex": "male",
            "age": "60-plus",
            "district": "pingshan",
            "residency": "elsewhere",
            "occupation": "retired",
        }.items():
            keys.tick(name, value)
        keys.press(".actions button")
        assert one.path == "/w/shenzhen-2010/review"
        keys.press(".actions button")
        assert one.path.startswith("/r/")


def _groups(one: Visitor) -> list[str]:
    names: list[str] = one.page.eval_on_selector_all(
        ".aspect input:first-child", "inputs => [...new Set(inputs.map(input => input.name))]"
    )
    return names


def test_the_first_tab_leads_past_the_head_of_the_page(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        one.opens("/w/shenzhen-2010")
        one.page.keyboard.press("Tab")
        one.page.keyboard.press("Enter")
        assert one.page.evaluate("document.activeElement.id") == "main"


def test_errors_have_the_focus_and_lead_to_their_fields(browser: Browser, site: Site) -> None:
    with visitor(browser, site, script=False) as one:
        one.starts("kinds")
        one.saves()
        expect(one.page.locator(".errors")).to_be_focused()
        one.page.click(".errors a >> nth=1")
        expect(one.page.locator("[name=number]")).to_be_focused()
        one.page.click(".errors a >> nth=0")
        expect(one.page.locator("[name=single] >> nth=0")).to_be_focused()
