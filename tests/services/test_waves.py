"""The life of a wave, decided in the database and logged there."""

import datetime

import anyio
import pytest

from app.domain.questionnaires.audience import DatesOfMode, Mode
from app.domain.waves.life_cycle import Intake, WaveState
from app.errors import InvalidInput
from app.errors.waves import NameTaken, TransitionRefused, WaveClosed, WaveNotFound
from app.services.resources import Resources
from app.services.waves import (
    change_dates,
    close_wave,
    create_wave,
    find_wave,
    list_open_waves,
    list_transitions,
    open_wave,
    pause_wave,
)
from tests.support.clock import Clock
from tests.support.surveys import NOVEMBER, TOWN, open_town


async def test_every_step_is_logged_with_who_and_why(resources: Resources) -> None:
    wave = await open_town(resources)
    wave = await pause_wave(resources, wave, by="li", reason="data centre moves")
    wave = await open_wave(resources, wave, by="wang")
    await close_wave(resources, wave, by="li", reason="over")
    log = await list_transitions(resources, wave)
    assert [(one.number, one.from_state, one.to_state, one.by, one.reason) for one in log] == [
        (1, "draft", "open", "tester", ""),
        (2, "open", "paused", "li", "data centre moves"),
        (3, "paused", "open", "wang", ""),
        (4, "open", "closed", "li", "over"),
    ]
    assert {one.at for one in log} == {resources.now()}


async def test_a_wave_does_not_open_before_permits_wait_for_the_verified(
    resources: Resources,
) -> None:
    wave = await create_wave(resources, code="town", folder=TOWN, dates=NOVEMBER)
    with pytest.raises(TransitionRefused, match="residents"):
        await open_wave(resources, wave, by="tester")
    assert (await find_wave(resources, "town")).state is WaveState.DRAFT


async def test_a_closed_wave_does_not_open_again(resources: Resources) -> None:
    closed = await close_wave(resources, await open_town(resources), by="tester")
    for step in (open_wave, pause_wave):
        with pytest.raises(TransitionRefused):
            await step(resources, closed, by="tester", reason="regret")
    assert (await close_wave(resources, closed, by="tester")).state is WaveState.CLOSED


async def test_of_two_who_change_the_state_at_once_one_is_told(resources: Resources) -> None:
    """Both saw it open; the log has one line for what happened."""
    wave = await open_town(resources)
    told: list[str] = []

    async def pause(by: str) -> None:
        try:
            await pause_wave(resources, wave, by=by, reason="x")
        except TransitionRefused:
            told.append(by)

    async with anyio.create_task_group() as group:
        for by in ("li", "wang", "zhao"):
            group.start_soon(pause, by)
    assert len(told) == 2
    assert len(await list_transitions(resources, wave)) == 2


async def test_a_code_names_one_wave(resources: Resources) -> None:
    await open_town(resources)
    with pytest.raises(NameTaken):
        await create_wave(resources, code="town", folder=TOWN, dates=NOVEMBER)
    with pytest.raises(WaveNotFound):
        await find_wave(resources, "Town")


async def test_a_wave_needs_dates_from_somewhere(resources: Resources) -> None:
    with pytest.raises(InvalidInput) as refused:
        await create_wave(resources, code="town", folder=TOWN)
    assert [fault.field for fault in refused.value.faults] == ["dates"]
    with pytest.raises(WaveNotFound):
        await find_wave(resources, "town")


async def test_days_are_those_of_the_survey_s_own_zone(resources: Resources, clock: Clock) -> None:
    wave = await open_town(resources)
    shanghai = datetime.timezone(datetime.timedelta(hours=8))
    clock.now = datetime.datetime(2026, 11, 30, 23, 59, 59, tzinfo=shanghai)
    assert wave.intake(Mode.WEB, clock()) is Intake.OPEN
    clock.advance(seconds=1)
    assert wave.intake(Mode.WEB, clock()) is Intake.OVER


async def test_dates_can_be_moved_until_the_close(resources: Resources, clock: Clock) -> None:
    wave = await open_town(resources)
    clock.advance(days=30)
    assert await list_open_waves(resources) == []
    longer = DatesOfMode(opens=NOVEMBER.opens, closes=datetime.date(2026, 12, 31))
    moved = await change_dates(resources, wave, mode=Mode.WEB, dates=longer)
    assert [one.code for one in await list_open_waves(resources)] == ["town"]
    with pytest.raises(InvalidInput):
        await change_dates(resources, moved, mode=Mode.PAPER, dates=longer)
    closed = await close_wave(resources, moved, by="tester")
    with pytest.raises(WaveClosed):
        await change_dates(resources, closed, mode=Mode.WEB, dates=longer)
