"""Invariant 1: acknowledged = durable, also when the power goes."""

import asyncio
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from app.errors.operations import StorageUnavailable
from app.services.resources import open_resources
from app.services.waves import find_wave
from tests.faults.audit import Findings, examine
from tests.faults.careless import do_not_sync
from tests.faults.citizens import Citizens, Memory, many_permits
from tests.faults.databases import InFolder, settings_of
from tests.faults.disks import disk_that_can_lose_power, mounted, need_mounts
from tests.faults.servers import Prepare, Server, nothing
from tests.faults.sizes import LONG, TIMEOUT, size, times
from tests.support.postgres import temporary_folder
from tests.support.servers import around_now
from tests.support.surveys import open_town

CUTS = times(2, 25)
BETWEEN = size(40, 200)
"""Acknowledged answers between two power cuts, on average."""

Make = Callable[[Path], InFolder]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


@dataclass
class Cut:
    """The disk after a power cut, and what had been acknowledged before."""

    image: Path
    acknowledged: dict[str, str]


@dataclass
class Campaign:
    """What the citizens remember, and the power cuts meanwhile."""

    memory: Memory
    cuts: list[Cut]


async def power_cuts_under_load(
    folder: Path, make: Make, chance: random.Random, prepare: Prepare = nothing, n_cuts: int = 1
) -> Campaign:
    """Copy the disk at random instants while answers come in."""
    cuts: list[Cut] = []
    with ExitStack() as stack:
        disk = stack.enter_context(disk_that_can_lose_power(folder, 160))
        database = make(disk.folder)
        database.make()
        stack.enter_context(database.running())
        resources = open_resources(settings_of(database))
        town = await open_town(resources, dates=around_now())
        permits = await many_permits(resources, town, n_cuts * BETWEEN * 3 // 2 + 100)
        await resources.close()
        disk.sync()
        server = stack.enter_context(Server(settings_of(database), prepare).running())
        citizens = Citizens([server.port], permits)
        async with citizens.answering() as memory:
            for nth in range(n_cuts):
                await citizens.acknowledged(more=chance.randint(BETWEEN // 2, BETWEEN * 3 // 2))
                await asyncio.sleep(chance.uniform(0, 0.02))
                cuts.append(Cut(folder / f"cut-{nth}", dict(memory.acknowledged)))
                await asyncio.to_thread(disk.copy_as_after_a_power_cut, cuts[-1].image)
    return Campaign(memory, cuts)


async def found_after(folder: Path, make: Make, campaign: Campaign, cut: Cut) -> Findings:
    """Switch the power on again: mount, recover, check, compare."""
    with mounted(cut.image, folder / "again") as disk:
        database = make(disk)
        with database.running():
            database.check()
            resources = open_resources(settings_of(database))
            town = await find_wave(resources, "town")
            known = replace(campaign.memory, acknowledged=cut.acknowledged)
            found = await examine(resources, town, known)
            await resources.close()
    return found


@pytest.mark.parametrize("make", ["sqlite_in", "postgresql_in"])
async def test_power_cut_loses_nothing_acknowledged(
    request: pytest.FixtureRequest,
    make: str,
    chance: random.Random,
    report: Callable[[str], None],
) -> None:
    need_mounts()
    database: Make = request.getfixturevalue(make)
    with temporary_folder() as folder:
        campaign = await power_cuts_under_load(folder, database, chance, n_cuts=CUTS)
        for cut in campaign.cuts:
            assert await found_after(folder, database, campaign, cut) == Findings()
    acknowledged = len(campaign.cuts[-1].acknowledged)
    report(f"{CUTS} power cuts, {acknowledged} acknowledged, none lost")


async def test_commits_that_sqlite_does_not_sync_are_lost(
    chance: random.Random, sqlite_in: Make
) -> None:
    need_mounts()
    with temporary_folder() as folder:
        campaign = await power_cuts_under_load(folder, sqlite_in, chance, do_not_sync)
        assert await loses(folder, sqlite_in, campaign)


@pytest.mark.skipif(not LONG, reason="as with SQLite: by `make faults`")
async def test_commits_that_postgresql_does_not_sync_are_lost(
    chance: random.Random, postgresql_in: Callable[..., InFolder]
) -> None:
    def make(folder: Path) -> InFolder:
        return postgresql_in(folder, "-c", "fsync=off")

    need_mounts()
    with temporary_folder() as folder:
        campaign = await power_cuts_under_load(folder, make, chance)
        assert await loses(folder, make, campaign)


async def loses(folder: Path, make: Make, campaign: Campaign) -> bool:
    """Say whether an answer is missing after the first cut, or the database is broken."""
    try:
        return bool((await found_after(folder, make, campaign, campaign.cuts[0])).lost)
    except (AssertionError, CalledProcessError, RuntimeError, StorageUnavailable):
        return True
