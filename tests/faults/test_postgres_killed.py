"""The database dies and comes back: the application says «later» meanwhile, and stays as it is."""

import asyncio
import itertools
import random
import signal
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from app.services.resources import open_resources
from tests.faults.audit import Findings, examine
from tests.faults.careless import let_errors_through
from tests.faults.citizens import Citizens, Memory, many_permits
from tests.faults.databases import PostgreSQL, settings_of
from tests.faults.servers import Prepare, Server, nothing
from tests.faults.sizes import TIMEOUT, size, times
from tests.support.postgres import Cluster, temporary_folder
from tests.support.servers import around_now
from tests.support.surveys import open_town

DEATHS = times(3, 50)
BETWEEN = size(30, 100)
RESUMES_WITHIN = 10
"""Seconds from the database's return to the next answer stored."""
REPLIES_WITHIN = 15
"""Seconds that no reply may exceed, whatever the database does."""

Make = Callable[..., PostgreSQL]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


def stop_at_once(cluster: Cluster, chance: random.Random) -> None:
    """Immediate shutdown, a moment away, and start."""
    cluster.stop(signal.SIGQUIT)
    time.sleep(chance.uniform(0, 1))
    cluster.start()


def kill_all(cluster: Cluster, chance: random.Random) -> None:
    """`kill -9` of the whole database server."""
    cluster.kill()
    time.sleep(chance.uniform(0, 1))
    cluster.start()


Death = Callable[[Cluster, random.Random], None]
DEATHS_IN_TURN: tuple[Death, ...] = (Cluster.kill_session, stop_at_once, kill_all)


@dataclass
class Outcome:
    """What came of it."""

    memory: Memory
    findings: Findings
    slowest_return: float = 0.0


async def deaths_under_load(
    make: Make,
    chance: random.Random,
    *options: str,
    deaths: int = 1,
    prepare: Prepare = nothing,
    must_resume: bool = True,
) -> Outcome:
    """Let PostgreSQL die so many times; each time it must take answers again before long."""
    slowest = 0.0
    with temporary_folder() as folder:
        database = make(folder, *options)
        database.make()
        with database.running():
            resources = open_resources(settings_of(database))
            closing = AsyncExitStack()
            closing.push_async_callback(resources.close)
            async with closing:
                town = await open_town(resources, dates=around_now())
                permits = await many_permits(resources, town, deaths * BETWEEN * 3 + 300)
                server = Server(resources.settings, prepare)
                citizens = Citizens([server.port], permits)
                with server.running():
                    async with citizens.answering() as memory:
                        for die in itertools.islice(itertools.cycle(DEATHS_IN_TURN), deaths):
                            await live_until_it_dies(citizens, database.cluster, chance, die)
                            if must_resume:
                                slowest = max(slowest, await seconds_until_it_resumes(citizens))
                findings = await examine(resources, town, memory)
                database.check()
    return Outcome(memory, findings, slowest)


async def live_until_it_dies(
    citizens: Citizens, cluster: Cluster, chance: random.Random, die: Death
) -> None:
    """Let some be stored, and then the database die at a random instant, and come back."""
    await citizens.acknowledged(more=chance.randint(BETWEEN // 2, BETWEEN * 2))
    await asyncio.sleep(chance.uniform(0, 0.02))
    await asyncio.to_thread(die, cluster, chance)


async def seconds_until_it_resumes(citizens: Citizens) -> float:
    """Wait for the next answer stored. Raises TimeoutError."""
    back = time.monotonic()
    await citizens.acknowledged(more=1, within=RESUMES_WITHIN)
    return time.monotonic() - back


async def test_database_killed_under_load_costs_only_a_little_time(
    postgresql_in: Make, chance: random.Random, report: Callable[[str], None]
) -> None:
    found = await deaths_under_load(postgresql_in, chance, deaths=DEATHS)
    memory = found.memory
    assert found.findings == Findings()
    assert set(memory.replies) <= {200, 201, 503}
    assert not memory.broken
    assert memory.slowest < REPLIES_WITHIN
    report(
        f"{DEATHS} deaths of PostgreSQL, {len(memory.acknowledged)} acknowledged, none lost; "
        f"slowest reply {memory.slowest:.1f} s, slowest return {found.slowest_return:.1f} s"
    )


async def test_commits_that_are_not_waited_for_are_lost(
    postgresql_in: Make, chance: random.Random
) -> None:
    """Three deaths: one may come just after PostgreSQL has written what it had."""
    careless = ("-c", "synchronous_commit=off", "-c", "wal_writer_delay=10s")
    assert (await deaths_under_load(postgresql_in, chance, *careless, deaths=3)).findings.lost


async def test_an_error_that_nobody_expected_is_noticed(
    postgresql_in: Make, chance: random.Random
) -> None:
    found = await deaths_under_load(
        postgresql_in, chance, prepare=let_errors_through, must_resume=False
    )
    assert found.memory.replies[500]
