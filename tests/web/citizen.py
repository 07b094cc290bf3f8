"""A citizen without scripts: follows links and forms, keeps cookies, reads what the page says."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx

KINDS = Path(__file__).parent / "kinds"
"""A survey with every kind of question; residents choose whom they rate."""

Form = Mapping[str, str | Sequence[str]]

ALL = {"single": "a", "number": "3", "overall": "dont_know"}
"""The least that the first page asks for."""


class Citizen:
    """A browser on one device. `page` is what it shows now."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page = httpx.Response(200)

    async def opens(self, address: str, **headers: str) -> httpx.Response:
        self.page = await self.client.get(address, headers=headers, follow_redirects=True)
        return self.page

    async def sends(self, address: str, form: Form | None = None) -> httpx.Response:
        """Post a form as a browser does and follow where it leads."""
        body = urlencode(form or {}, doseq=True)
        self.page = await self.client.post(
            address,
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded"},
            follow_redirects=True,
        )
        return self.page

    async def starts(self, wave: str = "kinds", **form: str) -> httpx.Response:
        return await self.sends(f"/w/{wave}/start", {"class": "residents"} | form)

    async def answers_all(self) -> httpx.Response:
        """Go from the start to the review of the survey with every kind."""
        await self.starts()
        await self.sends("/w/kinds/s/all", ALL)
        await self.sends("/w/kinds/departments", {"department": ["D01", "Q01"]})
        return await self.sends("/w/kinds/s/ratings", ratings("D01", "Q01"))

    @property
    def path(self) -> str:
        return self.page.url.path

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page.text, re.DOTALL)
        return unescape(found[1]) if found else ""

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.page.text, re.DOTALL)
        return unescape(found[1]) if found else ""

    @property
    def error_links(self) -> list[str]:
        listed = re.search(r'class="errors".*?</div>', self.page.text, re.DOTALL)
        return re.findall(r'href="([^"]+)"', listed[0]) if listed else []

    @property
    def text(self) -> str:
        """The words of the page."""
        return unescape(re.sub(r"<[^>]+>", " ", self.page.text))


def ratings(*departments: str) -> dict[str, str]:
    return {f"grid.{one}.{aspect}": "b" for one in departments for aspect in "se"}
