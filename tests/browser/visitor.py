"""Somebody in front of a browser: opens pages, presses what is written on them."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import Site

SAVE = ".actions button"

ONE_OF_A_SORT_OPEN = """all => {
    const sort = one => one.parentElement.tagName + one.querySelector('thead')?.textContent;
    const first = new Map([...all].reverse().map(one => [sort(one), one]));
    first.forEach(one => one.open = true);
}"""
"""All tables of a page of results would be three thousand cells, which axe takes seconds for."""


@contextmanager
def another_page(page: Page) -> Iterator[None]:
    """Wait until what is pressed meanwhile has led to another page, or to this one anew."""
    page.evaluate("document.body.dataset.before = ''")
    yield
    page.wait_for_selector("body:not([data-before])", state="attached")
    page.wait_for_load_state("load")


class Visitor:
    """One device in one language. `console` holds what the browser complained about."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.site = site
        self.page: Page = context.new_page()
        self.console: list[str] = []
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", lambda error: self.console.append(str(error)))

    def opens(self, path: str) -> None:
        self.page.goto(self.site.address + path)

    def starts(self, wave: str) -> None:
        self.opens(f"/w/{wave}")
        self.presses("form[action$='/start'] button")

    def saves(self) -> None:
        self.presses(SAVE)

    def presses(self, button: str) -> None:
        with another_page(self.page):
            self.page.click(button)

    def chooses(self, **answers: str) -> None:
        """Tick answers by question and code."""
        for name, value in answers.items():
            self.page.check(f'[name="{name}"][value="{value}"]')

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site.address).partition("#")[0]

    def tour(self) -> Iterator[str]:
        """Go through every kind of page; gives its name while it is shown."""
        for path in ("/", "/privacy", "/accessibility", "/nowhere", "/r", "/w/kinds/kiosk"):
            self.opens(path)
            yield path
        yield from self._results()
        self.opens("/w/kinds/kiosk")
        self.page.fill("#code", "WRONG")
        self.presses("form[action$='/code'] button")
        yield "wrong code"
        self.opens("/w/kinds/identify/residents/confidential")
        yield "identity check"
        self.saves()
        yield "identity check with errors"
        yield from self._shenzhen()
        yield from self._every_kind()

    def _results(self) -> Iterator[str]:
        for path in ("/results", "/results/none"):
            self.opens(path)
            yield path
        self.opens("/results/shenzhen-2009")
        self.page.eval_on_selector_all("details", ONE_OF_A_SORT_OPEN)
        yield "results with a table of every sort open"
        self.opens("/results/shenzhen-2009/1/departments/D05")
        yield "results of a department"

    def _shenzhen(self) -> Iterator[str]:
        self.opens("/w/shenzhen-2010")
        yield "first page"
        self.starts("shenzhen-2010")
        yield "section"
        self.chooses(contact="yes")
        self.saves()
        yield "section with one more question"
        self.saves()
        yield "departments"
        self.chooses(department="D09")
        self.chooses(department="Q03")
        self.saves()
        yield "ratings"
        self.saves()
        yield "overall"
        self.saves()
        self.opens("/w/shenzhen-2010/review")
        yield "review with gaps"
        self.opens("/w/shenzhen-2010/s/about-you")
        self.saves()
        yield "section with errors"
        self.chooses(sex="female", age="60-plus", district="nanshan", residency="elsewhere")
        self.saves()
        yield "review"
        self.saves()
        yield "receipt"
        self.opens("/w/shenzhen-2010")
        yield "first page after taking part"
        self.opens("/w/shenzhen-2010/review")
        yield "already took part"

    def _every_kind(self) -> Iterator[str]:
        self.starts("kinds")
        yield "every kind"
        self.chooses(single="b")
        self.page.fill("[name=number]", "many")
        self.saves()
        yield "every kind with errors"
        self.opens("/w/kinds/departments")
        self.saves()
        yield "departments with an error"
        self.chooses(department="D01")
        self.saves()
        self.saves()
        yield "ratings with errors"


@contextmanager
def visitor(
    browser: Browser, site: Site, *, language: str = "zh", width: int = 360, script: bool = True
) -> Iterator[Visitor]:
    """Open a browser window of a device that was never here."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        locale={"zh": "zh-CN", "en": "en-GB"}[language],
    )
    if not script:  # no page has a script inside, so without these files there is none
        context.route("**/*.js", lambda route: route.abort())
    context.set_default_timeout(15_000)
    try:
        yield Visitor(context, site)
    finally:
        context.close()
