import sqlite3
from pathlib import Path

import pytest

from app.errors.operations import BackupRefused
from tests.commands.conftest import Minyi


def test_a_backup_is_made_and_overwrites_no_database(minyi: Minyi, tmp_path: Path) -> None:
    minyi("staff", "add", "li.na", "--full-name", "Li Na")
    head = minyi("audit", "verify").stdout.splitlines()[-1]
    assert "MB" in minyi("database", "backup", tmp_path / "minyi.backup").stdout
    with pytest.raises(BackupRefused):
        minyi("database", "restore", tmp_path / "minyi.backup")
    assert minyi("audit", "verify").stdout.splitlines()[-1] == head


def test_a_pooler_is_no_place_to_copy_from(
    minyi: Minyi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pg_dump` changes its session, which belongs to somebody else a moment later."""
    monkeypatch.setenv("MINYI_DATABASE_POOLER", "transaction")
    with pytest.raises(BackupRefused, match="pooler"):
        minyi("database", "backup", tmp_path / "minyi.backup")


def test_a_restored_database_of_another_version_is_named(
    minyi: Minyi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "old.db"
    monkeypatch.setenv("MINYI_DATABASE_URL", f"sqlite:///{source}")
    minyi("staff", "list")
    with sqlite3.connect(source) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    connection.close()
    minyi("database", "backup", tmp_path / "old.backup")
    monkeypatch.setenv("MINYI_DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    told = minyi("database", "restore", tmp_path / "old.backup").stdout
    assert "minyi database upgrade" in told
