"""Whom a process takes on: by what is ahead and how fast it goes, never more than it may."""

import asyncio

import pytest

from app import load
from app.load import AT_ONCE, MOST_SECONDS, STARTS_A_TURN, Load

PLENTY = 10_000
TURNS = AT_ONCE // STARTS_A_TURN + 1


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Shop:
    """A load with a clock that stands still until told."""

    def __init__(self, most: int = PLENTY) -> None:
        self.clock = Clock()
        self.load = Load(most, self.clock)
        self.inside: list[int] = []

    async def take(self, n: int) -> list[asyncio.Task[int]]:
        tasks = [asyncio.create_task(self._come()) for _ in range(n)]
        for _ in range(TURNS):
            await asyncio.sleep(0)
        return tasks

    async def _come(self) -> int:
        ticket = await self.load.enter()
        self.inside.append(ticket)
        return ticket

    async def serve(self, n: int, seconds_each: float) -> None:
        """Answer the first n, one after the other, each followed by a new one."""
        for _ in range(n):
            self.clock.now += seconds_each
            self.load.leave(self.inside.pop(0))
            await self.take(1)


async def test_further_ones_wait_and_get_their_turn_in_order() -> None:
    shop = Shop()
    tasks = await shop.take(AT_ONCE + 3)
    assert (len(shop.inside), shop.load.waiting, shop.load.inside) == (AT_ONCE, 3, AT_ONCE + 3)
    for ticket in (7, 3, 3):
        shop.load.leave(ticket)
    await asyncio.sleep(0)
    assert shop.inside[AT_ONCE:] == [AT_ONCE + 1, AT_ONCE + 2]
    assert (shop.load.waiting, shop.load.inside) == (1, AT_ONCE + 1)
    shop.load.leave(1)
    await asyncio.gather(*tasks)


async def test_few_begin_in_each_turn_of_the_event_loop() -> None:
    shop = Shop()
    tasks = [asyncio.create_task(shop.load.enter()) for _ in range(AT_ONCE)]
    await asyncio.sleep(0)
    assert shop.load.waiting == AT_ONCE - STARTS_A_TURN
    await asyncio.gather(*tasks)
    assert shop.load.waiting == 0


@pytest.mark.parametrize(("seconds_each", "taken"), [(0.001, True), (0.004, False)])
async def test_a_thousand_are_taken_on_if_they_are_served_soon(
    seconds_each: float, *, taken: bool
) -> None:
    shop = Shop()
    tasks = await shop.take(1000)
    await shop.serve(3000, seconds_each)
    assert shop.load.can_take(share=1) is taken
    assert MOST_SECONDS / 0.004 < 1000 < MOST_SECONDS / 0.001
    _cancel(tasks)


async def test_the_pace_is_learnt_too_where_each_is_served_as_soon_as_it_begins() -> None:
    shop = Shop()
    tasks = await shop.take(500)
    for _ in range(4):
        shop.clock.now += 1
        for ticket in shop.inside:
            shop.load.leave(ticket)
        shop.inside.clear()
        await shop.take(8)
    assert not shop.load.can_take(share=1)
    _cancel(tasks)


async def test_looking_is_refused_before_sending() -> None:
    shop = Shop()
    tasks = await shop.take(600)
    await shop.serve(2000, 0.002)
    assert shop.load.can_take(share=1)
    assert not shop.load.can_take(share=0.5)
    _cancel(tasks)


async def test_whoever_finds_a_place_is_taken_on_however_slow_it_goes() -> None:
    shop = Shop()
    tasks = await shop.take(AT_ONCE)
    await shop.serve(50, 1.0)
    assert not shop.load.can_take(share=1)
    shop.load.leave(shop.inside.pop())
    assert shop.load.can_take(share=0.5)
    _cancel(tasks)


async def test_nobody_is_kept_waiting_where_nothing_moves() -> None:
    shop = Shop()
    tasks = await shop.take(AT_ONCE + 200)
    assert shop.load.can_take(share=1)
    shop.clock.now += 10
    assert not shop.load.can_take(share=1)
    _cancel(tasks)


async def test_a_burst_within_one_turn_is_judged_by_all_who_came() -> None:
    shop = Shop()
    taken = 0
    tasks = []
    while shop.load.can_take(share=1) and taken < PLENTY:
        tasks.append(asyncio.create_task(shop.load.enter()))
        taken += 1
        if taken % 100 == 0:
            await asyncio.sleep(0)
    assert AT_ONCE < taken <= 2 * MOST_SECONDS / 0.002
    _cancel(tasks)


async def test_an_old_crowd_does_not_shut_a_server_that_is_fast_again() -> None:
    shop = Shop()
    tasks = await shop.take(200)
    await shop.serve(200, 0.1)
    assert not shop.load.can_take(share=1)
    await shop.serve(5000, 0.001)
    assert shop.load.can_take(share=1)
    _cancel(tasks)


async def test_there_is_a_limit_whatever_the_pace() -> None:
    shop = Shop(most=10)
    tasks = await shop.take(5)
    assert shop.load.can_take(share=1)
    assert not shop.load.can_take(share=0.5)
    tasks += await shop.take(5)
    assert not shop.load.can_take(share=1)
    _cancel(tasks)


async def test_who_waits_for_somebody_else_gives_the_place_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(load, "PATIENCE", 0.01)
    shop = Shop()
    tasks = await shop.take(AT_ONCE + 10)
    shop.clock.now += 1
    await asyncio.wait_for(asyncio.gather(*tasks), 5)
    assert (shop.load.waiting, shop.load.inside) == (0, AT_ONCE + 10)


async def test_who_gives_up_waiting_leaves_no_trace() -> None:
    shop = Shop()
    tasks = await shop.take(AT_ONCE + 2)
    tasks[-2].cancel()
    await asyncio.sleep(0)
    assert shop.load.inside == AT_ONCE + 1
    shop.load.leave(1)
    await asyncio.wait_for(tasks[-1], 5)
    assert shop.load.inside == AT_ONCE


def _cancel(tasks: list[asyncio.Task[int]]) -> None:
    for task in tasks:
        task.cancel()
