"""Invariant 2: one person, one counted response, by whichever routes they come at once."""

from collections.abc import Awaitable, Callable

import anyio
import pytest

from app.domain.deduplication.sign_in import SignIn
from app.domain.questionnaires.audience import Trust
from app.errors.answering import AlreadyTookPart
from app.services.participation import count_participation
from app.services.resources import Resources
from app.services.waves import Wave
from app.store import roll
from tests.concurrency.conftest import Crowd, OpenWave
from tests.concurrency.racy import without_unique_keys
from tests.privacy.naive import store_claims_plainly
from tests.support.doors import Doors
from tests.support.people import sign_in
from tests.support.surveys import answers

TWO_SIGN_INS, ONE_SIGN_IN, TWO_LEVELS = 600, 300, 300
"""Pairs of requests by the same person: two thousand in all."""

TOGETHER = 20
"""How many pairs are on their way at a time; more would only queue for connections."""

Route = Callable[[], Awaitable[str | None]]

ON_POSTGRESQL = pytest.mark.leaves_out("sqlite")
"""SQLite lets one writer in at a time: nothing to race for."""

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _few_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who hides among whom is not at stake here; rewriting fewer rows saves time."""
    monkeypatch.setattr(roll, "NEIGHBOURHOOD", 8)


def drawing(doors: Doors, wave: Wave, person: SignIn) -> Route:
    """Turn a sign-in into a permit, or into nothing where the person took part already."""

    async def go() -> str | None:
        try:
            return await doors.draw(wave, person)
        except AlreadyTookPart:
            return None

    return go


def answering(doors: Doors, wave: Wave, person: SignIn) -> Route:
    """The same, and then answer with it."""
    draw = drawing(doors, wave, person)

    async def go() -> str | None:
        permit = await draw()
        if permit is not None:
            await doors.answer(wave, permit, answers())
        return permit

    return go


async def race(pairs: list[tuple[Route, Route]]) -> list[set[str | None]]:
    """Let the two of each pair run against each other; give what each pair got."""
    got: list[set[str | None]] = [set() for _ in pairs]
    slots = anyio.Semaphore(TOGETHER)

    async def run(number: int, pair: tuple[Route, Route]) -> None:
        async def one(route: Route) -> None:
            got[number].add(await route())

        async with slots, anyio.create_task_group() as group:
            for route in pair:
                group.start_soon(one, route)

    async with anyio.create_task_group() as group:
        for number, pair in enumerate(pairs):
            group.start_soon(run, number, pair)
    return got


@ON_POSTGRESQL
async def test_of_two_sign_ins_of_a_person_one_draws(
    resources: Resources, doors: Doors, open_wave: OpenWave, crowd: Crowd
) -> None:
    n = crowd(TWO_SIGN_INS)
    wave = await open_wave(permits=n + TOGETHER)
    got = await race(
        [
            (
                drawing(doors, wave, sign_in(resources, wave, number)),
                drawing(doors, wave, sign_in(resources, wave, number)),
            )
            for number in range(n)
        ]
    )
    assert all(len(one) == 2 and None in one for one in got)
    assert len(set().union(*got)) == n + 1, "nobody has another's permit"
    assert (await count_participation(resources, wave)).drawn == n


@ON_POSTGRESQL
async def test_one_sign_in_twice_draws_one_permit(
    resources: Resources, doors: Doors, open_wave: OpenWave, crowd: Crowd
) -> None:
    n = crowd(ONE_SIGN_IN)
    wave = await open_wave(permits=n + TOGETHER)
    routes = [drawing(doors, wave, sign_in(resources, wave, number)) for number in range(n)]
    got = await race([(route, route) for route in routes])
    assert all(len(one) == 1 and None not in one for one in got)
    assert len(set().union(*got)) == n
    assert (await count_participation(resources, wave)).drawn == n


@ON_POSTGRESQL
@pytest.mark.everywhere
async def test_a_draw_and_an_answer_by_name_count_once(
    resources: Resources, doors: Doors, open_wave: OpenWave, crowd: Crowd
) -> None:
    n = crowd(TWO_LEVELS)
    wave = await open_wave(permits=n + TOGETHER)
    got = await race(
        [
            (
                answering(doors, wave, sign_in(resources, wave, number, Trust.VERIFIED)),
                answering(doors, wave, sign_in(resources, wave, number, Trust.CONFIDENTIAL)),
            )
            for number in range(n)
        ]
    )
    found = await count_participation(resources, wave)
    assert found.counted == n
    assert found.returned == found.counted + found.duplicate
    refused = sum(None in one for one in got)
    assert found.duplicate + refused == n, "one of the two is filed or refused"


@pytest.mark.places("postgresql")
@pytest.mark.parametrize("other", [Trust.VERIFIED, Trust.CONFIDENTIAL])
async def test_without_unique_keys_some_count_twice(
    resources: Resources,
    doors: Doors,
    open_wave: OpenWave,
    monkeypatch: pytest.MonkeyPatch,
    other: Trust,
) -> None:
    store_claims_plainly(monkeypatch)  # rewriting rows that stand twice would end in a deadlock
    wave = await open_wave(permits=500)
    await without_unique_keys(resources.database, monkeypatch)
    persons = 0
    while persons < 200:  # a race is lost now and then, not every time
        await race(
            [
                (
                    answering(doors, wave, sign_in(resources, wave, number, Trust.VERIFIED)),
                    answering(doors, wave, sign_in(resources, wave, number, other)),
                )
                for number in range(persons, persons + 20)
            ]
        )
        persons += 20
        if (await count_participation(resources, wave)).counted > persons:
            return
    pytest.fail("without unique keys nobody was counted twice: this test could not fail")
