"""What the memory of waves and of participation saves, and what it never does: let an answer in
after a close, or have anybody decide by figures that are a second old."""

import asyncio
import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import event

from app.errors.operations import StorageUnavailable
from app.errors.waves import WaveClosed, WaveNotFound
from app.rendering import STATIC_FILES
from app.services.participation import count_participation, look_at_participation
from app.services.participation_cache import ParticipationCache
from app.services.permits import issue_open_permit
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.shared_look import GOOD_FOR_SECONDS
from app.services.wave_cache import WaveCache, Waves
from app.services.waves import close_wave, find_wave, open_wave, pause_wave
from app.store.database import Database
from tests.support.surveys import answers, open_town

LOOKS = (
    "/",
    "/w/town",
    "/w/town/d/D01",
    "/w/town/kiosk",
    "/api/v1/waves",
    "/api/v1/waves/town",
    "/api/v1/waves/town/participation",
    "/privacy",
    "/healthz",
    STATIC_FILES["minyi.css"].address,
)
"""What 100,000 waiting citizens and programs look at."""


class Timer:
    """A clock that only moves when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def resources(resources: Resources, timer: Timer) -> Resources:
    return dataclasses.replace(
        resources, waves=WaveCache(timer), participation=ParticipationCache(timer)
    )


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """List what is sent to the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def test_looks_within_the_second_do_not_touch_the_database(
    client: httpx.AsyncClient, resources: Resources, timer: Timer
) -> None:
    await open_town(resources)
    for address in LOOKS:
        assert (await client.get(address)).status_code == 200
    with statements(resources.database) as seen:
        for address in LOOKS:
            await client.get(address)
        for n in range(50):
            assert (await client.get(f"/w/no-such-wave-{n}")).status_code == 404
        assert seen == []
        timer.now += GOOD_FOR_SECONDS
        await asyncio.gather(*(client.get("/w/town") for _ in range(20)))
        assert sum("FROM waves" in one for one in seen) == 1, "all share one look"


async def test_a_change_is_seen_at_once_where_it_is_made(resources: Resources) -> None:
    with pytest.raises(WaveNotFound):
        await find_wave(resources, "town")
    wave = await open_town(resources)
    assert (await find_wave(resources, "town")).state == "open"
    wave = await pause_wave(resources, wave, by="tester", reason="x")
    assert (await find_wave(resources, "town")).state == "paused"
    await open_wave(resources, wave, by="tester")
    assert (await find_wave(resources, "town")).state == "open"


async def test_who_watches_participation_sees_an_answer_within_the_second(
    resources: Resources, timer: Timer
) -> None:
    wave = await open_town(resources)
    assert (await look_at_participation(resources, wave)).returned == 0
    permit = await issue_open_permit(resources, wave, respondent_class="residents", device="d")
    await accept_response(resources, wave, permit, answers())
    assert (await look_at_participation(resources, wave)).returned == 0
    assert (await count_participation(resources, wave)).returned == 1, "who decides counts anew"
    timer.now += GOOD_FOR_SECONDS
    assert (await look_at_participation(resources, wave)).returned == 1


async def test_each_wave_has_its_own_participation(resources: Resources) -> None:
    town = await open_town(resources)
    village = await open_town(resources, code="village")
    permit = await issue_open_permit(resources, town, respondent_class="residents", device="d")
    await accept_response(resources, town, permit, answers())
    found = [await look_at_participation(resources, one) for one in (town, village)]
    assert [one.returned for one in found] == [1, 0]


async def test_another_process_sees_a_change_within_the_second(
    resources: Resources, timer: Timer
) -> None:
    wave = await open_town(resources)
    other = dataclasses.replace(resources, waves=WaveCache(timer))
    assert (await find_wave(other, "town")).state == "open"
    await pause_wave(resources, wave, by="tester", reason="x")
    timer.now += GOOD_FOR_SECONDS
    assert (await find_wave(other, "town")).state == "paused"


async def test_no_answer_is_stored_on_the_word_of_a_stale_memory(
    resources: Resources, timer: Timer
) -> None:
    wave = await open_town(resources)
    other = dataclasses.replace(resources, waves=WaveCache(timer))
    stale = await find_wave(other, "town")
    permit = await issue_open_permit(other, stale, respondent_class="residents", device="d")
    await close_wave(resources, wave, by="tester")
    assert (await find_wave(other, "town")).state == "open", "it does not know yet"
    with pytest.raises(WaveClosed):
        await accept_response(other, stale, permit, answers())


async def test_what_was_read_before_a_change_is_not_remembered_after_it(timer: Timer) -> None:
    cache = WaveCache(timer)
    change, reads = asyncio.Event(), 0

    async def slowly() -> Waves:
        nonlocal reads
        reads += 1
        await change.wait()
        return {}

    early = asyncio.create_task(cache.get(slowly))
    await asyncio.sleep(0)
    cache.forget()
    late = asyncio.create_task(cache.get(slowly))
    await asyncio.sleep(0)
    change.set()
    await asyncio.gather(early, late)
    assert reads == 2


async def test_a_failure_is_not_remembered(timer: Timer) -> None:
    cache = WaveCache(timer)

    async def fail() -> Waves:
        raise StorageUnavailable

    async def read() -> Waves:
        return {}

    found = await asyncio.gather(cache.get(fail), cache.get(fail), return_exceptions=True)
    assert [type(one) for one in found] == [StorageUnavailable] * 2
    assert await cache.get(read) == {}


async def test_who_goes_away_takes_nobody_along(timer: Timer) -> None:
    cache = WaveCache(timer)
    go = asyncio.Event()

    async def slowly() -> Waves:
        await go.wait()
        return {}

    first = asyncio.create_task(cache.get(slowly))
    second = asyncio.create_task(cache.get(slowly))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert await second == {}
