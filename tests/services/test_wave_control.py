import pytest

from app.domain.rights.rights import Actor
from app.domain.rights.roles import Role
from app.domain.waves.life_cycle import WaveState
from app.errors import InvalidInput
from app.errors.staff import NotAllowed
from app.services.resources import Resources
from app.services.wave_control import Change, change_wave, changes_possible, optional_reason
from app.services.waves import find_wave, list_transitions
from tests.support.surveys import open_town

ADMIN = Actor("li.na", Role.ADMINISTRATOR)


async def test_an_administrator_takes_a_wave_through_its_life(resources: Resources) -> None:
    wave = await open_town(resources)
    assert changes_possible(wave) == [Change.PAUSE, Change.CLOSE]
    wave = await change_wave(resources, ADMIN, wave, Change.PAUSE, reason=" flood ")
    assert changes_possible(wave) == [Change.OPEN, Change.CLOSE]
    wave = await change_wave(resources, ADMIN, wave, Change.OPEN, reason="dry again")
    wave = await change_wave(resources, ADMIN, wave, Change.CLOSE, reason="done")
    assert changes_possible(wave) == []
    log = await list_transitions(resources, wave)
    assert [(one.to_state, one.by, one.reason) for one in log[1:]] == [
        (WaveState.PAUSED, "li.na", "flood"),
        (WaveState.OPEN, "li.na", "dry again"),
        (WaveState.CLOSED, "li.na", "done"),
    ]


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMINISTRATOR])
async def test_nobody_else_does(resources: Resources, role: Role) -> None:
    wave = await open_town(resources)
    with pytest.raises(NotAllowed):
        await change_wave(resources, Actor("x", role), wave, Change.CLOSE, reason="done")
    assert (await find_wave(resources, wave.code)).state is WaveState.OPEN


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\nb", "a\x00b"])
async def test_a_reason_is_given_in_a_line(resources: Resources, reason: str) -> None:
    wave = await open_town(resources)
    with pytest.raises(InvalidInput) as refused:
        await change_wave(resources, ADMIN, wave, Change.CLOSE, reason=reason)
    assert refused.value.faults[0].field == "reason"


def test_a_reason_that_need_not_be_given_is_text() -> None:
    assert optional_reason("  ") == ""
    assert optional_reason(f" {'x' * 600}") == "x" * 500
    with pytest.raises(InvalidInput):
        optional_reason("misread\0")
