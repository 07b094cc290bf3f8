"""A browser without scripts on a desk of the city: forms, one cookie, what the page says."""

import re
from html import unescape
from urllib.parse import urlencode

import httpx

from app.domain.accounts.sessions import Stage
from app.services.resources import Resources
from app.services.staff_sessions import begin_session
from app.store.staff import find_by_name
from tests.support.clock import Clock
from tests.support.staff import PASSWORD, Person

FORM = {"content-type": "application/x-www-form-urlencoded"}
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


class Clerk:
    """Somebody at a console. `page` is what it shows now."""

    def __init__(self, client: httpx.AsyncClient, resources: Resources, clock: Clock) -> None:
        self.client, self.resources, self.clock = client, resources, clock
        self.page = httpx.Response(200)

    async def opens(self, address: str) -> httpx.Response:
        self.page = await self.client.get(address, follow_redirects=True)
        return self.page

    async def sends(
        self, address: str, form: dict[str, str] | None = None, *, follow: bool = True
    ) -> httpx.Response:
        """Post a form as a browser does."""
        self.page = await self.client.post(
            address,
            content=urlencode(form or {}),
            headers=FORM | SAME_ORIGIN,
            follow_redirects=follow,
        )
        return self.page

    async def signs_in(self, person: Person, password: str = PASSWORD) -> None:
        """Sign in by the pages, with the second factor where there is one."""
        await self.sends("/console/sign-in", {"name": person.name, "password": password})
        if person.secret:
            await self.sends("/console/second-factor", {"code": person.code(self.clock)})
            self.clock.advance(seconds=60)

    async def sits_down_as(self, name: str, stage: Stage = Stage.FULL) -> None:
        """Hold a session of somebody, just begun."""
        async with self.resources.database.writing() as connection:
            account = await find_by_name(connection, name)
            assert account is not None
            begun = await begin_session(connection, self.resources, account.id, stage)
        self.holds(begun.token)

    def holds(self, token: str) -> None:
        """Have this token in the browser and no other."""
        self.client.cookies.delete("staff") if "staff" in self.client.cookies else None
        self.client.cookies.set("staff", token, domain="testserver.local", path="/console")

    @property
    def path(self) -> str:
        return self.page.url.path

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page.text, re.DOTALL)
        return unescape(found[1]) if found else ""

    @property
    def menu(self) -> list[str]:
        listed = re.search(r'<nav class="menu".*?</ul>', self.page.text, re.DOTALL)
        return re.findall(r">([^<>]+)</a>", listed[0]) if listed else []

    @property
    def text(self) -> str:
        """The words of the page."""
        return unescape(re.sub(r"<[^>]+>", " ", self.page.text))
