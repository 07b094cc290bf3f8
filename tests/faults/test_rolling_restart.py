"""Servers are replaced one after the other while citizens answer: nobody notices.

Citizens go from server to server as a proxy with two of them behind it would: to the next where
one does not listen, or has closed an idle connection.
"""

import asyncio
from collections.abc import Callable

import pytest

from app.services.resources import Resources
from app.services.waves import Wave
from app.settings import Settings
from tests.faults.audit import Findings, examine
from tests.faults.careless import end_at_once
from tests.faults.citizens import Citizens, Memory, many_permits
from tests.faults.servers import Prepare, Server, nothing
from tests.faults.sizes import TIMEOUT, size, times

ROUNDS = times(1, 25)
"""So many times each of the two is restarted."""
BETWEEN = size(30, 100)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


async def restarted_under_load(
    settings: Settings,
    resources: Resources,
    town: Wave,
    *,
    rounds: int = 1,
    prepare: Prepare = nothing,
) -> Memory:
    """Restart one server after the other."""
    permits = await many_permits(resources, town, rounds * (BETWEEN * 4 + 1000) + 500)
    one, other = Server(settings, prepare), Server(settings, prepare)
    citizens = Citizens([one.port, other.port], permits)
    with one.running(), other.running():
        async with citizens.answering() as memory:
            for _ in range(rounds):
                for server in (one, other):
                    await citizens.acknowledged(more=BETWEEN)
                    server.terminate()
                    await asyncio.to_thread(server.wait)
                    await citizens.acknowledged(more=BETWEEN)
                    citizens.pause = 0.5  # the permits must last, however long a start takes
                    await asyncio.to_thread(server.start)
                    citizens.pause = 0
        return memory


async def test_rolling_restart_finishes_what_was_accepted(
    settings: Settings, resources: Resources, town: Wave, report: Callable[[str], None]
) -> None:
    memory = await restarted_under_load(settings, resources, town, rounds=ROUNDS)
    assert set(memory.replies) == {201}
    assert memory.finished_unanswered == 0
    assert not [how for how in memory.broken if how.startswith(("Half", "Timeout"))]
    assert await examine(resources, town, memory) == Findings()
    report(f"{2 * ROUNDS} restarts, {len(memory.acknowledged)} acknowledged, all answered")


class TestTheHarnessNotices:
    """SQLite is enough."""

    @pytest.fixture
    def database_url(self, make_sqlite: Callable[[], str]) -> str:
        return make_sqlite()

    async def test_requests_left_without_a_reply(
        self, settings: Settings, resources: Resources, town: Wave
    ) -> None:
        memory = await restarted_under_load(settings, resources, town, prepare=end_at_once)
        assert memory.finished_unanswered or any(
            not how.startswith("Unsent") and not how.endswith("line") for how in memory.broken
        )
