"""Databases in a folder of the test's choice, safe settings and all, each with its own check."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from app.settings import Settings
from app.store.schema import upgrade
from tests.conftest import settings_for
from tests.support.postgres import SERVER_OPTIONS, Cluster

SMALL_WAL = ("--wal-segsize=1", "--data-checksums")
SMALL = ("-c", "max_wal_size=8MB", "-c", "min_wal_size=2MB", "-c", "checkpoint_timeout=30s")


class InFolder(Protocol):
    """A database in a folder."""

    url: str

    def make(self) -> None:
        """Make it, with our schema."""

    def running(self) -> AbstractContextManager[object]:
        """Have it serve, recovering first if need be."""

    def start_if_down(self) -> None:
        """Start it again, as the system's service manager would."""

    def check(self) -> None:
        """Let the database check itself. Raises AssertionError or CalledProcessError."""


class SQLite:
    """One file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "minyi.db"
        self.url = f"sqlite:///{self._file}"

    def make(self) -> None:
        upgrade(self.url)

    def running(self) -> AbstractContextManager[object]:
        return nullcontext()

    def start_if_down(self) -> None:
        pass

    def check(self) -> None:
        with closing(sqlite3.connect(self._file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


class PostgreSQL:
    """A cluster, with fsync as a city has it unless `options` say otherwise."""

    def __init__(self, folder: Path, binaries: Path, *options: str) -> None:
        self.cluster = Cluster(folder / "data", binaries, (*SERVER_OPTIONS, *SMALL, *options))
        self.url = self.cluster.url()

    def make(self) -> None:
        self.cluster.make(*SMALL_WAL)
        with self.cluster.running():
            upgrade(self.url)

    @contextmanager
    def running(self) -> Iterator[object]:
        with self.cluster.running():
            yield self

    def start_if_down(self) -> None:
        if not self.cluster.is_alive():
            self.cluster.start()

    def check(self) -> None:
        socket = ["-h", self.cluster.data, "-U", "minyi", "-d", "postgres"]
        self.cluster.run("pg_amcheck", *socket, "--install-missing", "--heapallindexed")


def settings_of(database: InFolder) -> Settings:
    """Make settings that use it."""
    return settings_for(database.url)
