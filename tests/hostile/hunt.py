"""Send rubbish by the thousand and judge each reply; look at the log and the memory meanwhile."""

import contextlib
import dataclasses
import gc
import gzip
import io
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import structlog
from fastapi import FastAPI

from app.log import set_up_logging
from app.services.resources import Resources
from tests.hostile.asgi import Reply, Request, call
from tests.hostile.city import City, Photograph, good_requests
from tests.hostile.mutations import MARK, mutated

DEMANDED = {
    b"content-security-policy", b"cross-origin-opener-policy", b"cross-origin-resource-policy",
    b"permissions-policy", b"referrer-policy", b"x-content-type-options", b"x-frame-options",
    b"cache-control",
}  # fmt: skip
_NAMED_BY_STAFF = "/console/scores/xm/"
"""A period of an evaluation bears whatever name staff give it in the address."""

BOUT = 2_000
"""After so many requests the city is put back as it was: sessions ended, waves closed, permits
spent would else leave nothing to be tried."""
_SHOWN_AGAIN = {"/display", "/api/v1/webhooks"}
"""What these accept is their reply: the page to go back to, the address to call."""


@dataclasses.dataclass
class Findings:
    """What came of a hunt."""

    statuses: Counter[int] = dataclasses.field(default_factory=Counter)
    problems: list[str] = dataclasses.field(default_factory=list)
    logged: int = 0
    cpu_seconds: float = 0.0
    megabytes: list[float] = dataclasses.field(default_factory=list)

    @property
    def growth(self) -> float:
        """By how much of itself the process grew after the first fifth of the hunt."""
        warm = self.megabytes[len(self.megabytes) // 5]
        return self.megabytes[-1] / warm - 1

    def __str__(self) -> str:
        statuses = "  ".join(f"{status}: {n:,}" for status, n in sorted(self.statuses.items()))
        ends = f"{self.megabytes[0]:.0f} to {self.megabytes[-1]:.0f} MB" if self.megabytes else ""
        return (
            f"{self.statuses.total():,} requests, {len(self.problems)} problems, "
            f"{self.logged:,} lines of log, {ends}, "
            f"{1000 * self.cpu_seconds / self.statuses.total():.2f} ms of CPU each\n{statuses}"
        )


async def hunt(app: FastAPI, city: City, *, n: int, seed: int) -> Findings:
    """Send n mutated requests, one after another, and judge the replies and the log."""
    resources: Resources = app.state.resources
    photograph, found = await Photograph.of(resources), Findings()
    good = good_requests(app, city)
    began = time.process_time()
    with watched_log(city) as log:
        for number, (marker, request) in enumerate(mutated(good, n, seed)):
            if number % BOUT == 0 and number:
                await photograph.restore(resources)
                found.megabytes.append(resident_megabytes())
            reply = await call(app, request)
            found.statuses[reply.status] += 1
            for problem in [*judge(request, reply, marker), *log.leaks()]:
                found.problems.append(f"{number}: {problem}: {request}")
    found.logged, found.cpu_seconds = log.lines, time.process_time() - began
    found.megabytes.append(resident_megabytes())
    return found


def judge(request: Request, reply: Reply, marker: str) -> Iterator[str]:
    """Say what is wrong with a reply."""
    if reply.status == 0 and request.hangs_up:
        return
    if not (100 <= reply.status < 500 or reply.status == 503):
        yield f"status {reply.status}"
    if missing := DEMANDED - {name for name, _ in reply.headers}:
        yield f"no {sorted(missing)}"
    body, needle = text_of(reply), marker.encode()
    if needle in body and not _may_show_it_again(request, reply, needle):
        yield f"echo in the body of a {reply.status}"
    if b"<" + needle in body and reply.header(b"content-type").startswith(b"text/html"):
        yield "markup of the sender's"
    for name, value in reply.headers:
        if needle in value and not _may_show_it_again(request, reply, needle):
            yield f"echo in {name.decode()}"


def _may_show_it_again(request: Request, reply: Reply, needle: bytes) -> bool:
    """What a form was given, it shows again: to staff and to who holds a permit, for correction."""
    if request.path.startswith(_NAMED_BY_STAFF) and reply.status < 500:
        return True
    if needle not in request.body:
        return False
    if request.path in _SHOWN_AGAIN:
        return reply.status < 400
    if request.path == "/console/prove":  # asks again after a wrong password, keeps the way back
        return reply.status in (200, 403, 422)
    forms = ("/console/", "/w/town/s/", "/w/kinds/s/")
    return request.path.startswith(forms) and reply.status in (200, 409, 422)


def text_of(reply: Reply) -> bytes:
    """Give the body without its coding."""
    body = reply.body
    if reply.header(b"content-encoding") == b"gzip":
        body = gzip.decompress(body) if body else b""
    return body


class WatchedLog(io.StringIO):
    """Takes what would go to standard output and keeps only the lines that tell too much."""

    def __init__(self, city: City) -> None:
        super().__init__()
        self.lines = 0
        self._bad: list[str] = []
        words = [re.escape(word) for word in (MARK, "203.0.113.", *city.secrets)]
        self._secret = re.compile("|".join(words), re.IGNORECASE)

    def write(self, text: str) -> int:
        """Look at a line."""
        self.lines += text.count("\n")
        if self._secret.search(text):
            self._bad.append(text)
        return len(text)

    def leaks(self) -> list[str]:
        """Give the bad lines since the last time."""
        found, self._bad = self._bad, []
        return [f"logged {line!r}" for line in found]


@contextlib.contextmanager
def watched_log(city: City) -> Iterator[WatchedLog]:
    """Log as in production, into a watched log."""
    log, root = WatchedLog(city), logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    with contextlib.redirect_stdout(log):
        set_up_logging("json")
    try:
        yield log
    finally:
        structlog.configure(**configured)
        root.handlers[:] = before
        root.setLevel(level)


def resident_megabytes() -> float:
    """Give how much memory this process holds now (Linux)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
