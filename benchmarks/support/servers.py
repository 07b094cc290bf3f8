"""Servers to measure: PostgreSQL as a city runs it, and web servers as processes of their own."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.settings import Settings
from benchmarks.support.machine import allow_many_connections, processor_seconds
from tests.support.postgres import Cluster, find_binaries, temporary_folder

COUNTING = ("-c", "shared_preload_libraries=pg_stat_statements")
"""Lets a PostgreSQL count the statements that it is asked (`statements`)."""


@dataclass(frozen=True, slots=True)
class Store:
    """A place for databases of one kind; `pid` is PostgreSQL's first process."""

    kind: str
    folder: Path
    url: str = ""
    pid: int | None = None

    def database(self, name: str) -> str:
        """Make an empty database; gives its URL."""
        if self.pid is None:
            return f"sqlite:///{self.folder}/{name}.db"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url.replace("/postgres?", f"/{name}?")

    def seconds(self) -> float:
        """Give the processor time that PostgreSQL has used; SQLite works in the application."""
        return 0.0 if self.pid is None else processor_seconds(self.pid, with_ended=True)

    def statements(self, database: str) -> int:
        """How many SQL statements a database has been asked, BEGIN and COMMIT among them."""
        command = (
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements JOIN pg_database d"
            " ON d.oid = dbid WHERE datname = %s"
        )
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            found = connection.execute(command, (database,)).fetchone()
        return int(found[0]) if found else 0

    def settle(self) -> None:
        """Have pages that are still in memory written, so that nobody pays for them later."""
        if self.pid is not None:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute("CHECKPOINT")


@contextmanager
def store(kind: str, beneath: str, *options: str) -> Iterator[Store]:
    """A fresh place on disk; PostgreSQL with its own defaults: every commit is durable."""
    with temporary_folder(beneath) as folder:
        if kind == "sqlite":
            yield Store(kind, folder)
            return
        cluster = Cluster(folder / "data", find_binaries(folder), ("-h", "", *options))
        cluster.make()
        with cluster.running() as server:
            yield Store(kind, folder, server.url(), server.process.pid if server.process else None)


@dataclass(frozen=True, slots=True)
class Server:
    """A web server that runs: its port and first process."""

    port: int
    pid: int

    def seconds(self) -> float:
        """Give the processor time that all its processes have used."""
        return processor_seconds(self.pid)


@contextmanager
def serving(command: list[str], workers: int, environment: dict[str, str]) -> Iterator[Server]:
    """Run `python -m command` on a free port until the block ends."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    given = [sys.executable, "-m", *command, "--port", str(port), "--workers", str(workers)]
    allow_many_connections()  # inherited
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            given,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            if not _answers(process, port):
                errors.seek(0)
                raise RuntimeError(f"{command} does not answer: {errors.read().decode()}")
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=60)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until a request, whichever, is answered."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            asking.request("GET", "/readyz")
            asking.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return True
        finally:
            asking.close()
    return False


def minyi(settings: Settings) -> dict[str, str]:
    """The environment of `python -m app serve`, with the log that our image writes."""
    secret = settings.secret_key
    return {
        "MINYI_DATABASE_URL": settings.database_url,
        "MINYI_SECRET_KEY": secret.get_secret_value() if secret else "",
        "MINYI_LOG_FORMAT": "json",
    }
