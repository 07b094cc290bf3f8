"""Staff's pages in a real browser: from the link to closing a wave, with no script, and no barrier.

At 1024 × 768, which old office screens have, and at 360 pixels, a telephone.
"""

import asyncio
import dataclasses
import datetime
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from playwright.sync_api import Browser

from app.domain.questionnaires.audience import DatesOfMode
from app.domain.rights.rights import Scope, command_line
from app.services.integrity_cases import propose_setting_aside
from app.services.integrity_scan import scan_wave
from app.services.resources import Resources, open_resources
from app.services.staff import Rights, invite
from app.services.waves import create_wave, open_wave
from app.settings import Settings
from app.store.schema import upgrade
from tests.browser.conftest import SECRET, serving
from tests.browser.test_accessibility import problems
from tests.browser.visitor import Visitor, visitor
from tests.support.staff import PASSWORD
from tests.support.stuffing import stuff
from tests.support.surveys import open_town
from tests.web.citizen import KINDS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (360, 1024)


@dataclasses.dataclass(frozen=True, slots=True)
class Office:
    """Where staff's pages are, and unused links for administrators."""

    address: str
    links: Iterator[str]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An installation with an open wave."""
    database_url = f"sqlite:///{tmp_path_factory.mktemp('office') / 'minyi.db'}"
    upgrade(database_url)
    with ThreadPoolExecutor() as aside:  # the browser keeps an event loop in this thread
        links = aside.submit(asyncio.run, _prepare(database_url)).result()
    with serving(database_url) as address:
        yield Office(address, iter(links))


async def _stuff(resources: Resources, dates: DatesOfMode) -> None:
    """A second wave, with a burst that somebody proposes to set aside."""
    town, somebody = await open_town(resources, dates=dates), command_line("somebody")
    await stuff(resources, town)
    [found] = (await scan_wave(resources, somebody, town)).suspicions
    await propose_setting_aside(resources, somebody, town, key=found.key, reason="one office")


async def _prepare(database_url: str) -> list[str]:
    settings = Settings(_env_file=None, database_url=database_url, secret_key=SECRET)
    resources = open_resources(settings)
    today = datetime.datetime.now(datetime.UTC).date()
    dates = DatesOfMode(opens=today, closes=today + datetime.timedelta(days=30))
    wave = await create_wave(resources, code="kinds", folder=KINDS, dates=dates)
    await open_wave(resources, wave, by="tester")
    await _stuff(resources, dates)
    links = [await _invite(resources, name) for name in ("chen.an", "li.na", "wang.wei")]
    await resources.close()
    return links


async def _invite(resources: Resources, name: str) -> str:
    rights = Rights("administrator", Scope())
    root = command_line("root")
    link = await invite(resources, root, name=name, full_name=name.title(), rights=rights)
    return link.removeprefix(resources.settings.public_url)


class Administrator:
    """Somebody who was just handed a link."""

    def __init__(self, browser: Visitor, links: Iterator[str]) -> None:
        self.browser, self.page, self.links = browser, browser.page, links
        self.name = self.secret = ""

    def presses(self, selector: str = "main form.form button") -> None:
        self.page.click(selector)

    def next_code(self) -> str:
        """The code of the next half minute: one works once, and the next is taken already."""
        return pyotp.TOTP(self.secret).at(time.time(), counter_offset=1)

    def arrives(self) -> Iterator[str]:
        """From the link to the console; gives the name of each page while it is shown."""
        self.browser.opens(next(self.links))
        yield "welcome"
        self.page.fill("#password", "short")
        self.presses()
        yield "welcome with errors"
        self.name = self.page.locator("input[name=account]").input_value()
        for field in ("#password", "#repeated"):
            self.page.fill(field, PASSWORD)
        self.presses()
        self.page.fill("#name", self.name)
        self.page.fill("#password", "wrong")
        self.presses()
        yield "sign-in refused"
        self.page.fill("#name", self.name)
        self.page.fill("#password", PASSWORD)
        self.presses()
        yield "second factor offered"
        self.secret = self.page.inner_text("main p.code").replace(" ", "")
        self.page.fill("#code", pyotp.TOTP(self.secret).now())
        self.presses()
        yield "recovery codes"
        self.page.click("main a.button")

    def looks_around(self) -> Iterator[str]:
        """Every page behind the sign-in."""
        for path in (
            "/console",
            "/console/waves/kinds/pause",
            "/console/staff",
            "/console/staff/invite",
            "/console/staff/li.na/rights",
            "/console/staff/li.na/reset",
            "/console/staff/li.na/disable",
            "/console/scores",
            "/console/scores/shenzhen-2010/2010",
            "/console/integrity",
            "/console/integrity/town/findings",
            "/console/integrity/town/cases/1/decide",
            "/console/audit",
            "/console/account",
            "/console/account/password",
            "/console/account/second-factor",
            "/console/account/recovery-codes",
            "/console/prove",
            "/console/nowhere",
        ):
            self.browser.opens(path)
            yield path
        self.browser.opens("/console/staff/invite")
        self.presses()
        yield "invitation with errors"
        self.browser.opens("/console/clients/add")
        self.presses()
        yield "scoring system with errors"
        self.page.fill("#name", f"office-of-{self.name}")
        self.presses()
        yield "secret of a scoring system"
        self.browser.opens("/console/clients")
        yield "scoring systems"
        self.page.click("main td a")
        yield "revoking a scoring system"


def complaints(one: Visitor) -> list[str]:
    """What the browser refused, such as styles; a page that says 422 or 403 does as it should.

    Nor is it a fault where the test types before the page has put the cursor where it belongs.
    """
    expected = ("Failed to load resource", "[DOM] Password forms", "Autofocus processing")
    return [said for said in one.console if not said.startswith(expected)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_axe_finds_nothing_on_any_page_of_staff(
    browser: Browser, office: Office, language: str
) -> None:
    with visitor(browser, office, language=language, script=False) as one:
        admin = Administrator(one, office.links)
        found = [p for name in admin.arrives() for p in problems(one, name, WIDTHS)]
        found += [p for name in admin.looks_around() for p in problems(one, name, WIDTHS)]
    assert found == []
    assert complaints(one) == []


def test_a_wave_is_paused_in_a_browser_without_scripts(browser: Browser, office: Office) -> None:
    with visitor(browser, office, language="en", script=False) as one:
        admin = Administrator(one, office.links)
        assert list(admin.arrives())
        one.page.set_viewport_size({"width": 1024, "height": 768})
        one.page.click("text=Pause the wave")
        one.page.fill("#reason", "The data centre moves")
        admin.presses()
        assert one.page.inner_text(".state") == "Paused"
        one.page.click("text=Sign out")
        one.opens("/console")
        assert one.path == "/console/sign-in"
        one.page.fill("#name", admin.name)
        one.page.fill("#password", PASSWORD)
        admin.presses()
        one.page.fill("#code", admin.next_code())
        admin.presses()
        assert one.path == "/console"
    assert complaints(one) == []
