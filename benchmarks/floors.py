"""The least that a program can do which durably stores what it acknowledges: two floors.

    FLOOR_DATABASE=postgresql://… .venv/bin/python -m benchmarks.floors plain --port 8001

Both take the body of Minyi's intake (a permit and 25 answers), check its shape, and answer 201
once it is committed. Concurrent requests share one transaction and one multi-row INSERT: one
writer a process, no timer, at most 500 rows. They know no access, no definition, no permit, no
«once», no privacy.

- `plain`: FastAPI, pydantic, and a count by day raised once per batch: what a good
  programmer writes with the usual parts. On the machine for which the demands in docs/speed.md were
  set such a program took in 1,030/s on PostgreSQL; on SQLite, without the count, 981/s.
- `raw`: ASGI without a framework, msgspec, no count: 3,815/s and 4,049/s there.

They are as strong as we could make them: the reply of `plain` is written by hand and not by a
response model, its count is one row a batch and in the statement of the insert.

The drivers are plain too: psycopg (one connection, one prepared multi-row statement per size of
batch, autocommit: one round trip) and sqlite3 in a thread, with the same journal as Minyi.
"""

import argparse
import asyncio
import os
import queue
import secrets
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import msgspec
import psycopg
import uvicorn
from fastapi import FastAPI
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from app.store.database import SAFE_WAL

PATH = "/api/v1/waves/bench/responses"
MOST_ROWS = 500
DAY = "2010-12-01"
TABLES = (
    "CREATE TABLE {maybe} responses (id {bytes} PRIMARY KEY, received_on date NOT NULL,"
    " answers text NOT NULL)",
    "CREATE TABLE {maybe} counts (received_on date PRIMARY KEY, n bigint NOT NULL)",
)
RAISE = (
    "INSERT INTO counts VALUES ({day}, {n}) ON CONFLICT (received_on)"
    " DO UPDATE SET n = counts.n + excluded.n"
)
Row = tuple[bytes, str]


# Group commit ---------------------------------------------------------------------------------


class Writer(Protocol):
    """Commits rows, all or none."""

    async def write(self, rows: list[Row]) -> None:
        """Return once they are on disk."""


class PostgresWriter:
    """One connection; the rows, and the count with them, are one statement."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], *, counts: bool) -> None:
        self.connection, self.counts = connection, counts

    @classmethod
    async def open(cls, url: str, *, counts: bool) -> "PostgresWriter":
        """Connect."""
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        connection.prepared_max = 2 * MOST_ROWS
        return cls(connection, counts=counts)

    async def write(self, rows: list[Row]) -> None:
        """Insert as one statement, prepared once for each number of rows."""
        command = _insert(len(rows))
        values: list[object] = [value for row in rows for value in row]
        if self.counts:
            command = f"WITH stored AS ({command}) {RAISE.format(day='%s', n='%s')}"
            values += [DAY, len(rows)]
        await self.connection.execute(command.encode(), values, prepare=True)


def _insert(rows: int) -> str:
    return "INSERT INTO responses VALUES " + ",".join([f"(%b,'{DAY}',%s)"] * rows)  # noqa: S608


class SqliteWriter:
    """A thread with the connection; it takes whole batches."""

    def __init__(self, path: str, *, counts: bool) -> None:
        self.counts = counts
        self.loop = asyncio.get_running_loop()
        self.batches: queue.SimpleQueue[tuple[list[Row], asyncio.Future[None]] | None]
        self.batches = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, args=(path,), daemon=True)
        self.thread.start()

    async def write(self, rows: list[Row]) -> None:
        """Hand the batch to the thread and wait for its commit."""
        done: asyncio.Future[None] = self.loop.create_future()
        self.batches.put((rows, done))
        await done

    def close(self) -> None:
        """End the thread."""
        self.batches.put(None)
        self.thread.join()

    def _work(self, path: str) -> None:
        connection = connect_sqlite(path)
        while (batch := self.batches.get()) is not None:
            rows, done = batch
            try:
                self._commit(connection, rows)
            except sqlite3.Error as error:
                connection.rollback()
                self.loop.call_soon_threadsafe(done.set_exception, error)
            else:
                self.loop.call_soon_threadsafe(done.set_result, None)
        connection.close()

    def _commit(self, connection: sqlite3.Connection, rows: list[Row]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(f"INSERT INTO responses VALUES (?,'{DAY}',?)", rows)  # noqa: S608
        if self.counts:
            connection.execute(RAISE.format(day="?", n="?"), (DAY, len(rows)))
        connection.execute("COMMIT")


def connect_sqlite(path: str) -> sqlite3.Connection:
    """Open a file with the journal that Minyi uses (app/store/database.py)."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=20)
    wal = sqlite3.sqlite_version_info >= SAFE_WAL
    connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'TRUNCATE'}")
    connection.execute(f"PRAGMA synchronous={'FULL' if wal else 'EXTRA'}")
    return connection


