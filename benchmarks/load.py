"""A load generator: pre-rendered requests over kept connections, in a process of its own.

    .venv/bin/python -m benchmarks.load --port 8000 --get /w/autumn --connections 64 --seconds 10

Closed loop: each connection sends its next request when the last one is answered. Work comes as
*scripts*: requests that one connection sends one after the other (a JSON post is a script of one, a
questionnaire on paged forms of six). Nothing is rendered, parsed or kept while measuring but the
status, the length and the time of each reply: 20–30 µs a request, so that the generator takes as
little as possible of a machine that it shares with the server. `python -m benchmarks.load` prints
the `Outcome` as JSON; programs call `run`.
"""

import argparse
import asyncio
import collections
import contextlib
import math
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import msgspec
import uvloop

from benchmarks.support.machine import allow_many_connections

Script = Sequence[bytes]
REFUSED_FROM = 400
BUSY = 503
PATIENCE = 60
"""For how many seconds a reply is waited for after the last request."""


class Latency(msgspec.Struct):
    """Times from sending a request to the end of its reply, in milliseconds."""

    n: int
    p50: float
    p95: float
    p99: float
    longest: float


class Outcome(msgspec.Struct):
    """What came of a load.

    `accepted` are all replies below 400. `steps` has, for each place in a script, the latencies by
    status; a connection that ended before its reply counts as `lost`. `finished` are the numbers of
    the scripts of which every request was accepted. `seconds` run from the first request to the
    last reply.
    """

    seconds: float
    processor_seconds: float
    accepted: Latency
    steps: list[dict[str, Latency]]
    finished: list[int]
    lost: int

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return self.accepted.n / self.seconds

    def answered(self, status: int, step: int = -1) -> int:
        """How many requests at this place of the script were answered with this status."""
        found = self.steps[step].get(str(status))
        return found.n if found else 0

    @property
    def refused(self) -> int:
        """How many requests were answered otherwise, or not at all."""
        answered = [(int(status), one.n) for step in self.steps for status, one in step.items()]
        return self.lost + sum(n for status, n in answered if status >= REFUSED_FROM)


class Work(msgspec.Struct):
    """What the process is told on its standard input."""

    port: int
    scripts: list[list[bytes]]
    connections: int
    seconds: float
    times: int
    patient: bool = False


def run(
    port: int,
    scripts: Sequence[Script],
    *,
    connections: int = 64,
    seconds: float = 10,
    times: int | None = None,
    patient: bool = False,
) -> Outcome:
    """Send scripts, each once or in turn `times` in all, for so many seconds at most.

    Who is `patient` sends a request again that was refused with 503, after as many seconds as
    `Retry-After` says, as pages and well-behaved programs do; each refusal is counted.
    """
    every = [list(one) for one in scripts]
    work = Work(port, every, connections, seconds, times or len(every), patient)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", "--work-on-stdin"],
        input=msgspec.msgpack.encode(work),
        stdout=subprocess.PIPE,
        check=True,
    )
    if not done.stdout.endswith(b"\n"):
        raise RuntimeError(f"the load generator told only {len(done.stdout)} bytes")
    return msgspec.json.decode(done.stdout, type=Outcome)


class Connection(asyncio.Protocol):
    """One client: takes a script, sends its requests in turn, takes the next."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.transport: asyncio.Transport | None = None
        self.received = b""
        self.script: Script = ()
        self.number = self.step = 0
        self.sent: float | None = None
        self.resting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def take(self) -> None:
        """Begin the next script, or stop where there is none left or time is up."""
        found = next(self.load.scripts, None) if time.perf_counter() < self.load.until else None
        if found is None or self.transport is None:
            self.load.stopped(self)
            return
        self.number, self.script = found
        self.step = 0
        self.send()

    def send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.script[self.step])  # type: ignore[union-attr]

    def close(self) -> None:
        """End the connection."""
        if self.transport is not None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.sent is None:
            return  # the server ends a connection that has been silent for long
        if self.received:
            data = self.received + data
        self.received = b"" if _is_whole(data) else data
        if not self.received:
            self.reply(int(data[9:12]), data)

    def reply(self, status: int, data: bytes) -> None:
        now, load = time.perf_counter(), self.load
        load.latencies[self.step, status].append(now - self.sent)  # type: ignore[operator]
        load.ended, self.sent = now, None
        if status == BUSY and load.work.patient:
            self.resting = True
            asyncio.get_running_loop().call_later(_retry_after(data), self.again)
            return
        self.step += 1
        if status >= REFUSED_FROM or self.step == len(self.script):
            if status < REFUSED_FROM:
                load.finished.append(self.number)
            self.take()
        elif now < load.until:
            self.send()
        else:
            load.stopped(self)

    def again(self) -> None:
        """Send the same request once more, if there is time."""
        self.resting = False
        if time.perf_counter() >= self.load.until:
            self.load.stopped(self)
        elif self.transport is None:
            self.load.reconnect(self, self.send)
        else:
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        """Come again where the server ended the connection, as browsers do."""
        self.transport, self.received = None, b""
        if self.sent is not None:
            self.load.lost += 1
            self.sent = None
        if not self.resting:
            self.load.reconnect(self, self.take)


def _is_whole(data: bytes) -> bool:
    """Say whether a reply is there to its end."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = data[:end].lower() + b"\r"
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        return len(data) >= end + 4 + int(head[at + 17 : head.find(b"\r", at + 2)])
    return b"\r\ntransfer-encoding: chunked" not in head or data.endswith(b"0\r\n\r\n")


