"""More people than a server can serve, and some who block a line without ever finishing."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.rendering import STATIC_FILES

LONGEST = 30.0
"""Seconds after which somebody honest gives up on a reply."""
DROP_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply; status 0 where none came."""

    status: int
    body: bytes
    seconds: float


class Line:
    """One kept connection; made anew where it broke."""

    def __init__(self, port: int, patience: float = LONGEST) -> None:
        self._port = port
        self._patience = patience
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"") -> Reply:
        """Send a request and read the reply."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._patience):
                status, found = await self._exchange(_request(method, path, body))
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.hang_up()
            status, found = 0, b""
        return Reply(status, found, time.perf_counter() - began)

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        self._streams = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0] or 0)
        body = await reader.readexactly(length)
        if b"\r\nconnection: close\r\n" in head:
            self.hang_up()
        return int(head[9:12]), body

    def hang_up(self) -> None:
        """Close the connection."""
        if self._streams:
            self._streams[1].close()
        self._streams = None


def _request(method: str, path: str, body: bytes) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


@dataclass
class Outcome:
    """What came of a crowd: replies by status, and how long those of each status took."""

    replies: Counter[int] = field(default_factory=Counter)
    seconds: dict[int, list[float]] = field(default_factory=dict)
    unserved: int = 0

    def note(self, reply: Reply) -> None:
        """Count a reply."""
        self.replies[reply.status] += 1
        self.seconds.setdefault(reply.status, []).append(reply.seconds)

    def slowest_of_100(self, status: int) -> float:
        """The 99th percentile of the seconds that replies of this status took."""
        found = sorted(self.seconds.get(status, [0.0]))
        return found[int(0.99 * (len(found) - 1))]


async def answer_all(
    port: int, path: str, bodies: Sequence[dict[str, object]], *, patience: float = 60.0
) -> Outcome:
    """Let everybody answer at the same moment; who is refused comes again a little later."""
    outcome, until = Outcome(), time.monotonic() + patience

    async def answer(body: dict[str, object]) -> None:
        line, data = Line(port), json.dumps(body).encode()
        while time.monotonic() < until:
            reply = await line.ask("POST", path, data)
            outcome.note(reply)
            if reply.status in (200, 201):
                break
            await asyncio.sleep(random.uniform(0.05, 0.5))
        else:
            outcome.unserved += 1
        line.hang_up()

    await asyncio.gather(*map(answer, bodies))
    return outcome


async def look_round(
    port: int, path: str, *, people: int, times: int, patience: float = LONGEST
) -> Outcome:
    """Let so many people look at a page so many times each, giving up on nothing."""
    outcome = Outcome()

    async def look() -> None:
        line = Line(port, patience)
        for _ in range(times):
            outcome.note(await line.ask("GET", path))
        line.hang_up()

    await asyncio.gather(*(look() for _ in range(people)))
    return outcome


_HEAD = b"POST /w/none/submit HTTP/1.1\r\nhost: localhost\r\n"
_STYLES = STATIC_FILES["minyi.css"].address
SLOW = {
    "head": (b"GET / HTTP/1.1\r\nhost: local", b"h"),
    "body": (_HEAD + b"content-length: 60000\r\n\r\nans", b"w"),
    "reader": (f"GET {_STYLES} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode() * 3, b""),
}
"""What each kind of slow connection sends at first, and from then on every second."""


@asynccontextmanager
async def slow_connections(port: int, n: int) -> AsyncIterator[None]:
    """Keep so many connections open that never finish what they began, a third of each kind.

    Whoever is hung up on comes again.
    """
    kinds = list(SLOW.values())
    tasks = [asyncio.create_task(_dawdle(port, *kinds[i % len(kinds)])) for i in range(n)]
    await asyncio.sleep(1 + n / 1000)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _dawdle(port: int, first: bytes, drop: bytes) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        except OSError:
            await asyncio.sleep(DROP_EVERY)
            continue
        try:
            writer.write(first)
            while not writer.is_closing():
                await asyncio.sleep(DROP_EVERY)
                writer.write(drop)
        finally:
            writer.close()
