"""A clock set wrong: answers are taken on the wave's days by the server's clock, and no others.

The clock is changed under a running server: by libfaketime where it is installed, which deceives
the whole process, and by a clock of ours given to the application.
"""

import asyncio
import dataclasses
import datetime
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.domain.questionnaires.audience import DatesOfMode
from app.errors.waves import WaveClosed, WaveNotOpen
from app.services.resources import Resources
from app.services.waves import Wave
from tests.faults.audit import Findings, examine
from tests.faults.careless import keep_the_first_clock, set_clock_by
from tests.faults.citizens import Citizens, many_permits
from tests.faults.servers import Server
from tests.faults.sizes import LONG, TIMEOUT, size, times
from tests.support.clock import Clock, real_now
from tests.support.surveys import open_town

CHANGES = times(1, 10)
BETWEEN = size(20, 50)
CLOSED, NOT_OPEN = WaveClosed.status, WaveNotOpen.status
DAY = datetime.timedelta(days=1)
LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


@dataclass(frozen=True, slots=True)
class Shift:
    """A file that says how far off the server's clock is, in seconds."""

    file: Path
    noon: datetime.timedelta
    """From now to noon of the wave's only day: far enough from midnight for a slow test."""
    noticed_after: float = 0
    """Seconds."""

    def set(self, off: datetime.timedelta) -> None:
        """Change the clock of the running server."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{(self.noon + off).total_seconds():+.0f}")
        new.rename(self.file)


@pytest.fixture
def shift(tmp_path: Path) -> Shift:
    now = real_now()
    noon = now.astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=12, minute=0, second=0)
    shift = Shift(tmp_path / "shift", noon - now)
    shift.set(datetime.timedelta())
    return shift


@pytest.fixture
def clock(shift: Shift) -> Clock:
    return Clock(real_now() + shift.noon)


@pytest.fixture
def database_url(make_sqlite: Callable[[], str]) -> str:
    """SQLite alone: no clock of a database decides anything."""
    return make_sqlite()


@pytest.fixture
async def today_only(resources: Resources, clock: Clock) -> Wave:
    today = clock().astimezone(ZoneInfo("Asia/Shanghai")).date()
    return await open_town(resources, dates=DatesOfMode(opens=today, closes=today))


async def clock_changed_under_load(
    resources: Resources, wave: Wave, shift: Shift, server: Server
) -> tuple[int, int, Findings]:
    """Set the clock a day on, a day back, and right again; count answers taken when it was wrong.

    Gives that number, the number acknowledged, and what else is wrong.
    """
    permits = await many_permits(resources, wave, CHANGES * BETWEEN * 20 + 500)
    citizens = Citizens([server.port], permits)
    citizens.pause = shift.noticed_after / 30  # the permits must last
    wrong = 0
    with server.running():
        async with citizens.answering() as memory:
            for _ in range(CHANGES):
                for off in (DAY, -DAY):
                    await citizens.acknowledged(more=BETWEEN)
                    shift.set(off)
                    await asyncio.sleep(shift.noticed_after)
                    changed = time.monotonic()
                    await citizens.told(201, CLOSED, NOT_OPEN, more=BETWEEN)
                    wrong += sum(began > changed for began, _ended in memory.taken)
                    shift.set(datetime.timedelta())
    assert set(memory.replies) <= {201, CLOSED, NOT_OPEN}
    return wrong, len(memory.acknowledged), await examine(resources, wave, memory)


async def a_day_off(
    resources: Resources, wave: Wave, shift: Shift, server: Server, report: Callable[[str], None]
) -> None:
    wrong, acknowledged, found = await clock_changed_under_load(resources, wave, shift, server)
    assert wrong == 0
    assert found == Findings()
    report(f"{2 * CHANGES} times a day off, {acknowledged} acknowledged, none on a wrong day")


async def test_a_clock_set_wrong_takes_no_answer_on_another_day(
    resources: Resources, today_only: Wave, shift: Shift, report: Callable[[str], None]
) -> None:
    server = Server(resources.settings, functools.partial(set_clock_by, shift.file))
    await a_day_off(resources, today_only, shift, server, report)


@pytest.mark.skipif(not LONG, reason="slow, and the same as above: by `make faults`")
@pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed")
async def test_a_machine_with_the_wrong_time_takes_no_answer_on_another_day(
    resources: Resources, today_only: Wave, shift: Shift, report: Callable[[str], None]
) -> None:
    deceit = {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(shift.file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    server = Server(resources.settings, as_command=True, more_environment=deceit)
    late = dataclasses.replace(shift, noticed_after=2.5)  # it looks at most once a second
    await a_day_off(resources, today_only, late, server, report)


async def test_a_clock_that_stands_still_is_noticed(
    resources: Resources, today_only: Wave, shift: Shift
) -> None:
    server = Server(resources.settings, keep_the_first_clock)
    wrong, _acknowledged, _found = await clock_changed_under_load(
        resources, today_only, shift, server
    )
    assert wrong > 0
