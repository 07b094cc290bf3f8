"""Closing against whatever is on its way: what close has returned over, nothing is added to."""

from collections import Counter

import anyio
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app import tables
from app.errors import MinyiError
from app.errors.waves import WaveClosed
from app.services import responses
from app.services.participation import count_participation
from app.services.permits import issue_open_permit
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import Wave, close_wave
from app.store.waves import WaveRecord, list_waves
from tests.concurrency.conftest import OpenWave
from tests.support.doors import Doors
from tests.support.people import sign_in
from tests.support.surveys import answers

CITIZENS = 60


class Rush:
    """Citizens who answer, draw and save drafts while the wave is being closed."""

    def __init__(self, resources: Resources, doors: Doors, wave: Wave) -> None:
        self.resources = resources
        self.doors = doors
        self.wave = wave
        self.answered: Counter[str] = Counter()

    async def close_in_the_middle(self, permits: list[str], after: int) -> None:
        async with anyio.create_task_group() as group:
            for number, permit in enumerate(permits):
                group.start_soon(self._answer, permit)
                group.start_soon(self._draw, number)
                group.start_soon(self._draft, permit)
                if number == after:
                    group.start_soon(self._close)

    async def _close(self) -> None:
        await close_wave(self.resources, self.wave, by="tester")
        self.at_close = await self.rows()

    async def _answer(self, permit: str) -> None:
        try:
            await self.doors.answer(self.wave, permit, answers())
            self.answered["stored"] += 1
        except WaveClosed:
            self.answered["refused"] += 1

    async def _draw(self, number: int) -> None:
        try:
            person = sign_in(self.resources, self.wave, number)
            await self.doors.draw(self.wave, person)
        except WaveClosed:
            return

    async def _draft(self, permit: str) -> None:
        try:
            await self.doors.save(self.wave, permit)
        except MinyiError:
            return

    async def rows(self) -> dict[str, int]:
        async with self.resources.database.reading() as connection:
            return {
                table.name: (
                    await connection.scalar(
                        select(func.count()).where(table.c.wave_id == self.wave.id)
                    )
                )
                or 0
                for table in (tables.responses, tables.roll, tables.drafts, tables.pool)
            }


@pytest.mark.slow
@pytest.mark.everywhere
@pytest.mark.parametrize("after", [5, 30])
async def test_nothing_is_stored_once_close_has_returned(
    resources: Resources, doors: Doors, open_wave: OpenWave, after: int
) -> None:
    wave = await open_wave(permits=CITIZENS)
    permits = [
        await issue_open_permit(resources, wave, respondent_class="residents")
        for _ in range(CITIZENS)
    ]
    rush = Rush(resources, doors, wave)
    await rush.close_in_the_middle(permits, after)
    assert await rush.rows() == rush.at_close
    assert (rush.at_close["drafts"], rush.at_close["pool"]) == (0, 0)
    found = await count_participation(resources, wave)
    assert found.returned == found.counted == rush.answered["stored"] == rush.at_close["responses"]
    assert rush.answered.total() == CITIZENS


class TestWithoutHoldingTheState:
    """On PostgreSQL, for SQLite lets one writer in at a time."""

    @pytest.mark.places("postgresql")
    async def test_an_answer_comes_in_after_the_close(
        self, resources: Resources, open_wave: OpenWave, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed = anyio.Event()

        async def read_only(connection: AsyncConnection, wave_id: int) -> WaveRecord:
            [found] = [one for one in await list_waves(connection) if one.id == wave_id]
            await closed.wait()
            return found

        monkeypatch.setattr(responses, "hold_wave", read_only)
        wave = await open_wave()
        permit = await issue_open_permit(resources, wave, respondent_class="residents")
        async with anyio.create_task_group() as group:
            group.start_soon(accept_response, resources, wave, permit, answers())
            await anyio.sleep(0.1)
            await close_wave(resources, wave, by="tester")
            assert (await count_participation(resources, wave)).returned == 0
            closed.set()
        assert (await count_participation(resources, wave)).returned == 1
