"""axe-core finds nothing on any page, with and without script, narrow and wide, in both languages.

Every two of these are tried together; all three would take twice as long and find the same.
Contrast is held to level AAA. Nothing has to be scrolled sideways, and everything to be pressed is
large enough for an unsteady finger.
"""

from collections.abc import Sequence

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser

from tests.browser.conftest import Site
from tests.browser.visitor import Visitor, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (320, 1280)
RUN = "rules => axe.run(document, rules).then(found => found.violations)"
RULES = {"rules": {"color-contrast-enhanced": {"enabled": True}}, "resultTypes": ["violations"]}
SMALLEST = 44  # CSS pixels; WCAG 2.2 asks for 24 (AA), 2.5.5 for 44 (AAA)
TOO_SMALL = """([targets, smallest]) => [...document.querySelectorAll(targets)]
    .map(target => [target, target.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < smallest)
    .map(([target, box]) => `${target.innerText} ${box.width} × ${box.height}`)"""
TARGETS = "main button, main .button, .choice, main .field, summary"


def problems(one: Visitor, name: str, widths: Sequence[int] = WIDTHS) -> list[str]:
    """What axe finds at each width, and what is too wide or too small to press."""
    found = []
    one.page.evaluate(AXE_SCRIPT)
    for width in widths:
        one.page.set_viewport_size({"width": width, "height": 800})
        violations = one.page.evaluate(RUN, RULES)
        found += [
            f"{name} at {width}: {rule['id']} {rule['nodes'][0]['html']}" for rule in violations
        ]
        if one.page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name} at {width}: wider than the window")
        small = one.page.evaluate(TOO_SMALL, [TARGETS, SMALLEST])
        found += [f"{name} at {width}: too small, {text}" for text in small]
    return found


@pytest.mark.parametrize(
    ("language", "script", "width"),
    [("zh", True, 320), ("zh", False, 1280), ("en", True, 1280), ("en", False, 320)],
)
def test_axe_finds_nothing_on_any_page(
    browser: Browser, site: Site, *, language: str, script: bool, width: int
) -> None:
    with visitor(browser, site, language=language, script=script) as one:
        found = [problem for name in one.tour() for problem in problems(one, name, [width])]
    assert found == []


def test_large_type_and_dark_colours_keep_to_it_too(browser: Browser, site: Site) -> None:
    with visitor(browser, site, language="en") as one:
        one.page.emulate_media(color_scheme="dark")
        one.opens("/")
        one.page.click("[name=size]")
        found = [problem for name in one.tour() for problem in problems(one, name, [320])]
    assert found == []
