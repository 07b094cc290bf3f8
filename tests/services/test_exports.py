"""Exports: the same answers in every format, nothing that leads to a person, after close only."""

import csv
import json
from pathlib import Path
from typing import Any

import polars
import pyreadstat
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import update

from app.domain.deduplication.permits import read_receipt_code
from app.errors import InvalidInput
from app.errors.staff import UnderEmbargo
from app.services.audit import list_entries
from app.services.exports import Format, Options, export_responses, write_codebook
from app.services.permits import issue_open_permit
from app.services.resources import Resources
from app.services.responses import accept_response
from app.services.waves import Wave, close_wave
from app.tables import responses
from tests.support.staff import ROOT
from tests.support.surveys import open_town
from tests.web.citizen import KINDS

ANSWERS = {
    "single": "b",
    "more": "=HYPERLINK(1)",
    "multiple": ["a", "c"],
    "number": 3,
    "date": "2010-12-01",
    "overall": "b",
    "comment": "@home",
    "grid": {"D01": {"s": "a", "e": "dont_know"}},
}
N = 5
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def receipts() -> list[str]:
    return []


@pytest.fixture
async def closed(resources: Resources, receipts: list[str]) -> Wave:
    """A closed wave with five responses that differ by their number only."""
    wave = await open_town(resources, code="kinds", folder=KINDS)
    for number in range(1, N + 1):
        permit = await issue_open_permit(resources, wave, respondent_class="residents")
        accepted = await accept_response(resources, wave, permit, ANSWERS | {"number": number})
        receipts.append(accepted.receipt)
    async with resources.database.writing() as connection:
        await connection.execute(update(responses).values(window="W1"))
    return await close_wave(resources, wave, by="tester")


async def write(resources: Resources, wave: Wave, path: Path, **more: Any) -> Path:
    options = Options(Format(path.suffix[1:]), **more)
    assert await export_responses(resources, wave, path, options, by="ana") == N
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []
    return path


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV, by the respondent's number."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["number"])


async def test_every_format_says_the_same(
    resources: Resources, closed: Wave, tmp_path: Path
) -> None:
    rows = read(await write(resources, closed, tmp_path / "w.csv"))
    assert [row["number"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[0]["grid.D01.s"] == "a"
    assert (rows[0]["multiple.a"], rows[0]["multiple.b"], rows[0]["grid.Q01.s"]) == ("1", "0", "")

    table = polars.read_parquet(await write(resources, closed, tmp_path / "w.parquet"))
    assert table.columns == list(rows[0])
    assert table["number"].dtype == polars.Float64
    assert table["date"].dtype == polars.Date
    assert sorted(table["number"].to_list()) == [1, 2, 3, 4, 5]
    assert set(table["grid.D01.e"].to_list()) == {"dont_know"}

    book = CalamineWorkbook.from_path(str(await write(resources, closed, tmp_path / "w.xlsx")))
    sheet = book.get_sheet_by_name("responses").to_python()
    assert sheet[0] == list(rows[0])
    assert sorted(row[sheet[0].index("number")] for row in sheet[1:]) == [1, 2, 3, 4, 5]
    assert len(book.get_sheet_by_name("codebook").to_python()) > len(sheet[0])

    path = await write(resources, closed, tmp_path / "w.sav", language="en")
    frame, meta = pyreadstat.read_sav(str(path), output_format="polars")
    assert frame.columns == list(rows[0])
    assert set(frame["grid.D01.s"].to_list()) == {1.0}
    assert meta.variable_value_labels["grid.D01.s"][1.0] == "Very satisfied"
    assert meta.variable_value_labels["grid.D01.s"][999.0] == "Don't know"
    assert meta.column_names_to_labels["grid.D01.s"] == "Education Bureau: Attitude"


@ON_SQLITE
async def test_labels_take_the_place_of_codes(
    resources: Resources, closed: Wave, tmp_path: Path
) -> None:
    rows = read(await write(resources, closed, tmp_path / "w.csv", labels=True))
    assert (rows[0]["grid.D01.s"], rows[0]["status"]) == ("非常满意", "计入")


async def test_nothing_leads_back_to_a_person(
    resources: Resources, closed: Wave, receipts: list[str], tmp_path: Path
) -> None:
    """No receipt, no day, no own words; and the order is not that of the receipts."""
    orders = set()
    for name in "abcdef":
        text = (await write(resources, closed, tmp_path / f"{name}.csv")).read_text("utf-8-sig")
        ids = [read_receipt_code(code) for code in receipts]
        assert not any(code in text for code in receipts)
        assert not any(one and one.hex() in text.lower() for one in ids)
        assert not any(word in text for word in ("HYPERLINK", "@home", "2026-"))
        orders.add(tuple(row["number"] for row in csv.DictReader(text.splitlines())))
    assert len(orders) > 1


@ON_SQLITE
async def test_own_words_can_t_be_computed_by_a_spreadsheet(
    resources: Resources, closed: Wave, tmp_path: Path
) -> None:
    row = read(await write(resources, closed, tmp_path / "w.csv", with_texts=True))[0]
    assert (row["more"], row["comment"]) == ("'=HYPERLINK(1)", "'@home")


@ON_SQLITE
async def test_the_codebook_explains_every_column(closed: Wave, tmp_path: Path) -> None:
    await write_codebook(closed, tmp_path / "book.json")
    await write_codebook(closed, tmp_path / "book.csv")
    document = json.loads((tmp_path / "book.json").read_text("utf-8"))
    with (tmp_path / "book.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [one["name"] for one in document["columns"]]
    assert list(dict.fromkeys(row["column"] for row in rows)) == names
    scores = {row["code"]: row["score"] for row in rows if row["column"] == "grid.D01.s"}
    assert scores == {"a": "100", "b": "75", "c": "50", "d": "25", "e": "0", "dont_know": ""}


@ON_SQLITE
async def test_an_export_is_in_the_audit_log(
    resources: Resources, closed: Wave, tmp_path: Path
) -> None:
    await write(resources, closed, tmp_path / "w.csv", with_texts=True)
    entry = (await list_entries(resources, ROOT))[0]
    assert (entry.done.act, entry.done.actor) == ("responses.exported", "ana")


@ON_SQLITE
async def test_before_the_close_nothing_is_exported(resources: Resources, tmp_path: Path) -> None:
    wave = await open_town(resources, code="kinds", folder=KINDS)
    with pytest.raises(UnderEmbargo):
        await write(resources, wave, tmp_path / "w.csv")
    assert not (tmp_path / "w.csv").exists()


@ON_SQLITE
async def test_a_folder_that_is_not_there_is_told(
    resources: Resources, closed: Wave, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await write(resources, closed, tmp_path / "none" / "w.csv")
    assert [one.code for one in refused.value.faults] == ["no-folder"]
