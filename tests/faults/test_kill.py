"""Invariant 1: acknowledged = durable. `kill -9` loses no answer, stores none twice, tears none."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from app.services.resources import Resources
from app.services.waves import Wave
from app.settings import Settings
from tests.faults import careless
from tests.faults.audit import Findings, examine, try_all_again
from tests.faults.citizens import Citizens, Memory, many_permits
from tests.faults.servers import Prepare, Server, nothing
from tests.faults.sizes import LONG, TIMEOUT, size, times

BETWEEN = size(30, 110)
"""Acknowledged answers between two kills, on average."""
KILLS_OF_SERVER = times(2, 100)
KILLS_OF_WORKER = times(1, 100)
RESPAWN_SECONDS = 60

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


async def a_random_instant(citizens: Citizens, chance: random.Random) -> None:
    """Let some answers come in, and then a moment pass."""
    await citizens.acknowledged(more=chance.randint(BETWEEN // 2, BETWEEN * 3 // 2))
    await asyncio.sleep(chance.uniform(0, 0.02))


async def killed_under_load(
    resources: Resources,
    town: Wave,
    chance: random.Random,
    *,
    kills: int,
    prepare: Prepare = nothing,
) -> Memory:
    """Kill the server so many times, and start it again each time but the last."""
    permits = await many_permits(resources, town, kills * BETWEEN * 3 // 2 + 100)
    server = Server(resources.settings, prepare)
    citizens = Citizens([server.port], permits)
    with server.running():
        async with citizens.answering() as memory:
            for nth in range(kills):
                await a_random_instant(citizens, chance)
                server.kill()
                if nth + 1 < kills:
                    await asyncio.to_thread(server.start)
            citizens.go_home()
    return memory


def assert_whole(found: Findings, memory: Memory) -> None:
    assert found == Findings()
    assert set(memory.replies) <= {200, 201, 503}


async def test_killed_server_loses_nothing_and_stores_nothing_twice(
    settings: Settings,
    resources: Resources,
    town: Wave,
    chance: random.Random,
    report: Callable[[str], None],
) -> None:
    memory = await killed_under_load(resources, town, chance, kills=KILLS_OF_SERVER)
    acknowledged = len(memory.acknowledged)
    assert_whole(await examine(resources, town, memory), memory)
    with (again := Server(settings)).running():
        await try_all_again(again.port, memory)
    assert_whole(await examine(resources, town, memory), memory)
    report(f"{KILLS_OF_SERVER} kills of the server, {acknowledged} acknowledged, none lost")


async def test_killed_worker_is_replaced_and_loses_nothing(
    settings: Settings,
    resources: Resources,
    town: Wave,
    chance: random.Random,
    report: Callable[[str], None],
) -> None:
    if resources.database.is_sqlite and not LONG:
        pytest.skip("starting workers takes seconds: by `make faults`")
    permits = await many_permits(resources, town, KILLS_OF_WORKER * BETWEEN * 3 // 2 + 500)
    server = Server(settings, workers=2, as_command=True)
    citizens = Citizens([server.port], permits)
    with server.running():
        async with citizens.answering() as memory:
            for _ in range(KILLS_OF_WORKER):
                await a_random_instant(citizens, chance)
                os.kill(chance.choice(server.worker_pids()), signal.SIGKILL)
        acknowledged = len(memory.acknowledged)
        await until_two_serve(server)
        await try_all_again(server.port, memory)
    assert_whole(await examine(resources, town, memory), memory)
    report(f"{KILLS_OF_WORKER} kills of a worker, {acknowledged} acknowledged, none lost")


async def until_two_serve(server: Server) -> None:
    """Wait until uvicorn has put another in the place of the one killed."""
    deadline = time.monotonic() + RESPAWN_SECONDS
    while len(server.worker_pids()) < 2:
        assert time.monotonic() < deadline, server.log()
        await asyncio.sleep(0.1)


@pytest.mark.careless
class TestTheHarnessNotices:
    """SQLite is enough: it is the server that is careless, not the database."""

    @pytest.fixture
    def database_url(self, make_sqlite: Callable[[], str]) -> str:
        return make_sqlite()

    async def killed_once(
        self, resources: Resources, town: Wave, chance: random.Random, prepare: Prepare
    ) -> Findings:
        memory = await killed_under_load(resources, town, chance, kills=1, prepare=prepare)
        return await examine(resources, town, memory)

    async def test_thanks_before_the_commit(
        self, resources: Resources, town: Wave, chance: random.Random
    ) -> None:
        assert (await self.killed_once(resources, town, chance, careless.thank_first)).lost

    async def test_an_answer_stored_twice(
        self, resources: Resources, town: Wave, chance: random.Random
    ) -> None:
        assert (await self.killed_once(resources, town, chance, careless.store_twice)).double

    async def test_half_an_answer(
        self, resources: Resources, town: Wave, chance: random.Random
    ) -> None:
        assert (await self.killed_once(resources, town, chance, careless.store_half)).torn

    async def test_a_permit_spent_in_another_transaction(
        self, resources: Resources, town: Wave, chance: random.Random
    ) -> None:
        assert (await self.killed_once(resources, town, chance, careless.spend_apart)).torn
