"""The life of a wave from the command line, on both databases."""

import pytest

from app.errors import MinyiError, TransitionRefused
from tests.commands.conftest import Minyi
from tests.support.surveys import TOWN


def test_a_wave_is_made_opened_paused_and_closed(minyi: Minyi) -> None:
    days = ("--opens", "2026-11-01", "--closes", "2026-11-30")
    assert "town-1: draft" in minyi("waves", "create", "town-1", TOWN, *days).output
    with pytest.raises(TransitionRefused, match="residents"):
        minyi("waves", "open", "town-1")  # no permits wait for those to be verified
    minyi("permits", "fill", "town-1", "--class", "residents", "-n", "10")
    assert "town-1: open" in minyi("waves", "open", "town-1", "--by", "Chen").output
    assert "town-1: paused" in minyi("waves", "pause", "town-1", "--reason", "move").output
    assert "town-1: open" in minyi("waves", "open", "town-1").output
    assert "town-1: closed" in minyi("waves", "close", "town-1").output
    status = minyi("waves", "status", "town-1").output
    assert "draft → open by Chen" in status
    assert "returned 0 = counted 0 + duplicate 0 + set aside 0" in status
    with pytest.raises(TransitionRefused):
        minyi("waves", "open", "town-1")


def test_new_dates_are_days_of_the_survey_s_own_zone(minyi: Minyi) -> None:
    days = ("--opens", "2026-11-01", "--closes", "2026-11-30")
    minyi("waves", "create", "town-1", TOWN, *days)
    later = ("--opens", "2026-12-01", "--closes", "2026-12-31")
    shown = minyi("waves", "dates", "town-1", "web", *later).output
    assert "2026-11-30 16:00:00+00:00 – 2026-12-31 16:00:00+00:00" in shown


def test_half_a_period_is_refused(minyi: Minyi) -> None:
    with pytest.raises(MinyiError) as refused:
        minyi("waves", "create", "town-1", TOWN, "--opens", "2026-11-01")
    assert [fault.field for fault in refused.value.faults] == ["dates"]
