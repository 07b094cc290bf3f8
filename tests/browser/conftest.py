"""The real server on a free port, and headless Chromium in front of it.

On a developer's machine a missing browser skips these tests, saying so; in CI it fails them.
"""

import asyncio
import dataclasses
import datetime
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from app.domain.deduplication.keys import master_to_text
from app.domain.questionnaires.audience import DatesOfMode, Mode, Trust
from app.services.permits import Recipient, fill_pool, mint_invitations
from app.services.resources import Resources, open_resources
from app.services.waves import create_wave, open_wave
from app.settings import Settings
from app.store.schema import upgrade
from tests.browser.thread_server import ThreadServer, free_port
from tests.conftest import IN_CI
from tests.support.gateway import SECRET as GATEWAY_SECRET
from tests.support.gateway import Gateway, running_gateway
from tests.support.results import fewer, publish, release
from tests.web.citizen import KINDS

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "survey_definitions" / "shenzhen-2010", KINDS)
CODES = 20
SECRET = master_to_text(bytes(range(32)))
# No page stays long enough for its script, or that of axe, to be worth optimising.
OPTIONS = ("--no-sandbox", "--disable-gpu", "--js-flags=--no-opt --no-maglev")


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are and where the data, unused codes for the survey with every kind of
    question, and the gateway that gets what is sent to phones."""

    address: str
    database_url: str
    codes: Iterator[str]
    gateway: Gateway


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two open surveys and the results of two earlier ones behind a real server."""
    database_url = f"sqlite:///{tmp_path_factory.mktemp('site') / 'minyi.db'}"
    upgrade(database_url)
    with ThreadPoolExecutor() as aside:  # the browser keeps an event loop in this thread
        codes = aside.submit(asyncio.run, _open_surveys(database_url)).result()
    with running_gateway() as gateway:
        phones = {
            "phone_sender": "webhook",
            "phone_webhook_url": gateway.url,
            "phone_webhook_secret": GATEWAY_SECRET,
        }
        with serving(database_url, phones) as address:
            yield Site(address, database_url, iter(codes), gateway)


@contextmanager
def serving(database_url: str, settings: Mapping[str, str] = {}) -> Iterator[str]:
    """Serve on a free port; gives the address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = ThreadServer(
        Settings(
            _env_file=None,
            database_url=database_url,
            secret_key=SECRET,
            public_url=address,
            **settings,
        ),
        port,
    )
    try:
        yield address
    finally:
        server.stop()


async def _open_surveys(database_url: str) -> list[str]:
    resources = open_resources(
        Settings(_env_file=None, database_url=database_url, secret_key=SECRET)
    )
    today = datetime.datetime.now(datetime.UTC).date()
    month = datetime.timedelta(days=30)
    codes: list[str] = []
    try:
        for folder in FOLDERS:
            dates = DatesOfMode(opens=today - month, closes=today + month)
            codes = await _open_survey(resources, folder, dates)
        await publish(resources, *(fewer(release(year=year)) for year in (2008, 2009)))
    finally:
        await resources.close()
    return codes


async def _open_survey(resources: Resources, folder: Path, dates: DatesOfMode) -> list[str]:
    wave = await create_wave(resources, code=folder.name, folder=folder, dates=dates)
    ways = [(one.code, way) for one in wave.definition.audience.classes for way in one.ways_in]
    for code, way in ways:
        if way.trust is Trust.VERIFIED:
            await fill_pool(resources, wave, respondent_class=code, n=10)
    [invited] = [code for code, way in ways if way.trust is Trust.INVITED]
    recipients = [Recipient(invited, Mode.KIOSK)] * CODES
    letters = await mint_invitations(resources, wave, recipients=recipients, batch="letters")
    await open_wave(resources, wave, by="tester")
    return [letter.typed_code for letter in letters]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as packaged by the system.

    No longer than a module: while it is there, asynchronous tests can't run in this process.
    """
    path = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        reason = "NO BROWSER: install chromium to test what citizens see"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield chromium
        chromium.close()
