"""A keying office: returned forms, two keyers, and a server that can be killed and started."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Browser, BrowserContext, Page

from app.domain.paper.custody import FormState
from app.domain.questionnaires.audience import DatesOfMode, Trust
from app.domain.rights.rights import Scope
from app.domain.rights.roles import Role
from app.services.paper_custody import Scan, record_scans
from app.services.paper_fieldwork import add_interviewer, issue_batch
from app.services.permits import fill_pool
from app.services.resources import Resources, open_resources
from app.services.waves import Wave, create_wave, find_wave, open_wave
from app.settings import Settings
from app.store.paper_entries import EntryRecord, list_entries
from app.store.schema import upgrade
from tests.browser.conftest import ROOT, SECRET
from tests.browser.thread_server import ThreadServer, free_port
from tests.support.clock import Clock
from tests.support.fieldwork import serial
from tests.support.staff import PASSWORD, hire
from tests.support.surveys import NOON

SHENZHEN = ROOT / "survey_definitions" / "shenzhen-2010"
BATCH, FORMS = "B1", 60
Made = TypeVar("Made")


class Office:
    """The server and its database. `wave` has a batch of returned forms.

    The server is a thread here, ready at once, or a process of its own that can be killed.
    """

    wave: Wave

    def __init__(self, folder: Path) -> None:
        self._file = folder / "minyi.db"
        self.database_url = f"sqlite:///{self._file}"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._server: subprocess.Popen[bytes] | None = None
        self._thread: ThreadServer | None = None
        upgrade(self.database_url)

    def copy(self, folder: Path) -> "Office":
        """Give an office of its own with the same forms and people; this one must be at rest."""
        shutil.copy(self._file, folder / "minyi.db")
        other = Office(folder)
        other.wave = self.wave
        return other

    @property
    def point(self) -> str:
        """The survey point of the batch."""
        return self.wave.definition.sample.points[0].code

    def start(self) -> None:
        """Serve in a thread."""
        settings = Settings(_env_file=None, database_url=self.database_url, secret_key=SECRET)
        self._thread = ThreadServer(settings, self.port)

    def start_process(self) -> None:
        """Serve from a process of its own."""
        environment = os.environ | {
            "MINYI_DATABASE_URL": self.database_url,
            "MINYI_SECRET_KEY": SECRET,
        }
        self._server = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", str(self.port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait_for(f"{self.address}/readyz", self._server)

    def kill(self) -> None:
        """End the server's process as a power cut would."""
        assert self._server is not None
        self._server.kill()
        self._server.wait(30)

    def close(self) -> None:
        """End whatever serves."""
        if self._server is not None:
            self.kill()
        if self._thread is not None:
            self._thread.stop()

    def do(self, act: Callable[[Resources], Awaitable[Made]]) -> Made:
        """Do something in the database, aside from the browser's event loop."""

        async def run() -> Made:
            settings = Settings(_env_file=None, database_url=self.database_url, secret_key=SECRET)
            resources = open_resources(settings)
            try:
                return await act(resources)
            finally:
                await resources.close()

        with ThreadPoolExecutor() as aside:
            return aside.submit(asyncio.run, run()).result()

    def entries(self) -> dict[int, list[EntryRecord]]:
        """What is stored, by form."""

        async def read(resources: Resources) -> dict[int, list[EntryRecord]]:
            wave = await find_wave(resources, "paper")
            async with resources.database.reading() as connection:
                return await list_entries(connection, wave.id)

        return self.do(read)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 – our own server
                return
        except OSError:
            assert server.poll() is None, "the server ended before it was ready"
            time.sleep(0.1)
    raise TimeoutError


async def furnish(resources: Resources) -> Wave:
    """Open a wave, bring a batch of forms back, hire the people."""
    wave = await begin(resources, SHENZHEN)
    point = wave.definition.sample.points[0].code
    for batch in (BATCH, "B2"):
        record = await issue_batch(resources, wave, batch=batch, point=point, n=FORMS, by="di")
        if batch == BATCH:
            await add_interviewer(
                resources, wave, interviewer="I1", point=point, name="An interviewer", by="di"
            )
        numbers = range(record.first, record.last + 1)
        for to, who in ((FormState.HANDED_OUT, "I1"), (FormState.RETURNED, "")):
            scans = [Scan(serial(wave, n), to, interviewer=who) for n in numbers]
            await record_scans(resources, wave, scans, by="di")
    return wave


async def begin(resources: Resources, survey: Path) -> Wave:
    """Open a wave and hire the people."""
    now = resources.now().date()
    dates = DatesOfMode(opens=now.replace(day=1), closes=now.replace(year=now.year + 1, day=1))
    wave = await create_wave(resources, code="paper", folder=survey, dates=dates)
    for one in wave.definition.audience.classes:
        if any(way.trust is Trust.VERIFIED for way in one.ways_in):
            await fill_pool(resources, wave, respondent_class=one.code, n=3)
    wave = await open_wave(resources, wave, by="tester")
    point = wave.definition.sample.points[0].code
    batches = Scope(batches=frozenset({BATCH}))
    clock = Clock(NOON)
    for name in ("ann", "bo"):
        await hire(resources, clock, name, Role.KEYER, batches)
    await hire(resources, clock, "chen", Role.ADJUDICATOR, batches)
    await hire(resources, clock, "di", Role.SUPERVISOR, Scope(points=frozenset({point})))
    return wave


class Seat:
    """One person's browser."""

    def __init__(
        self,
        browser: Browser,
        office: Office,
        *,
        width: int = 1024,
        height: int = 768,
        language: str = "en-GB",
    ) -> None:
        self.office = office
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height}, locale=language
        )
        self.context.set_default_timeout(60_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.watch(self.page)

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if "Content Security Policy" in message.text
                else None
            ),
        )

    def sign_in(self, name: str) -> None:
        self.page.goto(f"{self.office.address}/console/sign-in")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("form[action='/console/sign-in'] button")
        self.page.wait_for_selector("nav.menu")

    def open_keying(self) -> None:
        self.page.goto(f"{self.office.address}/console/paper/paper/batches/{BATCH}/keying")
        self.page.wait_for_selector("#desk:not([hidden])")

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def wait_until_kept(self) -> None:
        """Wait for what is being written to this computer: a look at it comes after the writing."""
        self.page.evaluate(
            """() => new Promise((resolve, reject) => {
                const opening = indexedDB.open("minyi-keying");
                opening.onerror = () => reject(opening.error);
                opening.onsuccess = () => {
                    const look = opening.result.transaction("drafts").objectStore("drafts").count();
                    look.onerror = () => reject(look.error);
                    look.onsuccess = () => resolve(opening.result.close());
                };
            })"""
        )

    def shown(self, part: str) -> str:
        return self.page.inner_text(f"#{part}")

    def count(self, state: str) -> int:
        return int(self.shown(state))

    def wait_for_count(self, state: str, n: int) -> None:
        self.page.wait_for_selector(f"#{state}:text-is('{n}')")

    def close(self) -> None:
        self.context.close()
