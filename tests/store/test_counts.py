"""Counters in slots: the sum over the slots is always the number of rows."""

import asyncio
import datetime

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Table, event, func, select, text

from app.services.participation import count_participation
from app.services.permits import Recipient, issue_open_permit, mint_invitations
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import close_wave
from app.store import counts
from app.store.database import Database
from app.store.schema import alembic_config
from app.tables import metadata, permit_counts, response_counts, roll_counts
from tests.conftest import require_right_counts
from tests.support.surveys import answers, open_town

DAY = datetime.date(2026, 11, 10)
WEB = ("web", "open", "residents", "counted", DAY)
KIOSK = ("kiosk", "open", "residents", "counted", DAY)


@pytest.fixture
def store(resources: Resources) -> Database:
    return resources.database


async def slots(store: Database, counter: Table) -> int:
    async with store.reading() as connection:
        query = select(func.count(counter.c.slot.distinct()))
        return (await connection.execute(query)).scalar_one()


async def add(store: Database, changes: counts.Changes) -> None:
    async with store.writing() as connection:
        await counts.add(connection, response_counts, 1, changes)


async def clear(store: Database) -> None:
    """These tests count what is not there."""
    async with store.writing() as connection:
        await connection.execute(text("DELETE FROM response_counts"))


async def test_many_add_at_once_and_nothing_is_lost(store: Database) -> None:
    await asyncio.gather(*(add(store, {WEB: 2, KIOSK: -1 if n % 2 else 1}) for n in range(40)))
    async with store.reading() as connection:
        assert await counts.read(connection, response_counts, 1) == {WEB: 80}
    assert await slots(store, response_counts) > 5, "they went to slots of their own"
    await clear(store)


async def test_a_wave_s_slots_can_be_put_into_one(store: Database) -> None:
    for n in range(10):
        await add(store, {WEB: n, KIOSK: -n})
    async with store.writing() as connection:
        before = await counts.read(connection, response_counts, 1)
        await counts.collapse(connection, response_counts, 1)
        assert await counts.read(connection, response_counts, 1) == before
    assert before == {WEB: 45, KIOSK: -45}
    assert await slots(store, response_counts) == 1
    await clear(store)


async def test_a_count_that_is_wrong_is_found(resources: Resources, store: Database) -> None:
    wave = await open_town(resources)
    assert wave.id == 1
    await add(store, {WEB: 3})
    async with store.reading() as connection:
        found = await counts.differences(connection, wave.id)
    assert found == [counts.Difference("responses", WEB, counted=3, found=0)]
    with pytest.raises(AssertionError):
        await require_right_counts(resources)
    await clear(store)


async def test_asking_who_took_part_reads_no_response_permit_or_person(
    resources: Resources,
) -> None:
    wave = await open_town(resources)
    permit = await issue_open_permit(resources, wave, respondent_class="residents")
    await accept_response(resources, wave, permit, answers())
    asked: list[str] = []

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:  # type: ignore[no-untyped-def]
        asked.append(statement)

    engine = resources.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    assert (await count_participation(resources, wave)).counted == 1
    event.remove(engine, "before_cursor_execute", note)
    read = {table.name for table in metadata.sorted_tables if f"FROM {table.name} " in _flat(asked)}
    assert read == {"response_counts", "permit_counts", "roll_counts"}


def _flat(statements: list[str]) -> str:
    return " ".join(" ".join(statements).split()) + " "


async def test_after_the_close_no_slot_has_its_own_last_writer(resources: Resources) -> None:
    wave = await open_town(resources)
    for _ in range(12):
        permit = await issue_open_permit(resources, wave, respondent_class="residents")
        await accept_response(resources, wave, permit, answers())
    assert await slots(resources.database, response_counts) > 1
    await close_wave(resources, wave, by="tester")
    for counter in (response_counts, permit_counts, roll_counts):
        assert await slots(resources.database, counter) <= 1
    assert (await count_participation(resources, wave)).counted == 12


async def test_the_migration_counts_what_is_there(resources: Resources) -> None:
    wave = await open_town(resources)
    letters = await mint_invitations(
        resources, wave, recipients=[Recipient("residents")] * 3, batch="b"
    )
    await accept_response(resources, wave, letters[0].permit, answers())
    before = await count_participation(resources, wave)
    config = alembic_config(resources.settings.database_url)
    earlier = ScriptDirectory.from_config(config).get_revision("20261122_counts").down_revision
    await resources.database.dispose()
    await asyncio.to_thread(command.downgrade, config, str(earlier))
    await asyncio.to_thread(command.upgrade, config, "head")
    assert await count_participation(resources, wave) == before
    assert before.returned == 1