def _retry_after(data: bytes) -> float:
    found = re.search(rb"\r\nretry-after: *([0-9]+)\r", data, re.IGNORECASE)
    return float(found[1]) if found else 1.0


class Load:
    """All connections, and what they found."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.scripts = self._in_turn()
        self.latencies: dict[tuple[int, int], list[float]] = collections.defaultdict(list)
        self.finished: list[int] = []
        self.lost = 0
        self.until = self.ended = 0.0
        self.active: set[Connection] = set()
        self.coming: set[asyncio.Future[None]] = set()
        self.all_stopped = asyncio.Event()

    def _in_turn(self) -> Iterator[tuple[int, Script]]:
        for number in range(self.work.times):
            yield number, self.work.scripts[number % len(self.work.scripts)]

    async def run(self) -> Outcome:
        """Connect, send for as long as there is time and work, and sum up."""
        made = [Connection(self) for _ in range(self.work.connections)]
        self.active = set(made)
        for one in made:
            await self._connect(one)
        started, used = time.perf_counter(), time.process_time()
        self.until = started + self.work.seconds
        for one in made:
            if one.transport is not None:
                one.take()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.all_stopped.wait(), self.work.seconds + PATIENCE)
        self.active.clear()
        for one in made:
            one.close()
        await asyncio.sleep(0)  # whoever was still waiting counts as lost
        return self._outcome(self.ended - started, time.process_time() - used)

    def _outcome(self, seconds: float, processor_seconds: float) -> Outcome:
        steps: list[dict[str, Latency]] = [{} for _ in max(self.work.scripts, key=len)]
        accepted: list[float] = []
        for (step, status), times in sorted(self.latencies.items()):
            steps[step][str(status)] = _summed_up(times)
            accepted += times if status < REFUSED_FROM else []
        return Outcome(
            seconds, processor_seconds, _summed_up(accepted), steps, self.finished, self.lost
        )

    async def _connect(self, one: Connection) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: one, "127.0.0.1", self.work.port)

    def stopped(self, one: Connection) -> None:
        """Note that a connection has nothing more to do."""
        self.active.discard(one)
        if not self.active:
            self.all_stopped.set()

    def reconnect(self, one: Connection, go_on: Callable[[], None]) -> None:
        """Let a client whose connection was ended go on with a new one."""
        if one in self.active:
            coming = asyncio.ensure_future(self._come_again(one, go_on))
            self.coming.add(coming)
            coming.add_done_callback(self.coming.discard)

    async def _come_again(self, one: Connection, go_on: Callable[[], None]) -> None:
        while not self.until or time.perf_counter() < self.until:
            try:
                await self._connect(one)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                if self.until:
                    go_on()
                return
        self.stopped(one)


def _summed_up(times: list[float]) -> Latency:
    ordered = sorted(times) or [0.0]

    def below(share: float) -> float:
        return round(1000 * ordered[math.ceil(share * len(ordered)) - 1], 2)

    return Latency(len(times), below(0.5), below(0.95), below(0.99), below(1))


def get(path: str, **headers: str) -> bytes:
    """Write a GET request; `_` in the names of headers stands for a hyphen."""
    return _request("GET", path, headers, b"")


def post(path: str, body: bytes, **headers: str) -> bytes:
    """Write a POST request."""
    return _request("POST", path, {**headers, "content_length": str(len(body))}, body)


def _request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{named}\r\n".encode() + body


def main() -> None:
    """Read the work, do it, print the outcome."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work-on-stdin", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--get", action="append", metavar="PATH", default=[])
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--times", type=int, default=1_000_000, help="requests at most")
    given = parser.parse_args()
    scripts = [[get(path)] for path in given.get or ["/"]]
    work = Work(given.port, scripts, given.connections, given.seconds, given.times)
    if given.work_on_stdin:
        work = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Work)
    allow_many_connections()
    outcome = uvloop.run(Load(work).run())
    if not given.work_on_stdin:
        outcome.finished = []  # numbers of scripts say nothing to a reader
    sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
