"""The chain under many hands at once: no gap, no fork, nothing without its act."""

import asyncio

import pytest
from sqlalchemy import delete, update

from app.domain.audit.chain import Act, Entry, verify
from app.services.audit import seal_keys
from app.services.resources import Resources
from app.store import audit as store
from app.tables import audit_log

WRITERS, EACH = 12, 5


async def append(resources: Resources, actor: str, act: str = "staff.invited") -> Entry:
    async with resources.database.writing() as connection:
        done = Act(resources.now(), actor, act, "staff:x", {"role": "keyer"})
        return await store.append(connection, seal_keys(resources), done)


async def entries(resources: Resources) -> list[Entry]:
    async with resources.database.reading() as connection:
        return [one async for one in store.all_entries(connection)]


async def findings(resources: Resources) -> list[str]:
    log = await entries(resources)
    async with resources.database.reading() as connection:
        head = await store.find_head(connection)
    return [one.what for one in verify(log, head, seal_keys(resources), {})]


async def test_writers_at_once_make_one_chain(resources: Resources) -> None:
    async def write(name: str) -> None:
        for _ in range(EACH):
            await append(resources, name)

    await asyncio.gather(*(write(f"writer{n}") for n in range(WRITERS)))
    log = await entries(resources)
    assert [one.number for one in log] == list(range(1, WRITERS * EACH + 1))
    assert len({one.previous for one in log}) == len(log)
    assert await findings(resources) == []


async def test_an_act_rolled_back_leaves_neither_entry_nor_gap(resources: Resources) -> None:
    await append(resources, "first")

    async def fail() -> None:
        async with resources.database.writing() as connection:
            done = Act(resources.now(), "lost", "staff.invited", "staff:x")
            await store.append(connection, seal_keys(resources), done)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    await append(resources, "second")
    assert [one.done.actor for one in await entries(resources)] == ["first", "second"]
    assert await findings(resources) == []


async def test_rollbacks_between_writers_leave_no_gap(resources: Resources) -> None:
    async def write(n: int) -> None:
        async with resources.database.writing() as connection:
            done = Act(resources.now(), f"writer{n}", "staff.invited", "staff:x")
            await store.append(connection, seal_keys(resources), done)
            if n % 3 == 0:
                await connection.rollback()

    await asyncio.gather(*(write(n) for n in range(15)))
    assert len(await entries(resources)) == 10
    assert await findings(resources) == []


async def test_entries_read_back_as_they_were_hashed(resources: Resources) -> None:
    written = await append(resources, "李娜")
    assert await entries(resources) == [written]


async def test_a_log_of_many_pages_is_read_whole(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "ROWS_AT_ONCE", 3)
    for n in range(7):
        await append(resources, f"writer{n}")
    assert [one.number for one in await entries(resources)] == [1, 2, 3, 4, 5, 6, 7]


async def test_tampering_with_rows_is_found(resources: Resources) -> None:
    for n in range(4):
        await append(resources, f"writer{n}")
    async with resources.database.writing() as connection:
        await connection.execute(
            update(audit_log).where(audit_log.c.number == 2).values(actor="somebody else")
        )
    assert await findings(resources) == ["was altered"]
    async with resources.database.writing() as connection:
        await connection.execute(delete(audit_log).where(audit_log.c.number >= 3))
    assert "was cut off, and so was all up to entry 4" in await findings(resources)


async def test_filters_narrow_the_list_and_pages_go_backwards(resources: Resources) -> None:
    for actor, act in [("a", "staff.invited"), ("b", "wave.open"), ("a", "wave.closed")]:
        await append(resources, actor, act)

    async def numbers(**filters: object) -> list[int]:
        asked = {"actor": "", "act": "", "object_": "", "before": 100, "n": 10} | filters
        async with resources.database.reading() as connection:
            found = await store.latest_entries(connection, **asked)  # type: ignore[arg-type]
        return [one.number for one in found]

    assert await numbers() == [3, 2, 1]
    assert await numbers(actor="a") == [3, 1]
    assert await numbers(act="wave.") == [3, 2]
    assert await numbers(act="wave_") == []
    assert await numbers(object_="staff:y") == []
    assert await numbers(before=3, n=1) == [2]
