import csv
import io
import re
import struct
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from app.domain.paper.custody import FormState
from app.errors import InvalidInput
from app.errors.paper import EntryRefused
from app.errors.staff import UnderEmbargo
from app.services.paper_adjudication import adjudicate
from app.services.paper_batches import close_batch, fieldwork
from app.services.paper_files import (
    export_custody,
    export_entries,
    import_file,
    write_template,
)
from app.services.resources import Resources
from app.services.waves import Wave, close_wave, find_wave
from app.store.keyed_files import read_table
from tests.support.fieldwork import (
    ANN,
    BO,
    CHEN,
    DI,
    MARKS,
    bring_back,
    issue,
    key,
    move,
    open_base,
    serial,
)

COLUMNS = ["serial", *MARKS, "comment"]


async def field(resources: Resources, n: int = 3) -> Wave:
    wave = await open_base(resources)
    await issue(resources, wave, n=n, second_share=0.0)
    await bring_back(resources, wave, list(range(1, n + 1)))
    return wave


def rows(wave: Wave, numbers: Sequence[int], **changes: str) -> list[list[str]]:
    marks = MARKS | {"comment": "排队太久"} | changes
    return [[serial(wave, number), *(marks[code] for code in COLUMNS[1:])] for number in numbers]


def write_csv(path: Path, table: list[list[str]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, table: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for line, row in enumerate(table):
            sheet.write_row(line, 0, row)
    return path


async def stored(resources: Resources, wave: Wave) -> int:
    return (await fieldwork(resources, wave)).whole.valid


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_csv_is_read_in_either_encoding(
    resources: Resources, tmp_path: Path, encoding: str
) -> None:
    wave = await field(resources)
    path = write_csv(tmp_path / "a.csv", [COLUMNS, *rows(wave, [1, 2, 3])], encoding)
    outcome = await import_file(resources, wave, path, by=ANN)
    assert len(outcome.keyed) == 3
    assert await stored(resources, wave) == 3
    assert "排队太久" in str(read_table(path, most_rows=3))


async def test_an_xlsx_is_read_as_typed(resources: Resources, tmp_path: Path) -> None:
    wave = await field(resources)
    table: list[list[object]] = [list(COLUMNS)]
    for row in rows(wave, [1, 2, 3]):
        table.append([int(cell) if cell.isdigit() else cell for cell in row])
    path = write_xlsx(tmp_path / "a.xlsx", table)
    assert len((await import_file(resources, wave, path, by=ANN)).keyed) == 3
    assert read_table(path, most_rows=9)[1] == rows(wave, [1])[0]


async def test_the_same_file_twice_changes_nothing(resources: Resources, tmp_path: Path) -> None:
    wave = await field(resources)
    path = write_csv(tmp_path / "a.csv", [COLUMNS, *rows(wave, [1, 2, 3])])
    await import_file(resources, wave, path, by=ANN)
    again = await import_file(resources, wave, path, by=ANN)
    assert all(one.repeated for one in again.keyed)
    assert await stored(resources, wave) == 3
    with pytest.raises(EntryRefused):
        await import_file(resources, wave, path, by=BO)


async def test_all_faults_are_told_by_row_and_column_and_nothing_is_stored(
    resources: Resources, tmp_path: Path
) -> None:
    wave = await field(resources)
    bad = rows(wave, [2], sex="7", visits="often")[0]
    table = [COLUMNS, *rows(wave, [1]), bad, *rows(wave, [99])]
    path = write_csv(tmp_path / "a.csv", table)
    with pytest.raises(EntryRefused) as refused:
        await import_file(resources, wave, path, by=ANN)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("row 3, sex", "not-printed"),
        ("row 3, visits", "not-a-number"),
        ("row 4, serial", "form-not-found"),
    ]
    assert await stored(resources, wave) == 0
    outcome = await import_file(resources, wave, path, by=ANN, accept_good_part=True)
    assert (len(outcome.keyed), len(outcome.faults)) == (1, 3)
    assert await stored(resources, wave) == 1


async def test_rows_are_judged_before_the_database_is_asked(
    resources: Resources, tmp_path: Path
) -> None:
    wave = await field(resources)
    other = await open_base(resources, code="other")
    table = [
        COLUMNS,
        *rows(wave, [1, 1]),
        *rows(other, [1]),
        ["001-000002-1", *rows(wave, [2])[0][1:]],
        ["", *["1"] * 11],
        ["x"],
        [],
    ]
    path = write_csv(tmp_path / "a.csv", table)
    with pytest.raises(InvalidInput) as refused:
        await import_file(resources, wave, path, by=ANN)
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("row 3, serial", "serial-twice"),
        ("row 4, serial", "other-wave"),
        ("row 5, serial", "serial-misread"),
        ("row 6, serial", "serial-misread"),
        ("row 7", "ragged"),
    ]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (COLUMNS[1:], "no-serial"),
        ([*COLUMNS, "sex"], "column-twice"),
        ([*COLUMNS, "salary"], "unknown-column"),
        (COLUMNS[:-1], "column-missing"),
        ([], "no-serial"),
    ],
)
async def test_the_header_is_that_of_the_template(
    resources: Resources, tmp_path: Path, header: list[str], code: str
) -> None:
    wave = await field(resources)
    path = write_csv(tmp_path / "a.csv", [header, *rows(wave, [1])])
    with pytest.raises(InvalidInput) as refused:
        await import_file(resources, wave, path, by=ANN, accept_good_part=True)
    assert code in [fault.code for fault in refused.value.faults]
    assert "salary" not in str(refused.value.faults)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")']
)
async def test_formulas_in_a_csv_are_refused_unechoed(
    resources: Resources, tmp_path: Path, cell: str
) -> None:
    wave = await field(resources)
    path = write_csv(tmp_path / "a.csv", [COLUMNS, *rows(wave, [1], comment=cell)])
    with pytest.raises(InvalidInput) as refused:
        await import_file(resources, wave, path, by=ANN)
    [fault] = refused.value.faults
    assert (fault.field, fault.code) == ("row 2, column 12", "formula")
    assert cell not in fault.message


