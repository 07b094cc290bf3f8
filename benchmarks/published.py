"""Serve a published release: Minyi against a bare Starlette route with the same bytes.

    .venv/bin/python -m benchmarks.published [--requests 8000] [--rounds 5]

Both are uvicorn servers of one process, asked in turn over kept connections for the document (200),
the document compressed, and the document the reader has (304). Prints requests by second of the
server's processor (so that the client's own slowness doesn't count) and of the clock, and the ratio
Minyi : bare of the first, the median of the rounds, as JSON. Linux only: times are from /proc.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.domain.deduplication.keys import master_to_text
from app.services.resources import open_resources
from app.settings import Settings
from app.store.schema import upgrade
from tests.support.clock import Clock
from tests.support.releases import closed_town, release, townspeople
from tests.support.surveys import NOON

PATH = "/api/v1/releases/town.1"
CONNECTIONS = 8
TICK = os.sysconf("SC_CLK_TCK")


# The contenders -------------------------------------------------------------------------------


def bare() -> Starlette:
    """One route that compares the ETag and gives the bytes, and nothing else."""
    body, etag = Path(os.environ["BODY_FILE"]).read_bytes(), '"etag"'

    async def document(request: Request) -> Response:
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"etag": etag})
        return Response(body, media_type="application/json", headers={"etag": etag})

    return Starlette(routes=[Route("/api/v1/releases/{release_id}", document)])


async def publish(settings: Settings) -> bytes:
    """Collect, close and release the town's wave; gives the document."""
    upgrade(settings.database_url)
    resources = open_resources(settings, Clock(NOON))
    try:
        wave = await closed_town(resources, townspeople(600))
        return (await release(resources, wave)).payload
    finally:
        await resources.close()


@contextmanager
def serving(command: list[str], **environment: str) -> Iterator[tuple[int, int]]:
    """Run a server; gives its port and process id."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", *command, "--port", str(port)],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError


# The client -----------------------------------------------------------------------------------


async def ask(port: int, times: int, header: str) -> bytes:
    """Ask over several kept connections at once; gives the head of a reply.

    Raises ValueError unless each reply is what the header asks for.
    """
    expected = b" 304 " if header.startswith("if-none-match") else b" 200 "
    request = f"GET {PATH} HTTP/1.1\r\nhost: bench\r\n{header}\r\n".encode()

    async def one_connection() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = b""
        for _ in range(times // CONNECTIONS):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if expected not in head.partition(b"\r\n")[0]:
                raise ValueError
            await reader.readexactly(int(_header(head, b"content-length") or 0))
        writer.close()
        return head

    return (await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS))))[0]


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n"):
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return b""


def processor_seconds(pid: int) -> float:
    """How long a process has used the processor, by itself and by the system for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rates(port: int, pid: int, times: int, header: str) -> tuple[float, float]:
    """Requests by second of the server's processor, and of the clock."""
    used, started = processor_seconds(pid), time.perf_counter()
    asyncio.run(ask(port, times, header))
    clock = time.perf_counter() - started
    return times / (processor_seconds(pid) - used), times / clock


def measure(
    servers: dict[str, tuple[int, int]], headers: dict[str, str], times: int, rounds: int
) -> dict[str, object]:
    """Measure the contenders in turn; gives medians, and the median of the ratios."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    for round_ in range(rounds + 1):
        for name, (port, pid) in servers.items():
            one = rates(port, pid, times, headers[name])
            if round_:  # the first warms up
                found[name].append(one)
    ratios = [ours[0] / floor[0] for ours, floor in zip(*found.values(), strict=True)]
    medians = {
        name: {
            "per processor second": round(statistics.median(one[0] for one in of)),
            "per second": round(statistics.median(one[1] for one in of)),
        }
        for name, of in found.items()
    }
    return medians | {"ratio": round(statistics.median(ratios), 2)}


def main() -> None:
    """Publish, serve, ask, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            _env_file=None,
            database_url=f"sqlite:///{folder}/published.db",
            secret_key=master_to_text(bytes(range(32))),
        )
        body = asyncio.run(publish(settings))
        print(json.dumps({"bytes": len(body)} | contest(settings, body, Path(folder), options)))


def contest(
    settings: Settings, body: bytes, folder: Path, options: argparse.Namespace
) -> dict[str, object]:
    """Serve the document by both and measure each kind of request."""
    (folder / "body").write_bytes(body)
    bare_server = ["uvicorn", "--factory", "benchmarks.published:bare", "--no-access-log"]
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    with (
        serving(
            ["app", "serve"], MINYI_DATABASE_URL=settings.database_url, MINYI_SECRET_KEY=secret
        ) as minyi,
        serving(bare_server, BODY_FILE=str(folder / "body")) as floor,
    ):
        servers = {"minyi": minyi, "bare": floor}
        kinds = {
            "200": dict.fromkeys(servers, ""),
            "200 gzip, bare plain": dict.fromkeys(servers, "accept-encoding: gzip\r\n"),
            "304": {name: _condition(port) for name, (port, _) in servers.items()},
        }
        return {
            kind: measure(servers, headers, options.requests, options.rounds)
            for kind, headers in kinds.items()
        }


def _condition(port: int) -> str:
    """The header of a reader that has the document."""
    etag = _header(asyncio.run(ask(port, CONNECTIONS, "")), b"etag").decode()
    return f"if-none-match: {etag}\r\n"


if __name__ == "__main__":
    main()
