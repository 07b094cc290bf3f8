"""The life of a wave, as a table, and when answers are taken."""

import datetime

import pytest

from app.domain.waves.life_cycle import Intake, WaveState, intake, may_follow

OPENS = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
CLOSES = datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
ALLOWED = {
    ("draft", "open"),
    ("open", "paused"),
    ("paused", "open"),
    ("open", "closed"),
    ("paused", "closed"),
    ("closed", "released"),
}


@pytest.mark.parametrize("old", WaveState)
@pytest.mark.parametrize("new", WaveState)
def test_only_these_steps_are_allowed(old: WaveState, new: WaveState) -> None:
    assert may_follow(old, new) == ((old, new) in ALLOWED)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (OPENS - SECOND, Intake.NOT_YET),
        (OPENS, Intake.OPEN),
        (CLOSES - SECOND, Intake.OPEN),
        (CLOSES, Intake.OVER),
    ],
)
def test_an_open_wave_takes_answers_between_its_dates(
    now: datetime.datetime, expected: Intake
) -> None:
    assert intake(WaveState.OPEN, OPENS, CLOSES, now) is expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (WaveState.DRAFT, Intake.NOT_YET),
        (WaveState.PAUSED, Intake.PAUSED),
        (WaveState.CLOSED, Intake.OVER),
        (WaveState.RELEASED, Intake.OVER),
    ],
)
def test_other_states_take_none(state: WaveState, expected: Intake) -> None:
    assert intake(state, OPENS, CLOSES, OPENS) is expected


def test_a_continuous_wave_never_ends_by_itself() -> None:
    later = CLOSES + datetime.timedelta(days=36500)
    assert intake(WaveState.OPEN, OPENS, None, later) is Intake.OPEN
    assert intake(WaveState.CLOSED, OPENS, None, later) is Intake.OVER
