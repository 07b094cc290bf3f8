"""Group commit: callers who come at the same time share one transaction, and one wait for the disk.

There is no timer: a batch is whatever waited while the last commit ran, so that a lone caller
waits for nobody. Each is answered after the commit, with an outcome of its own. The writer is a
task that starts with the first item and ends when none is left; a process has one for each kind
of work.
"""

import asyncio
import collections
import dataclasses
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from prometheus_client import Gauge, Histogram
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import MinyiError
from app.errors.operations import Overloaded, StorageUnavailable
from app.store.database import Database

MOST_AT_ONCE = 128
MOST_WAITING = 4096
TRIES = 4
"""How often a batch is tried that other transactions stand in the way of."""

BATCH_SIZE = Histogram(
    "minyi_commit_batch_size",
    "Items that shared one transaction.",
    ["work"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)
SECONDS = Histogram(
    "minyi_commit_seconds",
    "Duration of one shared transaction.",
    ["work"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
WAITING = Gauge(
    "minyi_commit_waiting",
    "Items waiting for the transaction that they will share.",
    ["work"],
    multiprocess_mode="livesum",
)

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[AsyncConnection, Sequence[Item]], Awaitable[Sequence[Result | MinyiError]]]
"""Does all items in one transaction; gives for each, in their order, a result or a refusal."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Waiting(Generic[Item, Result]):
    item: Item
    answer: asyncio.Future[Result]

    def give(self, outcome: Result | Exception) -> None:
        """Answer, unless the caller has gone."""
        if self.answer.done():
            return
        if isinstance(outcome, Exception):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


class GroupCommit(Generic[Item, Result]):
    """One queue and one writer for one kind of work."""

    def __init__(
        self,
        database: Database,
        name: str,
        work: Work[Item, Result],
        *,
        reads_only: bool = False,
        most_at_once: int = MOST_AT_ONCE,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._transaction = database.looking if reads_only else database.writing
        self._work = work
        self._most_at_once = most_at_once
        self._most_waiting = most_waiting
        self._queue: collections.deque[_Waiting[Item, Result]] = collections.deque()
        self._writer: asyncio.Task[None] | None = None
        self._batch_size = BATCH_SIZE.labels(name)
        self._seconds = SECONDS.labels(name)
        self._gauge = WAITING.labels(name)

    @property
    def waiting(self) -> int:
        """How many items wait for the next transaction."""
        return len(self._queue)

    async def submit(self, item: Item) -> Result:
        """Have the item done; returns when that is on disk.

        Whoever is cancelled while waiting loses the answer, not the work. Raises what the work
        gave for this item, Overloaded where too many wait, StorageUnavailable.
        """
        if len(self._queue) >= self._most_waiting:
            raise Overloaded
        loop = asyncio.get_running_loop()
        if self._writer is None or self._writer.done() or self._writer.get_loop() is not loop:
            self._queue.clear()  # of an event loop that is gone
            self._writer = loop.create_task(self._write())
        waiting: _Waiting[Item, Result] = _Waiting(item, loop.create_future())
        self._queue.append(waiting)
        self._gauge.set(len(self._queue))
        return await waiting.answer

    async def close(self) -> None:
        """Finish what was accepted."""
        while self._writer is not None and not self._writer.done():
            if self._writer.get_loop() is not asyncio.get_running_loop():
                return
            await asyncio.wait([self._writer])

    async def _write(self) -> None:
        batch: list[_Waiting[Item, Result]] = []
        try:
            while self._queue:
                await self._gather()
                batch = self._take()
                await self._answer(batch)
        finally:  # cancelled with its event loop
            self._refuse([*batch, *self._queue])

    async def _gather(self) -> None:
        """Let those join who are on their way: as long as each turn of the event loop brings some.

        A transaction costs the same for one and for fifty, and the processor is busy with them
        anyway; where nobody else comes this is one turn, and no time.
        """
        before = 0
        while before < len(self._queue) < self._most_at_once:
            before = len(self._queue)
            await asyncio.sleep(0)

    def _take(self) -> list[_Waiting[Item, Result]]:
        n = min(len(self._queue), self._most_at_once)
        batch = [self._queue.popleft() for _ in range(n)]
        self._gauge.set(len(self._queue))
        return batch

    async def _answer(self, batch: Sequence[_Waiting[Item, Result]]) -> None:
        """Do a batch; where it fails for what is in it, each item by itself."""
        started = time.perf_counter()
        try:
            outcomes = await self._in_one_transaction([one.item for one in batch])
        except StorageUnavailable as error:
            self._refuse(batch)
            if not error.conflict:  # nobody queues behind a dead database
                self._refuse(self._queue)
                self._queue.clear()
        except Exception as error:
            await self._one_by_one(batch, error)
        else:
            for one, outcome in zip(batch, outcomes, strict=True):
                one.give(outcome)
        self._batch_size.observe(len(batch))
        self._seconds.observe(time.perf_counter() - started)

    async def _one_by_one(self, batch: Sequence[_Waiting[Item, Result]], error: Exception) -> None:
        if len(batch) == 1:
            batch[0].give(error)
            return
        for one in batch:
            await self._answer([one])

    async def _in_one_transaction(self, items: Sequence[Item]) -> Sequence[Result | MinyiError]:
        tries = 0
        while True:
            try:
                async with self._transaction() as connection:
                    return await self._work(connection, items)
            except StorageUnavailable as error:
                tries += 1
                if not error.conflict or tries == TRIES:
                    raise

    def _refuse(self, those: Iterable[_Waiting[Item, Result]]) -> None:
        for one in those:
            one.give(StorageUnavailable())


class GroupCommits:
    """The group commits of one process, by name, each made when it is first asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_name: dict[str, GroupCommit[Any, Any]] = {}

    def of(
        self, name: str, work: Work[Item, Result], *, reads_only: bool = False
    ) -> GroupCommit[Item, Result]:
        """Give the one that does this work."""
        if name not in self._by_name:
            self._by_name[name] = GroupCommit(self._database, name, work, reads_only=reads_only)
        return self._by_name[name]

    async def close(self) -> None:
        """Finish what was accepted."""
        for one in self._by_name.values():
            await one.close()
