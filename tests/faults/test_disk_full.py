"""A full disk: «later», nothing half-stored, and everything as before once there is space."""

import asyncio
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.services.resources import open_resources
from tests.faults.audit import Findings, examine
from tests.faults.careless import thank_first
from tests.faults.citizens import Citizens, Memory, many_permits
from tests.faults.databases import InFolder, settings_of
from tests.faults.disks import MEGABYTE, need_mounts, small_disk
from tests.faults.servers import Prepare, Server, nothing
from tests.faults.sizes import TIMEOUT, size, times
from tests.support.postgres import temporary_folder
from tests.support.servers import around_now
from tests.support.surveys import open_town

TIMES = times(1, 20)
BETWEEN = size(30, 200)
REPLIES = size(40, 300)
"""So many times citizens are told the same before there is space again."""
RESUMES_WITHIN = 10

Make = Callable[[Path], InFolder]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(TIMEOUT)]


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Fill the disk to the last byte, as a neighbour on the same machine might."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for portion in (MEGABYTE, 4096, 1):
            try:
                while file.write(bytes(portion)) == portion:
                    pass
            except OSError:
                continue
    yield
    ballast.unlink()


@contextmanager
def no_file_may_grow(server: Server) -> Iterator[None]:
    """Let every write beyond the first page of a file fail, where mounting is not allowed."""
    before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)


async def full_under_load(
    folder: Path,
    database: InFolder,
    *,
    limit: bool = False,
    prepare: Prepare = nothing,
    told: int = 503,
    times: int = TIMES,
) -> tuple[Memory, Findings]:
    """Let the space run out and return so many times; then look at everything.

    Without space it is waited until citizens have been told `told` some times.
    """
    database.make()
    with database.running():
        resources = open_resources(settings_of(database))
        town = await open_town(resources, dates=around_now())
        permits = await many_permits(resources, town, times * BETWEEN * 4 + 2000)
        server = Server(settings_of(database), prepare)
        citizens = Citizens([server.port], permits)
        with server.running():
            async with citizens.answering() as memory:
                for _ in range(times):
                    await citizens.acknowledged(more=BETWEEN)
                    with no_file_may_grow(server) if limit else full_disk(folder):
                        await citizens.told(told, more=REPLIES)
                        await asyncio.sleep(0.3)  # longer than a careless server puts things off
                    await asyncio.to_thread(database.start_if_down)
                    await citizens.acknowledged(more=BETWEEN, within=RESUMES_WITHIN)
        found = await examine(resources, town, memory)
        await resources.close()
        database.check()
    return memory, found


def assert_clean(memory: Memory, found: Findings) -> None:
    assert found == Findings()
    assert set(memory.replies) <= {200, 201, 503}
    assert not memory.broken


async def test_full_disk_under_sqlite(sqlite_in: Make, report: Callable[[str], None]) -> None:
    need_mounts()
    with temporary_folder() as folder, small_disk(folder / "disk", size(8, 64)) as disk:
        memory, found = await full_under_load(disk, sqlite_in(disk))
    assert_clean(memory, found)
    report(f"{TIMES} times full, {len(memory.acknowledged)} acknowledged, none lost")


async def test_files_that_may_not_grow_under_sqlite(tmp_path: Path, sqlite_in: Make) -> None:
    memory, found = await full_under_load(tmp_path, sqlite_in(tmp_path), limit=True)
    assert_clean(memory, found)


async def test_full_disk_under_postgresql(
    postgresql_in: Make, report: Callable[[str], None]
) -> None:
    need_mounts()
    with temporary_folder() as folder, small_disk(folder / "disk", size(96, 160)) as disk:
        memory, found = await full_under_load(disk, postgresql_in(disk))
    assert_clean(memory, found)
    report(f"{TIMES} times full, {len(memory.acknowledged)} acknowledged, none lost")


async def test_thanks_before_there_was_space_are_noticed(tmp_path: Path, sqlite_in: Make) -> None:
    _memory, found = await full_under_load(
        tmp_path, sqlite_in(tmp_path), limit=True, prepare=thank_first, told=201, times=1
    )
    assert found.lost