async def test_formulas_in_an_xlsx_are_refused(resources: Resources, tmp_path: Path) -> None:
    wave = await field(resources)
    path = write_xlsx(tmp_path / "a.xlsx", [list(COLUMNS), [*rows(wave, [1])[0][:-1], "=1+1"]])
    await refused_as(resources, wave, path, "formula")


async def refused_as(resources: Resources, wave: Wave, path: Path, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await import_file(resources, wave, path, by=ANN, accept_good_part=True)
    assert [fault.code for fault in refused.value.faults] == [code]
    assert await stored(resources, wave) == 0


async def test_a_million_rows_are_refused_quickly(resources: Resources, tmp_path: Path) -> None:
    wave = await field(resources)
    path = tmp_path / "a.csv"
    path.write_bytes(b",".join(name.encode() for name in COLUMNS) + b"\n" + b"1,\n" * 1_000_000)
    began = time.monotonic()
    await refused_as(resources, wave, path, "too-many-rows")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe" + "serial,sex\n".encode("utf-16-le"),
        b"serial,\xff\xff\xff\n",
        b"serial\0,sex\n",
        b"\x80\x81\x82\xff",
    ],
    ids=["utf-16", "neither", "nul", "noise"],
)
async def test_other_encodings_are_refused(
    resources: Resources, tmp_path: Path, content: bytes
) -> None:
    wave = await field(resources)
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    await refused_as(resources, wave, path, "encoding")


async def test_a_broken_csv_is_refused(resources: Resources, tmp_path: Path) -> None:
    wave = await field(resources)
    path = tmp_path / "a.csv"
    path.write_text('serial,sex\n"001-000001-2,"1')
    await refused_as(resources, wave, path, "not-csv")


async def test_an_endless_cell_or_file_is_refused(resources: Resources, tmp_path: Path) -> None:
    wave = await field(resources)
    long = write_csv(tmp_path / "a.csv", [COLUMNS, *rows(wave, [1], comment="长" * 10_001)])
    await refused_as(resources, wave, long, "cell-too-long")
    huge = tmp_path / "b.csv"
    with huge.open("wb") as file:
        file.truncate(21 << 20)
    await refused_as(resources, wave, huge, "too-large")
    await refused_as(resources, wave, tmp_path / "missing.csv", "unreadable")


