"""Inviting, listing and revoking from the command line, on both databases."""

import asyncio
import csv
import io
from pathlib import Path

import pytest

from app.errors import InvalidInput
from app.errors.answering import PermitRefused, WayInNotOffered
from app.services.permits import admit
from app.services.resources import open_resources
from app.services.waves import find_wave
from app.settings import Settings
from tests.commands.conftest import Minyi
from tests.support.identity import LI, WANG
from tests.support.printed import shows_qr_of, words_of
from tests.support.surveys import TOWN

DAYS = ("--opens", "2020-01-01", "--closes", "2099-12-31")


@pytest.fixture
def town(minyi: Minyi) -> Minyi:
    """An open wave `town`, open now."""
    minyi("waves", "create", "town", TOWN, *DAYS)
    minyi("permits", "fill", "town", "--class", "residents", "-n", 3)
    minyi("waves", "open", "town")
    return minyi


def opens(permit: str) -> bool:
    """Say whether a permit lets somebody in now."""

    async def work() -> bool:
        resources = open_resources(Settings())
        try:
            await admit(resources, await find_wave(resources, "town"), permit)
        except PermitRefused:
            return False
        finally:
            await resources.close()
        return True

    return asyncio.run(work())


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def test_a_list_becomes_letters_and_a_list_with_codes(town: Minyi, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("own_unit,label\nD02,处长\nD03,=HYPERLINK(0)\n", "utf-8")
    out = tmp_path / "out"
    to = ("--class", "organs", "--list", people, "--batch", "organs-1", "--out", out)
    shown = town("permits", "invite", "town", *to).output
    assert "2 invitations" in shown
    rows = rows_of(out / "organs-1.csv")
    assert [(row["number"], row["own_unit"], row["class"]) for row in rows] == [
        ("1", "D02", "organs"),
        ("2", "D03", "organs"),
    ]
    assert [row["label"] for row in rows] == ["处长", "'=HYPERLINK(0)"]
    pdf = (out / "organs-1-letters-001.pdf").read_bytes()
    for page, row in enumerate(rows):
        assert opens(row["code"])
        assert opens(row["link"].rpartition("/")[2])
        assert shows_qr_of(pdf, row["link"], page=page)
        assert row["code"].replace("-", "") in words_of(pdf)[page]
    assert all(row["code"] not in shown for row in rows)
    assert {file.stat().st_mode & 0o777 for file in out.iterdir()} == {0o600}


def test_the_list_opens_in_chinese_spreadsheets(town: Minyi, tmp_path: Path) -> None:
    to = ("--class", "residents", "-n", 2, "--batch", "b", "--out", tmp_path, "--no-letters")
    town("permits", "invite", "town", *to)
    assert (tmp_path / "b.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert [file.name for file in tmp_path.glob("b*")] == ["b.csv"]
    assert len({row["code"] for row in rows_of(tmp_path / "b.csv")}) == 2


def test_one_wrong_row_mints_nothing(town: Minyi, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("own_unit\nD02\nD99\n", "utf-8")
    to = ("--class", "organs", "--list", people, "--batch", "b", "--out", tmp_path / "out")
    with pytest.raises(InvalidInput) as refused:
        town("permits", "invite", "town", *to)
    assert [str(fault) for fault in refused.value.faults] == [
        "row 3.own_unit: There is no such department (unknown)"
    ]
    assert list((tmp_path / "out").iterdir()) == []
    assert "invitations 0" in town("waves", "status", "town").output


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--batch", "b"), "list"),
        (("--batch", "b", "-n", 1, "--list", TOWN / "survey.yaml"), "list"),
        (("--batch", "pool", "-n", 1), "batch"),
        (("--batch", "../b", "-n", 1), "batch"),
        (("--batch", "b", "-n", 1, "--class", "visitors"), "class"),
        (("--batch", "b", "-n", 1, "--class", "organs"), "own_unit"),
    ],
)
def test_senseless_invitations_are_refused(
    town: Minyi, tmp_path: Path, arguments: tuple[object, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        town("permits", "invite", "town", "--class", "residents", "--out", tmp_path, *arguments)
    assert refused.value.faults[0].field == field


def test_a_batch_is_never_written_over(town: Minyi, tmp_path: Path) -> None:
    to = ("--class", "residents", "-n", 1, "--batch", "b", "--out", tmp_path, "--no-letters")
    town("permits", "invite", "town", *to)
    before = (tmp_path / "b.csv").read_bytes()
    with pytest.raises(InvalidInput):
        town("permits", "invite", "town", *to)
    assert (tmp_path / "b.csv").read_bytes() == before
    assert "invitations 1" in town("waves", "status", "town").output


def test_revoking_a_batch_or_one_code(town: Minyi, tmp_path: Path) -> None:
    for batch, n in (("kept", 1), ("lost", 2), ("one", 2)):
        to = ("--class", "residents", "-n", n, "--batch", batch, "--out", tmp_path)
        town("permits", "invite", "town", *to, "--no-letters")
    kept, lost, one = (rows_of(tmp_path / f"{name}.csv") for name in ("kept", "lost", "one"))
    assert "2 revoked" in town("permits", "revoke", "town", "--batch", "lost").output
    for row, said in zip(one, ("code", "link"), strict=True):
        typed = f"{row[said]}\n"
        assert "1 revoked" in town("permits", "revoke", "town", "--code", typed=typed).output
    assert [opens(row["code"]) for row in kept + lost + one] == [True] + [False] * 4
    with pytest.raises(PermitRefused):
        town("permits", "revoke", "town", "--code", typed="AAAA-AAAA-AAAA\n")
    with pytest.raises(InvalidInput):
        town("permits", "revoke", "town")


def test_the_list_of_the_eligible_is_counted(town: Minyi, tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.txt"
    numbers.write_text(f"{LI}\n{WANG}\n{LI}\n", "utf-8")
    shown = town("permits", "eligible", "town", numbers, "--class", "residents").output
    assert "3 rows, 1 repeated; 2 persons listed, 0 were on a list already" in shown
    assert LI not in shown


def test_a_pool_is_for_classes_that_are_verified(town: Minyi) -> None:
    with pytest.raises(WayInNotOffered):
        town("permits", "fill", "town", "--class", "organs", "-n", 5)
