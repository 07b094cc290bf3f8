"""Group commit: callers share a transaction, and nobody pays for a neighbour."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import MinyiError
from app.errors.answering import AlreadyTookPart
from app.errors.operations import Overloaded, StorageUnavailable
from app.store.database import Database
from app.store.group_commit import GroupCommit

REFUSED, BROKEN = 666, 999


class Numbers:
    """Work on a table whose numbers are unique: the items are stored, those above 600 are not."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go_on = anyio.Event()
        self.go_on.set()

    async def __call__(
        self, connection: AsyncConnection, items: Sequence[int]
    ) -> list[int | MinyiError]:
        self.batches.append(list(items))
        await self.go_on.wait()
        for n in items:
            if n != REFUSED:
                await connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": n})
        if BROKEN in items:
            raise ZeroDivisionError
        return [AlreadyTookPart() if n == REFUSED else n for n in items]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE numbers (n INTEGER PRIMARY KEY)"))
    yield database
    await database.dispose()


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


async def stored(database: Database) -> list[int]:
    async with database.reading() as connection:
        return list(await connection.scalars(text("SELECT n FROM numbers ORDER BY n")))


async def outcomes(commit: GroupCommit[int, int], items: Sequence[int]) -> list[object]:
    return await asyncio.gather(*(commit.submit(n) for n in items), return_exceptions=True)


async def test_who_comes_while_one_is_stored_shares_the_next(
    database: Database, numbers: Numbers
) -> None:
    commit = GroupCommit(database, "test", numbers, most_at_once=8)
    numbers.go_on = anyio.Event()
    tasks = [asyncio.create_task(commit.submit(0))]
    await anyio.wait_all_tasks_blocked()
    tasks += [asyncio.create_task(commit.submit(n)) for n in range(1, 13)]
    await anyio.wait_all_tasks_blocked()
    assert commit.waiting == 12
    numbers.go_on.set()
    assert await asyncio.gather(*tasks) == list(range(13)), "each gets its own"
    assert numbers.batches == [[0], [1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12]]
    assert await stored(database) == list(range(13))


async def test_an_answer_comes_after_the_commit(database: Database, numbers: Numbers) -> None:
    commits: list[int] = []
    event.listen(database.engine.sync_engine, "commit", lambda _: commits.append(1))
    commit = GroupCommit(database, "test", numbers)
    await asyncio.gather(*(commit.submit(n) for n in range(5)))
    assert commits == [1]


async def test_a_refusal_is_for_one_and_the_rest_is_stored(
    database: Database, numbers: Numbers
) -> None:
    got = await outcomes(GroupCommit(database, "test", numbers), [1, REFUSED, 2])
    assert [type(one) for one in got] == [int, AlreadyTookPart, int]
    assert await stored(database) == [1, 2]


async def test_a_row_that_breaks_the_batch_fails_alone(
    database: Database, numbers: Numbers
) -> None:
    got = await outcomes(GroupCommit(database, "test", numbers), [1, 2, BROKEN, 3])
    assert [type(one) for one in got] == [int, int, ZeroDivisionError, int]
    assert await stored(database) == [1, 2, 3]
    assert numbers.batches == [[1, 2, BROKEN, 3], [1], [2], [BROKEN], [3]]


async def test_who_goes_away_takes_nobody_along(database: Database, numbers: Numbers) -> None:
    commit = GroupCommit(database, "test", numbers)
    numbers.go_on = anyio.Event()
    tasks = [asyncio.create_task(commit.submit(n)) for n in range(3)]
    await anyio.wait_all_tasks_blocked()
    late = asyncio.create_task(commit.submit(3))
    await anyio.wait_all_tasks_blocked()
    tasks[1].cancel()
    late.cancel()
    numbers.go_on.set()
    assert [await tasks[0], await tasks[2]] == [0, 2]
    await commit.close()
    assert await stored(database) == [0, 1, 2, 3], "what was handed in is stored"


async def test_closing_finishes_what_was_accepted(database: Database, numbers: Numbers) -> None:
    commit = GroupCommit(database, "test", numbers, most_at_once=2)
    tasks = [asyncio.create_task(commit.submit(n)) for n in range(5)]
    await anyio.lowlevel.checkpoint()
    await commit.close()
    assert await stored(database) == [0, 1, 2, 3, 4]
    assert await asyncio.gather(*tasks) == [0, 1, 2, 3, 4]


async def test_a_full_queue_refuses_at_once(database: Database, numbers: Numbers) -> None:
    commit = GroupCommit(database, "test", numbers, most_waiting=2)
    numbers.go_on = anyio.Event()
    tasks = [asyncio.create_task(commit.submit(0))]
    await anyio.wait_all_tasks_blocked()
    tasks += [asyncio.create_task(commit.submit(n)) for n in (1, 2)]
    await anyio.wait_all_tasks_blocked()
    with pytest.raises(Overloaded):
        await commit.submit(3)
    numbers.go_on.set()
    await asyncio.gather(*tasks)
    assert await commit.submit(4) == 4, "there is room again"


async def test_nobody_queues_behind_a_dead_database(numbers: Numbers) -> None:
    database = Database("postgresql://nobody@127.0.0.1:9/nothing")
    tries: list[int] = []
    event.listen(database.engine.sync_engine, "do_connect", lambda *_: tries.append(1))
    commit = GroupCommit(database, "test", numbers, most_at_once=2)
    got = await outcomes(commit, range(50))
    assert all(type(one) is StorageUnavailable for one in got)
    assert tries == [1]
    await database.dispose()


async def test_it_goes_on_when_the_database_is_back(database: Database, numbers: Numbers) -> None:
    commit = GroupCommit(database, "test", numbers)

    def refuse(connection, *_rest):  # type: ignore[no-untyped-def]
        raise connection.dialect.loaded_dbapi.OperationalError("away")

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", refuse)
    assert [type(one) for one in await outcomes(commit, [1, 2])] == [StorageUnavailable] * 2
    event.remove(engine, "before_cursor_execute", refuse)
    assert await outcomes(commit, [1, 2]) == [1, 2]


async def test_a_batch_that_another_transaction_stood_in_the_way_of_is_tried_again(
    postgresql_url: str,
) -> None:
    database = Database(postgresql_url)
    tries = 0

    async def collide(connection: AsyncConnection, items: Sequence[int]) -> list[int]:
        nonlocal tries
        tries += 1
        if tries < 3:
            deadlock = "DO $$ BEGIN RAISE SQLSTATE '40P01'; END $$"
            await connection.exec_driver_sql(deadlock)
        return list(items)

    assert await GroupCommit(database, "test", collide).submit(7) == 7
    assert tries == 3
    await database.dispose()


class NoDatabase:
    """Transactions of nothing, that belong to no event loop."""

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        yield

    looking = writing


def test_it_works_on_one_event_loop_after_another() -> None:
    async def work(_connection: AsyncConnection, items: Sequence[float]) -> list[float]:
        await anyio.sleep(max(items))
        return list(items)

    async def abandon() -> None:
        """End the loop while something is being stored and something waits."""
        for seconds in (1, 2):
            tasks.append(asyncio.create_task(commit.submit(seconds)))
            await anyio.sleep(0.01)

    tasks: list[asyncio.Task[float]] = []
    commit: GroupCommit[float, float] = GroupCommit(NoDatabase(), "test", work)  # type: ignore[arg-type]
    for _ in range(2):
        asyncio.run(abandon())
        assert asyncio.run(commit.submit(0)) == 0
    assert all(task.cancelled() for task in tasks)
