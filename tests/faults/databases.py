"""Databases in a folder of the test's choice, safe settings and all, each with its own check."""

import shutil
import sqlite3
import subprocess
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Protocol

from app.settings import Settings
from app.store.schema import upgrade
from tests.conftest import settings_for
from tests.support.postgres import SERVER_OPTIONS, Cluster, find_binaries

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

    def __init__(self, folder: Path, template: Path) -> None:
        self._file, self._template = folder / "minyi.db", template
        self.url = f"sqlite:///{self._file}"

    def make(self) -> None:
        shutil.copy(self._template, self._file)

    def running(self) -> AbstractContextManager[object]:
        return nullcontext()

    def start_if_down(self) -> None:
        pass

    def check(self) -> None:
        with closing(sqlite3.connect(self._file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


class PostgreSQL:
    """A cluster, with fsync as a city has it unless `options` say otherwise."""

    def __init__(self, folder: Path, template: Cluster, *options: str) -> None:
        self._template = template
        used = (*SERVER_OPTIONS, *SMALL, *options)
        self.cluster = Cluster(folder / "data", template.binaries, used)
        self.url = self.cluster.url()

    def make(self) -> None:
        subprocess.run(["cp", "-a", self._template.data, self.cluster.data], check=True)

    def running(self) -> AbstractContextManager[object]:
        return self.cluster.running()

    def start_if_down(self) -> None:
        if not self.cluster.is_alive():
            self.cluster.start()

    def check(self) -> None:
        socket = ["-h", self.cluster.data, "-U", "minyi", "-d", "postgres"]
        self.cluster.run("pg_amcheck", *socket, "--install-missing", "--heapallindexed")


def make_template(folder: Path) -> Cluster:
    """Make a cluster with our schema, to be copied. Raises NoPostgres."""
    cluster = Cluster(folder / "template", find_binaries(folder), SERVER_OPTIONS)
    cluster.make(*SMALL_WAL)
    with cluster.running():
        upgrade(cluster.url())
    return cluster


def settings_of(database: InFolder) -> Settings:
    """Make settings that use it."""
    return settings_for(database.url)
