"""The database dies and comes back: the application says «later» meanwhile, and stays as it is."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import StorageUnavailable
from app.services.resources import Resources, open_resources
from app.services.responses import accept_response
from tests.faults import careless
from tests.faults.audit import Findings, examine, try_all_again
from tests.faults.citizens import Citizens, many_permits
from tests.faults.databases import PostgreSQL, settings_of
from tests.faults.servers import Prepare, Server, nothing
from tests.faults.sizes import TIMEOUT, size
from tests.support.postgres import Cluster, temporary_folder
from tests.support.servers import around_now
from tests.support.surveys import open_town

DEATHS = size(3, 50)
BETWEEN = size(30, 100)
RESUMES_WITHIN = 10
"""Seconds from the database's return to the next answer stored."""
REPLIES_WITHIN = 15
"""Seconds that no reply may exceed, whatever the database does."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


def kill_backend(cluster: Cluster, chance: random.Random) -> None:
    """`kill -9` of one session's process: the postmaster then ends all, and recovers."""
    os.kill(chance.choice(cluster.session_pids()), signal.SIGKILL)


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


DEATHS_IN_TURN = (kill_backend, stop_at_once, kill_all)


async def test_database_killed_under_load_costs_only_a_little_time(
    postgres_binaries: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    slowest_return = 0.0
    with temporary_folder() as folder:
        database = PostgreSQL(folder, postgres_binaries)
        database.make()
        with database.running():
            resources = open_resources(settings_of(database))
            town = await open_town(resources, dates=around_now())
            permits = await many_permits(resources, town, DEATHS * BETWEEN * 3 + 500)
            server = Server(resources.settings)
            citizens = Citizens([server.port], permits)
            with server.running():
                async with citizens.answering() as memory:
                    for nth in range(DEATHS):
                        await citizens.acknowledged(more=chance.randint(BETWEEN // 2, BETWEEN * 2))
                        await asyncio.sleep(chance.uniform(0, 0.02))
                        die = DEATHS_IN_TURN[nth % len(DEATHS_IN_TURN)]
                        await asyncio.to_thread(die, database.cluster, chance)
                        back = time.monotonic()
                        await citizens.acknowledged(more=1, within=RESUMES_WITHIN)
                        slowest_return = max(slowest_return, time.monotonic() - back)
                acknowledged = len(memory.acknowledged)
                await try_all_again(server.port, memory)
            assert await examine(resources, town, memory) == Findings()
            database.check()
            await resources.close()
    assert set(memory.replies) <= {200, 201, 503}, server.log()
    assert not memory.broken
    assert memory.slowest < REPLIES_WITHIN
    report(
        f"{DEATHS} deaths of PostgreSQL, {acknowledged} acknowledged, none lost; "
        f"{memory.replies[503]} × 503, slowest reply {memory.slowest:.1f} s, "
        f"slowest return {slowest_return:.1f} s"
    )
