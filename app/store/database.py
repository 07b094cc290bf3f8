"""One database, SQLite or PostgreSQL: connections, transactions, durability.

SQLite through aiosqlite opens no transaction before a SELECT and would lose updates; here every
transaction begins explicitly, writers with BEGIN IMMEDIATE. Commits are on disk before they
return: `synchronous` FULL or stricter, `synchronous_commit` on. SQLite before 3.51.3 has a WAL bug
that can corrupt the file, so older libraries use a rollback journal.
"""

import select as sockets
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine, event, make_url, select
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.errors.operations import StorageUnavailable
from app.store.randomness import random_below

SAFE_WAL = (3, 51, 3)
BUSY_SECONDS = 20
MOST_PREPARED = 600
"""Statements that a connection to PostgreSQL remembers: those of a batch, for each size of it."""
SLOTS = 64
"""Counters stand in so many rows each, so that transactions seldom wait for one another's."""

NOTICE_SOON = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}
"""After how many seconds a silent PostgreSQL is taken for dead; a URL may say otherwise."""

CONFLICTS = ("40001", "40P01")
"""PostgreSQL's states of two transactions that can't both go on: serialisation, deadlock."""


def async_url(url: str) -> URL:
    """Give the URL with the driver for asynchronous use."""
    parsed = make_url(url)
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
    return parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername))


def sync_url(url: str) -> URL:
    """Give the URL with the driver for migrations."""
    parsed = make_url(url)
    drivers = {"sqlite+aiosqlite": "sqlite", "postgresql": "postgresql+psycopg"}
    return parsed.set(drivername=drivers.get(parsed.drivername, parsed.drivername))


def sync_engine(url: URL) -> Engine:
    """Make an engine for migrations and other work at the command line, one connection at a time.

    A pooler may stand before PostgreSQL, so nothing is prepared there (see `Database`).
    """
    return create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={} if url.get_backend_name() == "sqlite" else {"prepare_threshold": None},
    )


def make_folder(url: URL) -> None:
    """Make the folder that an SQLite file is to stand in."""
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def slot_of(connection: AsyncConnection) -> int:
    """Give the slot of counters that this transaction writes to."""
    inner = connection.sync_connection
    return 0 if inner is None else int(inner.get_execution_options().get("minyi_slot", 0))


class Database:
    """A pool of connections and the two kinds of transaction.

    `pooled`: a pooler between us and PostgreSQL gives every transaction another connection.
    """

    def __init__(self, url: str, *, pooled: bool = False) -> None:
        self.url = url
        self.engine = _create_engine(async_url(url), pooled=pooled)

    @property
    def is_sqlite(self) -> bool:
        """Say which of the two it is."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that may write; it is durable when the block has ended."""
        slot = random_below(SLOTS)
        async with self._begun(minyi_begin="BEGIN IMMEDIATE", minyi_slot=slot) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads."""
        async with self._begun(minyi_begin="BEGIN") as connection:
            yield connection

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection for looks that need not see one state: each is done by itself.

        PostgreSQL is spared the beginning and the end of a transaction.
        """
        async with self._begun(minyi_begin="", **self._isolated("AUTOCOMMIT")) as connection:
            yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads, and sees one state from beginning to end.

        On SQLite without WAL, nobody can write meanwhile.
        """
        level = self._isolated("REPEATABLE READ")
        async with self._begun(minyi_begin="BEGIN", **level) as connection:
            yield connection

    def _isolated(self, level: str) -> dict[str, str]:
        """Give a level of isolation of PostgreSQL's; SQLite has one only."""
        return {} if self.is_sqlite else {"isolation_level": level}

    @asynccontextmanager
    async def _begun(self, **options: Any) -> AsyncIterator[AsyncConnection]:
        async with _translated(), self.engine.connect() as connection:
            await connection.execution_options(**options)
            async with connection.begin():
                yield connection

    async def ping(self) -> None:
        """Ask for something small. Raises StorageUnavailable."""
        async with self.reading() as connection:
            await connection.execute(select(1))

    async def vacuum(self, *tables: str) -> None:
        """Remove dead rows of these tables from disk (SQLite: of the whole file)."""
        async with _translated(), self.engine.connect() as connection:
            autocommit = await connection.execution_options(
                isolation_level="AUTOCOMMIT", minyi_begin=""
            )
            command = "VACUUM" if self.is_sqlite else f"VACUUM {', '.join(tables)}"
            await autocommit.exec_driver_sql(command)

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def _create_engine(url: URL, *, pooled: bool) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return _create_postgresql(url, pooled=pooled)
    make_folder(url)
    engine = create_async_engine(
        url,
        pool_size=5,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _create_postgresql(url: URL, *, pooled: bool) -> AsyncEngine:
    engine = create_async_engine(
        url.update_query_dict(NOTICE_SOON | dict(url.query)),
        pool_size=10,
        max_overflow=0,
        # The connection used last knows the statements that it has prepared.
        pool_use_lifo=True,
        hide_parameters=True,
        # Numbered as the server wants them: a driver that has to find parameters by name reads
        # every statement of a batch with a regular expression.
        paramstyle="numeric_dollar",
        # A statement prepared on one connection of a pooler is not there on the next.
        connect_args={"prepare_threshold": None} if pooled else {},
    )
    event.listen(engine.sync_engine, "connect", _number_parameters)
    event.listen(engine.sync_engine, "checkin", _note_idle)
    event.listen(engine.sync_engine, "checkout", _require_alive)
    return engine


def _number_parameters(connection: Any, _record: Any) -> None:
    psycopg = connection.dbapi.psycopg
    driver = connection.driver_connection
    driver.cursor_factory = psycopg.AsyncRawCursor
    driver.server_cursor_factory = psycopg.AsyncRawServerCursor
    driver.prepared_max = MOST_PREPARED


def _note_idle(_connection: Any, record: Any) -> None:
    record.info["idle"] = True


def _require_alive(_connection: Any, record: Any, _fairy: Any) -> None:
    """Connect anew where the server has gone meanwhile.

    Nobody writes to an idle connection but a server that ends it: where there is something to
    read, it is the end. A look at the socket costs microseconds, a question a round trip.
    """
    if not record.info.pop("idle", False):
        return
    look = sockets.poll()
    look.register(record.driver_connection.fileno(), sockets.POLLIN)
    if look.poll(0):
        raise InvalidatePoolError


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    wal = sqlite3.sqlite_version_info >= SAFE_WAL
    for pragma in (
        f"journal_mode={'WAL' if wal else 'TRUNCATE'}",
        f"synchronous={'FULL' if wal else 'EXTRA'}",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    begin = connection.get_execution_options().get("minyi_begin", "BEGIN IMMEDIATE")
    if begin:
        connection.exec_driver_sql(begin)


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn «database away, busy or full» into one error; its text may hold data and stays here."""
    try:
        yield
    except PoolTimeout:
        raise StorageUnavailable from None
    except DBAPIError as error:
        away = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
        if not away:
            raise
        unavailable = StorageUnavailable()
        unavailable.conflict = getattr(error.orig, "sqlstate", "") in CONFLICTS
        raise unavailable from None