class GroupCommit:
    """Lets concurrent requests share a commit: while one batch is written, the next one gathers."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self.wake = asyncio.Event()
        self.task = asyncio.create_task(self._write_forever())

    def store(self, row: Row) -> Awaitable[None]:
        """Give what is done once the row is on disk."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((row, done))
        self.wake.set()
        return done

    async def _write_forever(self) -> None:
        while True:
            await self.wake.wait()
            batch, self.waiting = self.waiting[:MOST_ROWS], self.waiting[MOST_ROWS:]
            if not self.waiting:
                self.wake.clear()
            try:
                await self.writer.write([row for row, _ in batch])
            except (psycopg.Error, sqlite3.Error) as error:
                failed = error
                _settle(batch, lambda done, failed=failed: done.set_exception(failed))
            else:
                _settle(batch, lambda done: done.set_result(None))


def _settle(
    batch: list[tuple[Row, asyncio.Future[None]]], how: Callable[[asyncio.Future[None]], None]
) -> None:
    for _, done in batch:
        if not done.done():  # its client may have gone
            how(done)


async def open_group(*, counts: bool) -> GroupCommit:
    """Open the database of the environment."""
    url = os.environ["FLOOR_DATABASE"]
    if url.startswith("sqlite"):
        return GroupCommit(SqliteWriter(url.removeprefix("sqlite:///"), counts=counts))
    return GroupCommit(await PostgresWriter.open(url, counts=counts))


def prepare(url: str) -> None:
    """Make the tables."""
    if url.startswith("sqlite"):
        connection = connect_sqlite(url.removeprefix("sqlite:///"))
        for table in TABLES:
            connection.execute(table.format(maybe="", bytes="blob"))
        connection.close()
        return
    with psycopg.connect(url) as server:
        for table in TABLES:
            server.execute(table.format(maybe="", bytes="bytea").encode())


def stored(url: str) -> tuple[int, int]:
    """How many rows there are, and how many the counts say."""
    command = "SELECT (SELECT count(*) FROM responses), (SELECT coalesce(sum(n), 0) FROM counts)"
    if url.startswith("sqlite"):
        connection = connect_sqlite(url.removeprefix("sqlite:///"))
        found = connection.execute(command).fetchone()
        connection.close()
    else:
        with psycopg.connect(url) as server:
            found = server.execute(command.encode()).fetchone()
    return int(found[0]), int(found[1])


# The programs ---------------------------------------------------------------------------------


class Sheet(BaseModel):
    """25 answers to the survey of Shenzhen."""

    model_config = ConfigDict(extra="forbid", strict=True)

    contact: str
    ratings: dict[str, dict[str, str]]
    overall: str
    change: str
    priorities: list[str]
    sex: str
    age: str
    district: str
    residency: str
    occupation: str


class Submission(BaseModel):
    """The body of an intake."""

    model_config = ConfigDict(extra="forbid", strict=True)

    permit: str
    answers: Sheet


def plain() -> FastAPI:
    """FastAPI, pydantic, group commit, and the count."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.group = await open_group(counts=True)
        yield

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.post(PATH, status_code=201)
    async def submit(body: Submission) -> Response:
        identity = secrets.token_bytes(16)
        await app.state.group.store((identity, body.answers.model_dump_json()))
        return Response(_receipt(identity), 201, media_type="application/json")

    return app


def _receipt(identity: bytes) -> bytes:
    return b'{"id":"%s","received_on":"%s"}' % (identity.hex().encode(), DAY.encode())


class RawSheet(msgspec.Struct, forbid_unknown_fields=True):
    """The same for msgspec."""

    contact: str
    ratings: dict[str, dict[str, str]]
    overall: str
    change: str
    priorities: list[str]
    sex: str
    age: str
    district: str
    residency: str
    occupation: str


class RawSubmission(msgspec.Struct, forbid_unknown_fields=True):
    """The same for msgspec."""

    permit: str
    answers: RawSheet


class Raw:
    """ASGI without a framework, msgspec, group commit."""

    def __init__(self) -> None:
        self.group: GroupCommit | None = None
        self.decode = msgspec.json.Decoder(RawSubmission).decode
        self.encode = msgspec.json.Encoder().encode

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Store a body, or say that it is none."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        body = await _body(receive)
        try:
            given = self.decode(body)
        except msgspec.DecodeError:
            await _answer(send, 422, b"{}")
            return
        identity = secrets.token_bytes(16)
        await self.group.store((identity, self.encode(given.answers).decode()))  # type: ignore[union-attr]
        await _answer(send, 201, _receipt(identity))

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        self.group = await open_group(counts=False)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


async def _body(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    return body


async def _answer(send: Any, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def raw() -> Raw:
    """Make the application of one process."""
    return Raw()


def main() -> None:
    """Serve a floor, with uvloop and httptools and no access log, as Minyi is served."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("floor", choices=("plain", "raw"))
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    uvicorn.run(
        f"benchmarks.floors:{given.floor}",
        factory=True,
        port=given.port,
        workers=given.workers,
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
