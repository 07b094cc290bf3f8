"""How many tries are too many. One process counts; the counters hold keyed hashes only."""

import pytest

from app import security
from app.errors.requests import TooManyAttempts
from app.security import FailedAttempts

LI, WANG = "11", "22"


async def tries(attempts: FailedAttempts, kind: str, n: int, **who: str) -> int:
    """Try n times; gives how many were let through."""
    through = 0
    for _ in range(n):
        try:
            await attempts.take(kind, **who)
            through += 1
        except TooManyAttempts:
            pass
    return through


async def test_codes_are_counted_by_person_whoever_asks() -> None:
    attempts = FailedAttempts()
    sent = [
        await tries(attempts, "phone-code-sent", 2, sender=sender, person=LI)
        for sender in ("home", "office", "café")
    ]
    assert sent == [2, 1, 0]
    assert await tries(attempts, "phone-code-sent", 1, sender="home", person=WANG) == 1


async def test_sending_and_trying_are_counted_apart() -> None:
    attempts = FailedAttempts()
    assert await tries(attempts, "phone-code-sent", 9, sender="home", person=LI) == 3
    assert await tries(attempts, "phone-code-tried", 9, sender="home", person=LI) == 5


async def test_one_sender_may_not_flood_many_phones() -> None:
    attempts = FailedAttempts()
    sent = [
        await tries(attempts, "phone-code-sent", 1, sender="home", person=f"{n}") for n in range(70)
    ]
    assert sum(sent) == 60
    assert await tries(attempts, "phone-code-sent", 1, sender="office", person="69") == 1


async def test_twenty_failures_a_minute_shut_the_door_for_their_sender_only() -> None:
    attempts = FailedAttempts()
    for _ in range(20):
        await attempts.require_few("identity", "home")
        await attempts.note("identity", "home")
    with pytest.raises(TooManyAttempts):
        await attempts.require_few("identity", "home")
    await attempts.require_few("identity", "office")
    await attempts.require_few("permit", "home")


async def test_who_failed_is_forgotten_once_no_window_counts_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else an attacker with many addresses would fill the memory."""
    attempts, now = FailedAttempts(), 0.0
    monkeypatch.setattr(security.time, "monotonic", lambda: now)
    for n in range(100):
        await attempts.note("permit", f"sender {n}")
        now += 10
    assert len(attempts._suspects) == 120 / 10 + 1
