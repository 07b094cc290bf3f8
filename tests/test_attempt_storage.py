"""Counting tries takes bounded memory, and what counts longest is forgotten last."""

import pytest
from limits import RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from app import attempt_storage
from app.attempt_storage import BoundedStorage

MINUTE, DAY = RateLimitItemPerMinute(3), RateLimitItemPerDay(2)


class Time:
    """The time as the storage sees it; the library's own reading of it is the real one."""

    def __init__(self, now: float) -> None:
        self.now = now

    def time(self) -> float:
        return self.now


async def test_tries_are_counted_as_the_library_does() -> None:
    limiter = SlidingWindowCounterRateLimiter(BoundedStorage())
    assert [await limiter.hit(MINUTE, "a") for _ in range(5)] == [True] * 3 + [False] * 2
    assert await limiter.hit(MINUTE, "b")
    assert not await limiter.test(MINUTE, "a")


async def test_a_flood_of_senders_takes_no_more_than_its_room() -> None:
    storage = BoundedStorage(most_keys=100)
    limiter = SlidingWindowCounterRateLimiter(storage)
    for _ in range(2):
        await limiter.hit(DAY, "a person")
    for number in range(5000):
        await limiter.hit(MINUTE, str(number))
    assert len(storage.storage) <= len(storage._over_at) <= 100
    assert len(storage.expirations) <= 100
    assert len(storage.locks) == 0
    assert not await limiter.hit(DAY, "a person"), "the tries of a day are not washed away"


async def test_what_is_over_is_forgotten_without_being_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Time(1_000.0)
    monkeypatch.setattr(attempt_storage, "time", clock)
    monkeypatch.setattr("limits.aio.storage.memory.time", clock)
    storage = BoundedStorage()
    await storage.incr("old", 60)
    clock.now += 61
    await storage.incr("new", 60)
    assert set(storage.storage) == {"new"}
    assert await storage.incr("old", 60) == 1
