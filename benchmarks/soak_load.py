"""The load of a soak: citizens, programs, staff, rubbish and slow senders, so many a second."""

import asyncio
import dataclasses
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx

from tests.hostile.asgi import Request
from tests.hostile.mutations import mutated
from tests.support.surveys import answers

API = "/api/v1/waves/town"
MOST_AT_ONCE = 200
SLOW_SENDERS = 20
FORM = {"content-type": "application/x-www-form-urlencoded"}
SHARES = {"citizen": 2, "program": 4, "receipt": 3, "staff": 1, "look": 3, "rubbish": 8}
"""How often each is begun, relative to the others."""


@dataclasses.dataclass
class Tally:
    """What was asked and what came back."""

    statuses: Counter[tuple[str, int]] = dataclasses.field(default_factory=Counter)
    receipts: list[str] = dataclasses.field(default_factory=list)
    wrong: list[str] = dataclasses.field(default_factory=list)
    skipped: int = 0

    def faults_of_the_server(self) -> int:
        """Count replies of 5xx other than 503, which is declared."""
        return sum(n for (_, status), n in self.statuses.items() if status >= 500 and status != 503)


class Load:
    """Begins one thing after another at a fixed rate, whether or not those before have ended."""

    def __init__(
        self, address: str, rubbish: Sequence[Request], staff: Callable[[], str], seed: int = 1
    ) -> None:
        self.address, self.staff = address, staff
        self.tally = Tally()
        self._chance = random.Random(seed)
        self._mutated = mutated(rubbish, 10**9, seed)
        self._at_once: set[asyncio.Task[None]] = set()

    async def run(self, *, rate: float, seconds: float) -> None:
        """Begin `rate` things a second for so long, then wait for all to end."""
        kinds, shares = list(SHARES), list(SHARES.values())
        started = time.monotonic()
        slow = [asyncio.create_task(self._slow_sender()) for _ in range(SLOW_SENDERS)]
        for number in range(int(rate * seconds)):
            await asyncio.sleep(started + number / rate - time.monotonic())
            [kind] = self._chance.choices(kinds, shares)
            self._begin(kind)
        for one in slow:
            one.cancel()
        await asyncio.wait([*self._at_once, *slow], timeout=60)

    def _begin(self, kind: str) -> None:
        if len(self._at_once) >= MOST_AT_ONCE:
            self.tally.skipped += 1
            return
        act: Callable[[], Awaitable[None]] = getattr(self, f"_{kind}")
        task = asyncio.create_task(self._kept_going(kind, act))
        self._at_once.add(task)
        task.add_done_callback(self._at_once.discard)

    async def _kept_going(self, kind: str, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await asyncio.wait_for(act(), 60)
        except (OSError, httpx.HTTPError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.tally.wrong.append(f"{kind}: {type(error).__name__}")

    @asynccontextmanager
    async def _client(self, kind: str) -> AsyncIterator[httpx.AsyncClient]:
        async def count(reply: httpx.Response) -> None:
            self.tally.statuses[kind, reply.status_code] += 1

        async with httpx.AsyncClient(
            base_url=self.address,
            timeout=30,
            trust_env=False,
            follow_redirects=True,
            event_hooks={"response": [count]},
        ) as client:
            yield client

    async def _citizen(self) -> None:
        """Answer on the pages, from the first to the receipt."""
        ratings = {f"rating.D0{n}.attitude": "satisfied" for n in (1, 2, 3)}
        async with self._client("citizen") as client:
            await client.get("/w/town")
            for path, form in (
                ("start", {"class": "residents"}),
                ("s/about_you", {"sex": "male"}),
                ("s/ratings", ratings),
                ("submit", {}),
            ):
                reply = await client.post(f"/w/town/{path}", data=form, headers=FORM)
            if reply.url.path.startswith("/r/"):
                self.tally.receipts.append(reply.url.path.removeprefix("/r/"))

    async def _program(self) -> None:
        """Submit by the API, and half of the time again: the same receipt comes back."""
        async with self._client("program") as client:
            made = await client.post(f"{API}/permits", json={"respondent_class": "residents"})
            if not made.is_success:
                return
            body = {"permit": made.json()["permit"], "answers": answers()}
            replies = [
                await client.post(f"{API}/responses", json=body)
                for _ in range(self._chance.randint(1, 2))
            ]
            receipts = {one.json()["id"] for one in replies if one.is_success}
            if len(receipts) > 1:
                self.tally.wrong.append("program: two receipts for one permit")
            self.tally.receipts += receipts

    async def _receipt(self) -> None:
        """Ask for a receipt given before."""
        if not self.tally.receipts:
            return
        receipt = self._chance.choice(self.tally.receipts)
        async with self._client("receipt") as client:
            if (await client.get(f"/api/v1/receipts/{receipt}")).status_code == 404:
                self.tally.wrong.append("receipt: not found")

    async def _staff(self) -> None:
        """Look at the dashboard as an open page does."""
        async with self._client("staff") as client:
            client.cookies.set("staff", self.staff())
            for path in ("/console", "/console/paper", "/console/audit"):
                await client.get(path)

    async def _look(self) -> None:
        """Open pages that change nothing."""
        async with self._client("look") as client:
            for path in ("/w/town", "/privacy", f"{API}/participation", "/results/old"):
                await client.get(path)

    async def _rubbish(self) -> None:
        """Send a mutated request as it stands."""
        _, request = next(self._mutated)
        reader, writer = await self._open()
        try:
            writer.write(_as_sent(request))
            await writer.drain()
            line = await reader.readline()
            await reader.read()
        finally:
            writer.close()
        if line.startswith(b"HTTP/1.1 "):
            self.tally.statuses["rubbish", int(line.split()[1])] += 1

    async def _slow_sender(self) -> None:
        """Send a head a byte at a time, and begin again where the server has had enough."""
        text = b"POST /w/town/start HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 100
        while True:
            try:
                _, writer = await self._open()
                for byte in text:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(1)
                writer.close()
            except OSError:
                await asyncio.sleep(1)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.address)
        return await asyncio.open_connection(parts.hostname, parts.port)


def _as_sent(request: Request) -> bytes:
    """Write a request on the wire: lengths and names may lie, line ends do not."""
    path = request.path.encode("utf-8", "replace").translate(None, b"\r\n\0 ")
    method = request.method if request.method.isalpha() else "GET"
    target = path + (b"?" + request.query if request.query else b"")
    head = [b" ".join((method.encode(), target or b"/", b"HTTP/1.1")), b"host: x"]
    head += [name + b": " + value.translate(None, b"\r\n\0") for name, value in request.headers]
    head += [b"connection: close", b"content-length: %d" % len(request.body), b"", b""]
    return b"\r\n".join(head) + request.body
