"""The life of a wave from the command line, on both databases."""

import pytest
from sqlalchemy import create_engine, pool, text
from typer.testing import CliRunner

from app.cli import cli
from app.errors import MinyiError
from app.errors.waves import TransitionRefused
from app.store.database import sync_url
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
    assert "draft → open by cli:Chen" in status
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


def test_a_code_that_can_t_stand_in_an_address_is_refused(minyi) -> None:  # type: ignore[no-untyped-def]
    days = ("--opens", "2026-11-01", "--closes", "2026-11-30")
    with pytest.raises(MinyiError) as refused:
        minyi("waves", "create", "b/d", TOWN, *days)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("code", "not-a-code")]


def test_the_first_command_makes_the_schema_of_an_empty_database(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("MINYI_DATABASE_URL", f"sqlite:///{tmp_path}/new/minyi.db")
    monkeypatch.setenv("MINYI_SECRET_KEY_FILE", str(tmp_path / "secret.key"))
    result = CliRunner().invoke(cli, ["waves", "list"], catch_exceptions=False)
    assert (result.exit_code, (tmp_path / "new" / "minyi.db").exists()) == (0, True)


def test_the_counters_are_held_against_the_rows(minyi: Minyi, database_url: str) -> None:
    days = ("--opens", "2026-11-01", "--closes", "2026-11-30")
    minyi("waves", "create", "town-1", TOWN, *days)
    minyi("permits", "fill", "town-1", "--class", "residents", "-n", "10")
    right = minyi("database", "check")
    assert right.exit_code == 0
    assert "returned 0 = counted 0 + duplicate 0 + set aside 0" in right.output
    with create_engine(sync_url(database_url), poolclass=pool.NullPool).begin() as connection:
        connection.execute(text("DELETE FROM permits"))
    wrong = minyi("database", "check")
    assert wrong.exit_code == 1
    assert "WRONG: permits verified web residents unspent: counted 10, found 0" in wrong.output
