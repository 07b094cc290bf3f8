"""What a crowd and slow connections do to the server, and to those who wait.

    .venv/bin/python -m benchmarks.overload [--postgresql] [--rounds 3] [--seconds 8]

Prints as JSON: accepted submissions a second with 64 and with 1,000 connections, in turn, and their
ratio, by the clock and by the server's processor time; the 99th percentile (ms) of refusals and of
served pages while far more people come than can be served; the same of honest people beside 1,000
slow connections; the processor time of one refusal (µs, without parsing HTTP). Client, server and
database share the machine. Linux only.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvloop
from fastapi import FastAPI
from starlette.types import Message, Scope

from app.admission import Refusals
from app.connections import raise_descriptor_limit
from app.domain.deduplication.keys import master_to_text
from app.load import Load
from app.main import create_app
from app.services.permits import Recipient, mint_invitations
from app.services.resources import Resources, open_resources
from app.services.waves import find_wave
from app.settings import Settings
from benchmarks.support.machine import describe, processor_seconds
from tests.faults.crowd import Line, Outcome, look_round, slow_connections
from tests.support.databases import postgres_maker, sqlite_maker
from tests.support.postgres import running_postgres
from tests.support.servers import Server, around_now, running_server
from tests.support.surveys import answers, open_town

PATH, PAGE = "/api/v1/waves/town/responses", "/w/town"
FEW, MANY = 64, 1000
CROWD, SLOW, HONEST = 1500, 1000, 20
REFUSALS = 20_000


@contextmanager
def new_database(*, postgresql: bool) -> Iterator[str]:
    """Make an empty database of one kind; gives its URL."""
    if postgresql:
        with running_postgres() as server, postgres_maker(server, "overload") as make:
            yield make()
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield sqlite_maker(Path(folder))()


@asynccontextmanager
async def resources_of(settings: Settings) -> AsyncIterator[Resources]:
    """Open what a service needs, for a moment."""
    resources = open_resources(settings)
    try:
        yield resources
    finally:
        await resources.close()


async def open_wave_of(settings: Settings) -> None:
    """Open a wave in an empty database."""
    async with resources_of(settings) as resources:
        await open_town(resources, dates=around_now())


async def permits(settings: Settings, n: int) -> list[str]:
    """Mint permits to answer once each."""
    async with resources_of(settings) as resources:
        wave = await find_wave(resources, "town")
        recipients = [Recipient("residents")] * n
        letters = await mint_invitations(resources, wave, recipients=recipients, batch="bench")
        return [letter.permit for letter in letters]


async def accepted_per_second(
    port: int, unused: Sequence[str], connections: int, seconds: float
) -> tuple[float, Outcome]:
    """Let so many connections answer one questionnaire after the other.

    Whoever is refused comes back with the same answers within a second.
    """
    outcome, left = Outcome(), iter(unused)
    began = time.perf_counter()

    async def answer() -> None:
        line = Line(port)
        for permit in left:
            body = json.dumps({"permit": permit, "answers": answers()}).encode()
            while time.perf_counter() < began + seconds:
                reply = await line.ask("POST", PATH, body)
                outcome.note(reply)
                if reply.status == 201:
                    break
                await asyncio.sleep(random.uniform(0.2, 1))
            else:
                break
        line.hang_up()

    await asyncio.gather(*(answer() for _ in range(connections)))
    return outcome.replies[201] / (time.perf_counter() - began), outcome


async def scaling(
    server: Server, settings: Settings, rounds: int, seconds: float
) -> dict[str, object]:
    """Measure with few and with many connections in turn."""
    rates: dict[int, list[tuple[float, float]]] = {FEW: [], MANY: []}
    refused = slowest = 0.0
    for _ in range(rounds):
        for connections, found in rates.items():
            unused = await permits(settings, round(2500 * seconds))
            used = processor_seconds(server.process.pid)
            rate, outcome = await accepted_per_second(_port(server), unused, connections, seconds)
            used = processor_seconds(server.process.pid) - used
            found.append((rate, outcome.replies[201] / used))
            refused += outcome.replies[503]
            slowest = max(slowest, outcome.slowest_of_100(201))
    pairs = list(zip(*rates.values(), strict=True))
    return {
        "accepted a second": {n: _median(one[0] for one in of) for n, of in rates.items()},
        "accepted by processor second": {
            n: _median(one[1] for one in of) for n, of in rates.items()
        },
        "ratio": _median(many[0] / few[0] for few, many in pairs),
        "ratio by processor": _median(many[1] / few[1] for few, many in pairs),
        "refused": refused,
        "p99 ms": _ms(slowest),
    }


def _port(server: Server) -> int:
    return int(server.address.rpartition(":")[2])


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 2)


async def crowd(port: int, seconds: float) -> dict[str, object]:
    """Let far more people look at a page than can be served; they come back soon."""
    outcome, until = Outcome(), time.perf_counter() + seconds

    async def look() -> None:
        line = Line(port)
        await asyncio.sleep(random.uniform(0, 1))
        while time.perf_counter() < until:
            outcome.note(await line.ask("GET", PAGE))
            await asyncio.sleep(random.uniform(0.2, 1))
        line.hang_up()

    await asyncio.gather(*(look() for _ in range(CROWD)))
    found = {
        str(status): {
            "a second": round(n / seconds),
            "median ms": _ms(statistics.median(outcome.seconds[status])),
            "p99 ms": _ms(outcome.slowest_of_100(status)),
        }
        for status, n in sorted(outcome.replies.items())
    }
    return {"people": CROWD, **found}


async def beside_slow_ones(port: int) -> dict[str, object]:
    """Let a few honest people look at pages while most connections never finish."""
    async with slow_connections(port, SLOW):
        outcome = await look_round(port, PAGE, people=HONEST, times=50)
    found = {str(status): n for status, n in outcome.replies.items()}
    return {"slow": SLOW, "replies": found, "p99 ms": _ms(outcome.slowest_of_100(200))}


async def refusal_microseconds(app: FastAPI) -> float:
    """Refuse a page again and again, in process."""
    refusals, load = Refusals(https=True), Load(1)
    headers = [(b"host", b"localhost"), (b"accept-language", b"zh-CN,zh;q=0.9")]
    scope: Scope = {"type": "http", "method": "GET", "path": PAGE, "headers": headers, "app": app}

    async def send(_message: Message) -> None:
        return

    await refusals.send(scope, send, load)
    used = time.process_time()
    for _ in range(REFUSALS):
        await refusals.send(dict(scope), send, load)
    return round((time.process_time() - used) / REFUSALS * 1e6, 1)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


async def measure(
    settings: Settings, server: Server, options: argparse.Namespace
) -> dict[str, object]:
    """Measure one thing after the other on the same server."""
    port = _port(server)
    return {
        "machine": describe(),
        "connections": await scaling(server, settings, options.rounds, options.seconds),
        "crowd": await crowd(port, options.seconds),
        "slow connections": await beside_slow_ones(port),
        "refusal µs": await refusal_microseconds(create_app(settings)),
    }


def main() -> None:
    """Prepare, serve, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    raise_descriptor_limit()
    with new_database(postgresql=options.postgresql) as url:
        secret = master_to_text(bytes(range(32)))
        settings = Settings(_env_file=None, database_url=url, secret_key=secret)
        uvloop.run(open_wave_of(settings))
        with running_server(settings) as server:
            print(json.dumps(uvloop.run(measure(settings, server, options)), indent=1))


if __name__ == "__main__":
    main()
