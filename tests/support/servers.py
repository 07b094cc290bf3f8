"""Real server processes on this machine, as a city runs them, with a clock that goes."""

import datetime
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import httpx

from app.domain.questionnaires.audience import DatesOfMode
from app.settings import Settings

DAY = datetime.timedelta(days=1)


def around_now() -> DatesOfMode:
    """Days for a wave that a server with the real clock finds open."""
    today = datetime.datetime.now(datetime.UTC).date()
    return DatesOfMode(opens=today - DAY, closes=today + DAY)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, its process, and what it has written so far."""

    address: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def log(self) -> str:
        """Give standard output and error, without moving the place at which the server writes."""
        file = self.output.fileno()
        return os.pread(file, os.fstat(file).st_size, 0).decode()

    def end(self) -> None:
        """Let it finish; then all of its log is written, also what it writes after a reply."""
        self.process.terminate()
        self.process.wait(timeout=30)


@contextmanager
def running_server(
    settings: Settings, *, module: str = "app", workers: int = 1
) -> Iterator[Server]:
    """Start `python -m module serve` on a free port, and end it afterwards if nobody else did."""
    with launched_server(settings, module=module, workers=workers) as server:
        wait_until_ready(server)
        yield server


@contextmanager
def launched_server(
    settings: Settings, *, module: str = "app", workers: int = 1
) -> Iterator[Server]:
    """The same, without waiting until it is ready: several can start at once."""
    port = free_port()
    with tempfile.TemporaryFile() as output:  # a pipe that nobody reads would fill and stop it
        process = subprocess.Popen(
            [sys.executable, "-m", module, "serve", "--port", str(port), "--workers", str(workers)],
            env=environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        server = Server(f"http://127.0.0.1:{port}", process, output)
        try:
            yield server
        finally:
            server.end()


def environment(settings: Settings) -> dict[str, str]:
    """Give the variables that make another process use these settings."""
    secret = settings.secret_key
    return os.environ | {
        "MINYI_DATABASE_URL": settings.database_url,
        "MINYI_DATABASE_POOLER": settings.database_pooler,
        "MINYI_SECRET_KEY": secret.get_secret_value() if secret else "",
    }


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until_ready(server: Server) -> None:
    """Wait for `/readyz`. Raises RuntimeError with the log of a server that does not come up."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.address}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(server.log())
