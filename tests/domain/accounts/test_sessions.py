import datetime

import pytest

from app.domain.accounts.sessions import (
    FRESH,
    HALF_WAY,
    IDLE,
    LONGEST,
    Stage,
    is_alive,
    is_fresh,
    stage_after_first_factor,
)
from app.domain.rights.roles import Role

START = datetime.datetime(2026, 11, 10, 9, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


def test_a_session_ends_when_nobody_clicks() -> None:
    assert is_alive(Stage.FULL, START, START, START + IDLE - SECOND)
    assert not is_alive(Stage.FULL, START, START, START + IDLE)


def test_a_session_ends_in_the_evening_however_busy() -> None:
    last = START + LONGEST
    assert is_alive(Stage.FULL, START, last - SECOND, last - SECOND)
    assert not is_alive(Stage.FULL, START, last - SECOND, last)


@pytest.mark.parametrize("stage", [Stage.SECOND_FACTOR, Stage.ENROLMENT])
def test_half_a_sign_in_is_soon_over(stage: Stage) -> None:
    assert is_alive(stage, START, START, START + HALF_WAY - SECOND)
    assert not is_alive(stage, START, START + HALF_WAY - SECOND, START + HALF_WAY)


def test_a_proof_of_identity_stands_for_minutes() -> None:
    assert is_fresh(START, START + FRESH - SECOND)
    assert not is_fresh(START, START + FRESH)


def test_a_second_factor_once_set_up_is_asked_for_in_every_role() -> None:
    assert {stage_after_first_factor(role, has_second_factor=True) for role in Role} == {
        Stage.SECOND_FACTOR
    }


def test_some_roles_must_set_one_up() -> None:
    stages = {role: stage_after_first_factor(role, has_second_factor=False) for role in Role}
    assert stages[Role.ADMINISTRATOR] is Stage.ENROLMENT
    assert stages[Role.KEYER] is Stage.FULL
