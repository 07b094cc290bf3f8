import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app.errors import InvalidInput
from app.errors.staff import AuditLogBroken
from app.store.database import sync_url
from tests.commands.conftest import Minyi
from tests.support.surveys import TOWN


@pytest.fixture
def log(minyi: Minyi) -> str:
    """A log of three entries; gives its head."""
    minyi("staff", "add", "li.na", "--full-name", "Li Na")
    dates = ("--opens", "2026-12-01", "--closes", "2026-12-31")
    minyi("waves", "create", "town", TOWN, *dates, "--by", "wang.wei")
    minyi("staff", "disable", "li.na")
    return minyi("audit", "verify").stdout.splitlines()[-1]


def execute(database_url: str, *statements: str) -> None:
    engine = create_engine(sync_url(database_url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_whole_log_is_told_and_exported(minyi: Minyi, log: str, tmp_path: Path) -> None:
    export = tmp_path / "audit.jsonl"
    done = minyi("audit", "verify", "--export", export)
    assert done.stdout.startswith("3 entries, none tampered with.")
    lines = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    assert [one["act"] for one in lines] == ["staff.invited", "wave.created", "staff.disabled"]
    assert log == f"3:{lines[-1]['hash']}"
    last = {name: value for name, value in lines[-1].items() if name != "hash"}
    content = json.dumps(last, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(content.encode()).hexdigest() == lines[-1]["hash"]


def test_nobody_at_the_command_line_acts_under_the_name_of_an_account(
    minyi: Minyi, log: str, tmp_path: Path
) -> None:
    export = tmp_path / "audit.jsonl"
    minyi("audit", "verify", "--export", export)
    actors = {json.loads(line)["actor"] for line in export.read_text().splitlines()}
    assert "cli:wang.wei" in actors
    assert all(one.startswith("cli:") for one in actors)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'somebody' WHERE number = 2",
        "UPDATE audit_log SET details = '{}' WHERE number = 1",
        "DELETE FROM audit_log WHERE number = 1",
        "DELETE FROM audit_log WHERE number = 3",
        "DELETE FROM audit_log",
        "UPDATE audit_log SET number = 10 - number",
        "UPDATE audit_head SET number = 2",
    ],
)
def test_tampering_is_found_and_nothing_is_exported(
    minyi: Minyi, database_url: str, log: str, tmp_path: Path, statement: str
) -> None:
    execute(database_url, statement)
    export = tmp_path / "audit.jsonl"
    with pytest.raises(AuditLogBroken):
        minyi("audit", "verify", "--export", export)
    assert not export.exists()


def test_an_old_copy_of_the_database_is_found_by_a_head_noted_elsewhere(
    minyi: Minyi, database_url: str, tmp_path: Path
) -> None:
    minyi("staff", "add", "li.na", "--full-name", "Li Na")
    engine = create_engine(sync_url(database_url))
    with engine.connect() as connection:
        old = connection.execute(text("SELECT number, hash, seal FROM audit_head")).one()
    minyi("staff", "disable", "li.na")
    anchors = tmp_path / "anchors"
    noted = minyi("audit", "verify", "--anchors", anchors).stdout.splitlines()[-1]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_log WHERE number = 2"))
        connection.execute(
            text("UPDATE audit_head SET number = :number, hash = :hash, seal = :seal"),
            old._asdict(),
        )
    engine.dispose()
    assert minyi("audit", "verify").exit_code == 0, "the copy by itself is whole"
    for option in (("--anchors", anchors), ("--expect", noted)):
        with pytest.raises(AuditLogBroken):
            minyi("audit", "verify", *option)


def test_anchors_gather_in_a_file_each_once(minyi: Minyi, log: str, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors"
    for _ in range(2):
        minyi("audit", "verify", "--anchors", anchors, "--expect", log)
    minyi("staff", "reset", "li.na")
    minyi("audit", "verify", "--anchors", anchors)
    assert [line.partition(":")[0] for line in anchors.read_text().splitlines()] == ["3", "4"]


@pytest.mark.parametrize("head", ["3", "x:00", "3:00", "3:" + "zz" * 32, ""])
def test_a_head_that_is_none_is_refused(minyi: Minyi, log: str, head: str) -> None:
    with pytest.raises(InvalidInput):
        minyi("audit", "verify", "--expect", head)


def test_two_different_heads_of_one_number_are_refused(minyi: Minyi, log: str) -> None:
    with pytest.raises(InvalidInput):
        minyi("audit", "verify", "--expect", log, "--expect", f"3:{'00' * 32}")
