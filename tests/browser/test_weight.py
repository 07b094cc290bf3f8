"""A page with its style and scripts weighs at most 30 kB on the wire, the first page of a survey
half of that; the next one is one request.

No page breaks its own Content-Security-Policy or complains in the console.
"""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Site
from tests.browser.visitor import Visitor, visitor

pytestmark = pytest.mark.browser

LIMIT = 30_000
FIRST_LIMIT = 15_000


class Wire:
    """Counts what comes over the wire: bytes as sent, headers included, and requests."""

    def __init__(self, one: Visitor, *, cache: bool) -> None:
        self._page = one.page
        self._addresses: dict[str, str] = {}
        self._bytes: dict[str, int] = {}
        self._cached: set[str] = set()
        session = one.context.new_cdp_session(one.page)
        session.on("Network.requestServedFromCache", lambda e: self._cached.add(e["requestId"]))
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": not cache})

    def _received(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["response"]["url"]
        if event["response"].get("fromDiskCache"):
            self._cached.add(event["requestId"])

    def _finished(self, event: dict[str, Any]) -> None:
        self._bytes[event["requestId"]] = int(event["encodedDataLength"])

    def since_last(self) -> dict[str, int]:
        """Give the bytes of each address loaded over the wire since the last call."""
        self._page.wait_for_load_state("networkidle")
        loaded = {
            self._addresses[one]: size
            for one, size in self._bytes.items()
            if one not in self._cached
        }
        self._addresses, self._bytes, self._cached = {}, {}, set()
        return loaded


def test_every_page_is_light_even_the_first_time_and_silent(browser: Browser, site: Site) -> None:
    weights = {}
    with visitor(browser, site, language="en") as one:  # the longer of the two languages
        wire = Wire(one, cache=False)
        for name in one.tour():
            loaded = wire.since_last()
            assert loaded, name
            weights[name] = sum(loaded.values())
    print(weights)
    assert {name: weight for name, weight in weights.items() if weight > LIMIT} == {}
    assert weights["first page"] <= FIRST_LIMIT
    expected = "Failed to load resource: the server responded with a status of 4"
    assert [line for line in one.console if not line.startswith(expected)] == []


def test_after_the_first_page_each_is_one_request(browser: Browser, site: Site) -> None:
    with visitor(browser, site) as one:
        wire = Wire(one, cache=True)
        one.starts("shenzhen-2010")
        wire.since_last()
        one.opens("/w/shenzhen-2010/s/overall")
        assert list(wire.since_last()) == [f"{site.address}/w/shenzhen-2010/s/overall"]


def test_an_inline_script_would_not_run(browser: Browser, site: Site) -> None:
    """The policy is not only written down: the browser keeps to it."""
    with visitor(browser, site) as one:
        one.opens("/")
        one.page.evaluate(
            """() => {
                const script = document.createElement("script");
                script.textContent = "document.title = 'broken in'";
                document.body.append(script);
            }"""
        )
        assert one.page.title() != "broken in"
        assert any("Content Security Policy" in line for line in one.console)
