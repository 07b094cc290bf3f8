import anyio
import pytest

from app.domain.clients.events import EventKind
from app.services.events import list_events, record_event
from app.services.resources import Resources
from app.services.waves import close_wave
from tests.support.clock import Clock
from tests.support.surveys import open_town

PUBLISHED = EventKind.RELEASE_PUBLISHED


async def record(resources: Resources, subject: str, kind: EventKind = PUBLISHED) -> int:
    async with resources.database.writing() as connection:
        return await record_event(resources, connection, kind, subject, {"scheme": subject})


async def subjects(resources: Resources, *schemes: str, since: int = 0) -> list[str]:
    found = await list_events(resources, since=since, schemes=schemes, limit=100)
    return [one.subject for one in found]


async def test_the_feed_is_replayed_from_any_number(resources: Resources, clock: Clock) -> None:
    for name in ("a", "b", "c"):
        await record(resources, name)
    first, *_ = await list_events(resources, since=0, schemes=(), limit=1)
    assert (first.sequence, first.kind, first.at) == (1, PUBLISHED, clock())
    assert await subjects(resources, since=1) == ["b", "c"]
    assert await subjects(resources, since=1) == ["b", "c"], "as often as one likes"


async def test_an_evaluation_is_news_to_readers_of_its_scheme_only(resources: Resources) -> None:
    await record(resources, "xiamen", EventKind.EVALUATION_PUBLISHED)
    await record(resources, "beijing", EventKind.EVALUATION_CORRECTED)
    await record(resources, "r1")
    assert await subjects(resources) == ["r1"]
    assert await subjects(resources, "xiamen") == ["xiamen", "r1"]


async def test_no_event_appears_before_an_earlier_one(resources: Resources) -> None:
    """Who takes the next number waits until the one before is committed."""
    order: list[str] = []

    async def second() -> None:
        await record(resources, "second")
        order.append("second")

    async with anyio.create_task_group() as group, resources.database.writing() as connection:
        await record_event(resources, connection, PUBLISHED, "first", {})
        group.start_soon(second)
        await anyio.sleep(0.2)
        order.append("first")
    assert order == ["first", "second"]
    assert await subjects(resources) == ["first", "second"]


async def test_what_is_rolled_back_leaves_no_gap(resources: Resources) -> None:
    async def give_up() -> None:
        async with resources.database.writing() as connection:
            await record_event(resources, connection, PUBLISHED, "never", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await give_up()
    assert await record(resources, "one") == 1


async def test_opening_and_closing_a_wave_is_news(resources: Resources) -> None:
    await close_wave(resources, await open_town(resources), by="li.na")
    found = await list_events(resources, since=0, schemes=(), limit=9)
    assert [(one.kind, one.subject) for one in found] == [
        (EventKind.WAVE_OPENED, "town"),
        (EventKind.WAVE_CLOSED, "town"),
    ]