def workbook(path: Path, parts: dict[str, bytes]) -> Path:
    """A sound workbook with parts replaced or added."""
    sound = path.with_name("sound.xlsx")
    write_xlsx(sound, [["serial"], ["1"]])
    with zipfile.ZipFile(sound) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            if name not in parts:
                out.writestr(name, source.read(name))
        for name, content in parts.items():
            out.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(data: str) -> bytes:
    schema = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{schema}"><sheetData>{data}</sheetData></worksheet>'.encode()


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"xl/bomb.xml": b"\0" * (120 << 20)}, "zip-bomb"),
        ({f"xl/p{n}.xml": b"" for n in range(1001)}, "zip-bomb"),
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "macros"),
        ({SHEET: b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'}, "entities"),
        (
            {SHEET: sheet_xml('<row r="1"><c r="A1"/><c r="XFD1048576"/></row>')},
            "too-many-rows",
        ),
        ({SHEET: sheet_xml('<row r="1"><c r="A1"><x:f>1+1</x:f></c></row>')}, "formula"),
        ({"xl/elsewhere.png": sheet_xml('<row r="1"><c r="A1"><f>1</f></c></row>')}, "formula"),
        ({SHEET: "<worksheet/>".encode("utf-16")}, "encoding"),
        ({"xl/workbook.xml": b"nonsense"}, "not-xlsx"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_hostile_workbook_is_refused(
    resources: Resources, tmp_path: Path, parts: dict[str, bytes], code: str
) -> None:
    wave = await field(resources)
    path = workbook(tmp_path / "a.xlsx", parts)
    assert path.stat().st_size < 1 << 20
    await refused_as(resources, wave, path, code)


async def test_a_formula_across_two_pieces_is_found(resources: Resources, tmp_path: Path) -> None:
    wave = await field(resources)
    for shift in range(6):
        lead = len(sheet_xml("")) - len(b"</sheetData></worksheet>")
        padding = " " * ((1 << 16) - lead - 5 + shift)
        path = workbook(tmp_path / f"{shift}.xlsx", {SHEET: sheet_xml(padding + "<f>1+1</f>")})
        await refused_as(resources, wave, path, "formula")


async def test_a_zip_that_lies_about_its_size_is_refused(
    resources: Resources, tmp_path: Path
) -> None:
    """The sizes in the directory say 10 bytes; the part unpacks to 120 MiB."""
    wave = await field(resources)
    path = workbook(tmp_path / "a.xlsx", {"xl/bomb.xml": b"\0" * (120 << 20)})
    content = path.read_bytes()
    true, lie = struct.pack("<I", 120 << 20), struct.pack("<I", 10)
    assert content.count(true) >= 2
    path.write_bytes(content.replace(true, lie))
    await refused_as(resources, wave, path, "not-xlsx")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_the_template_filled_in_is_taken_back(
    resources: Resources, tmp_path: Path, suffix: str
) -> None:
    wave = await field(resources)
    path = tmp_path / f"template.{suffix}"
    assert await write_template(resources, wave, path, batch="B1") == 3
    table = read_table(path, most_rows=10)
    assert table[0] == COLUMNS
    filled = [table[0], *([row[0], *rows(wave, [1])[0][1:]] for row in table[1:])]
    back = tmp_path / f"filled.{suffix}"
    if suffix == "csv":
        write_csv(back, filled)
    else:
        write_xlsx(back, [list(row) for row in filled])
    assert len((await import_file(resources, wave, back, by=ANN)).keyed) == 3


async def test_answers_are_exported_after_close_only_with_every_entry_and_decision(
    resources: Resources, tmp_path: Path
) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=2)
    await bring_back(resources, wave, [1])
    await move(resources, wave, [2], FormState.LOST)
    await key(resources, wave, 1, ANN, comment="＝好")
    await key(resources, wave, 1, BO, sex="2", comment="＝好")
    await adjudicate(
        resources, wave, serial=serial(wave, 1), decisions={"sex": "2"}, by=CHEN, reason="clear"
    )
    path = tmp_path / "entries.csv"
    with pytest.raises(UnderEmbargo):
        await export_entries(resources, wave, path, by="di")
    assert not path.exists()
    await close_batch(resources, wave, batch="B1", by=DI)
    await close_wave(resources, wave, by="tester")
    wave = await find_wave(resources, wave.code)
    assert await export_entries(resources, wave, path, by="di") == 3
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [(row["entry"], row["keyed_by"], row["sex"]) for row in found] == [
        ("1", ANN, "1"),
        ("2", BO, "2"),
        ("decision", CHEN, "2"),
    ]
    assert {row["result"] for row in found} == {"counted"}
    workbook_path = tmp_path / "entries.xlsx"
    await export_entries(resources, wave, workbook_path, by="di")
    assert read_table(workbook_path, most_rows=10)[3][11:13] == ["adjudication", "2"]


async def test_an_export_gives_a_spreadsheet_nothing_to_run(
    resources: Resources, tmp_path: Path
) -> None:
    wave = await open_base(resources)
    await issue(resources, wave, n=1, second_share=0.0)
    await bring_back(resources, wave, [1])
    await key(resources, wave, 1, ANN, comment="=1+1")
    await close_batch(resources, wave, batch="B1", by=DI)
    wave = await close_wave(resources, wave, by="tester")
    path = tmp_path / "entries.csv"
    await export_entries(resources, wave, path, by="di")
    assert "'=1+1" in path.read_text("utf-8-sig")
    await export_entries(resources, wave, tmp_path / "entries.xlsx", by="di")
    with zipfile.ZipFile(tmp_path / "entries.xlsx") as archive:
        assert not re.search(rb"<f[ >]", archive.read(SHEET))


async def test_the_custody_log_is_exported_any_time(resources: Resources, tmp_path: Path) -> None:
    wave = await field(resources, n=2)
    path = tmp_path / "custody.csv"
    assert await export_custody(resources, wave, path) == 4
    assert "handed_out" in path.read_text("utf-8-sig")
