"""Files of keyed forms: CSV (UTF-8 or GB18030) and XLSX → rows of text, and back.

A file may be anything. Sizes are bounded before anything is unpacked, every part of an XLSX is
unpacked once in pieces to find out its true size and whether it holds formulas, macros or links,
and only then is it given to the reader. Formulas are refused and not computed: what a keyer typed
is a value. Written files give a spreadsheet nothing to run either.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from app.errors import Fault, InvalidInput

MOST_BYTES = 20 << 20
MOST_UNPACKED = 100 << 20
MOST_PARTS = 1000
MOST_CELLS = 2_000_000
LONGEST_CELL = 10_000
_PIECE = 1 << 16
_FORMULA = re.compile(rb"<(?:[A-Za-z0-9]+:)?f[\s/>]")
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,4})([0-9]{1,9})["']""")
_TWO_BYTE_TEXT = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_OVERLAP = 40
_FOREIGN = re.compile(r"vbaproject|externallinks|activex|embeddings|macrosheets", re.IGNORECASE)
_RUNS = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

Table = list[list[str]]


def read_table(path: Path, *, most_rows: int) -> Table:
    """Read the first sheet of a file, header included. Raises InvalidInput.

    `most_rows` does not count the header.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        raise _refused("unreadable", "The file can't be read") from None
    return parse_table(content, most_rows=most_rows)


def parse_table(content: bytes, *, most_rows: int) -> Table:
    """Read the same from the bytes of a file."""
    if len(content) > MOST_BYTES:
        raise _refused("too-large", f"The file has more than {MOST_BYTES >> 20} MiB")
    rows = _xlsx_rows(content) if content.startswith(b"PK") else _csv_rows(content)
    return _bounded(rows, most_rows)


def _bounded(rows: Iterator[list[str]], most_rows: int) -> Table:
    table: Table = []
    cells = 0
    for row in rows:
        cells += len(row)
        if len(table) > most_rows or cells > MOST_CELLS:
            raise _refused("too-many-rows", f"A file has at most {most_rows} rows")
        if any(len(cell) > LONGEST_CELL for cell in row):
            raise _refused("cell-too-long", f"A cell has more than {LONGEST_CELL} characters")
        table.append(row)
    _refuse_formulas(table)
    return table


def _refuse_formulas(table: Table) -> None:
    """A cell that a spreadsheet would compute is no mark; signed numbers are."""
    faults = [
        Fault(f"row {line}, column {place}", "formula", "The cell begins like a formula")
        for line, row in enumerate(table, start=1)
        for place, cell in enumerate(row, start=1)
        if _RUNS.match(cell) and not _NUMBER.fullmatch(cell)
    ]
    if faults:
        raise InvalidInput("The file has formulas", faults=faults[:100])


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(_decode(content), newline=""), strict=True)
    except csv.Error:
        raise _refused("not-csv", "The file is not well-formed CSV") from None


def _decode(content: bytes) -> str:
    """UTF-8 first: text in GB18030 is hardly ever valid UTF-8 by chance, the reverse often is."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _refused("encoding", "The file is text neither in UTF-8 nor in GB18030")


def _xlsx_rows(content: bytes) -> Iterator[list[str]]:
    _inspect(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = workbook.get_sheet_by_index(0)
        height, width = sheet.total_height, sheet.total_width
        if height * width > MOST_CELLS:
            raise _refused("too-many-rows", "The sheet has too many cells")
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, OSError):
        raise _refused("not-xlsx", "The file is not a workbook that can be read") from None
    for row in rows:
        yield [_text(cell) for cell in row]


def _text(cell: object) -> str:
    """Write a cell as it was typed: spreadsheets make 1 a 1.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return str(int(cell))
    return str(cell).split(" 00:00:00")[0]


def _inspect(content: bytes) -> None:
    """Unpack every part piece by piece, keeping nothing; refuse bombs, formulas, macros, links."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
                raise _refused("zip-bomb", "The file unpacks to more than is allowed")
            if any(_FOREIGN.search(one.filename) for one in parts):
                raise _refused("macros", "The file holds macros or links to other files")
            for part in parts:  # zipfile unpacks no more than declared, and then misses the sum
                _inspect_part(archive, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise _refused("not-xlsx", "The file is not a workbook that can be read") from None


def _inspect_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look through one part, whatever it is called: a workbook may keep a sheet anywhere."""
    before = b""
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            if not before and piece[:2] in _TWO_BYTE_TEXT:
                raise _refused("encoding", "The file's XML is not UTF-8")
            _inspect_piece(before + piece)
            before = piece[-_OVERLAP:]


def _inspect_piece(piece: bytes) -> None:
    if _ENTITY.search(piece):
        raise _refused("entities", "The file declares XML entities")
    if _FORMULA.search(piece):
        raise _refused("formula", "The file has formulas")
    for letters, digits in _REFERENCE.findall(piece):
        if _column(letters) * int(digits) > MOST_CELLS:  # a reader makes room for all before it
            raise _refused("too-many-rows", "The sheet has too many cells")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return max(number, 1)


def write_table(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write a table, as XLSX where the name says so, else as CSV that spreadsheets open rightly."""
    if path.suffix.lower() == ".xlsx":
        _write_xlsx(path, rows)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            _write_csv(file, rows)


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Give a table as the bytes of such a CSV."""
    text = io.StringIO(newline="")
    _write_csv(text, rows)
    return text.getvalue().encode("utf-8-sig")


def _write_csv(file: TextIO, rows: Iterable[Sequence[str]]) -> None:
    csv.writer(file).writerows([harmless(cell) for cell in row] for row in rows)


def harmless(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would compute."""
    return f"'{cell}" if _RUNS.match(cell) and not _NUMBER.fullmatch(cell) else cell


def _write_xlsx(path: Path, rows: Iterable[Sequence[str]]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as workbook:
        sheet = workbook.add_worksheet()
        text = workbook.add_format({"num_format": "@"})
        sheet.freeze_panes(1, 1)
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, cell, text)


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, faults=[Fault("file", code, message)])
