"""Files of exported responses, written piece by piece: CSV, XLSX, Parquet, SPSS .sav.

CSV and XLSX go straight to the file. Parquet and .sav pass through a CSV beside it: polars turns
that into Parquet as a stream; the writer of .sav needs all columns at once and gets them as small
numbers, about a byte a cell.
"""

import csv
import json
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter

from app.domain.exports.codebook import codebook_rows
from app.domain.exports.columns import Column
from app.domain.exports.rows import Cell
from app.domain.exports.spss_names import spss_names
from app.domain.questionnaires.text import Language
from app.errors import Fault, InvalidInput
from app.errors.operations import NotInstalled
from app.store.keyed_files import harmless

try:
    import polars
    import pyreadstat
except ImportError:  # the extra `tables` is optional
    polars = pyreadstat = None  # type: ignore[assignment]

ROW_GROUP = 20_000
"""Rows of a Parquet file that are held in memory at once."""

MOST_XLSX_ROWS = 1_048_575
"""Of a sheet, below its header."""


class ExportFile(ABC):
    """A table being written: rows piece by piece, `finish`, and in any case `close`."""

    def __init__(self, path: Path, columns: Sequence[Column], language: Language) -> None:
        self.path = path
        self.columns = columns
        self.language: Language = language

    @abstractmethod
    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows."""

    def finish(self) -> None:  # noqa: B027 – a CSV has nothing more to say
        """Write what comes last, once all rows are there."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file, finished or not."""


class CsvFile(ExportFile):
    """UTF-8 with the mark by which spreadsheets know it; text that would be computed is quoted."""

    def __init__(self, path: Path, columns: Sequence[Column], language: Language) -> None:
        super().__init__(path, columns, language)
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(one.name for one in columns)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows."""
        self._writer.writerows(map(self._safe, rows))

    @staticmethod
    def _safe(row: Sequence[Cell]) -> list[Cell]:
        return [harmless(cell) if isinstance(cell, str) else cell for cell in row]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class XlsxFile(ExportFile):
    """One sheet of responses and one with the codebook; nothing in it is computed or linked."""

    def __init__(self, path: Path, columns: Sequence[Column], language: Language) -> None:
        super().__init__(path, columns, language)
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(path, options)
        self._text = self._book.add_format({"num_format": "@"})
        self._sheet = self._book.add_worksheet("responses")
        self._sheet.freeze_panes(1, 0)
        self._rows = 0
        self._put(self._sheet, 0, [one.name for one in columns])

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows. Raises InvalidInput beyond what a sheet holds."""
        for row in rows:
            self._rows += 1
            if self._rows > MOST_XLSX_ROWS:
                rule = f"A sheet holds {MOST_XLSX_ROWS} responses: take another format"
                raise InvalidInput(faults=[Fault("format", "too-many-rows", rule)])
            self._put(self._sheet, self._rows, row)

    def _put(self, sheet: Any, line: int, row: Sequence[Cell]) -> None:
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell, self._text)
            elif cell is not None:
                sheet.write_number(line, place, cell)

    def finish(self) -> None:
        """Add the codebook."""
        book = self._book.add_worksheet("codebook")
        for line, row in enumerate(codebook_rows(self.columns)):
            self._put(book, line, row)

    def close(self) -> None:
        """Close the workbook."""
        self._book.close()


class _ThroughCsv(ExportFile):
    """Collects rows in a plain CSV beside the file, to be read by polars at the end."""

    def __init__(self, path: Path, columns: Sequence[Column], language: Language) -> None:
        if polars is None:
            raise NotInstalled("Parquet and .sav need: pip install 'minyi[tables]'")
        super().__init__(path, columns, language)
        self._plain = path.with_suffix(path.suffix + ".part")
        self._file = self._plain.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)

    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows."""
        self._writer.writerows(rows)

    def close(self) -> None:
        """Close the CSV; it is removed with the folder it is in."""
        self._file.close()

    def _scan(self) -> Any:
        self._file.close()
        schema = {one.name: self._type(one) for one in self.columns}
        return polars.scan_csv(self._plain, has_header=False, schema=schema, low_memory=True)

    def _type(self, column: Column) -> Any:
        match column.kind:
            case "number":
                return polars.Float64
            case "date":
                return polars.Date
            case _:
                return polars.String


class ParquetFile(_ThroughCsv):
    """Codes as text, numbers as numbers, dates as dates."""

    def finish(self) -> None:
        """Turn the CSV into Parquet as a stream."""
        self._scan().sink_parquet(self.path, row_group_size=ROW_GROUP)


class SavFile(_ThroughCsv):
    """SPSS: coded columns as numbers with value labels, variable labels in the chosen language."""

    def finish(self) -> None:
        """Write the .sav from columns of small numbers."""
        self._write(self._scan().collect())

    def _type(self, column: Column) -> Any:
        return polars.Int16 if column.kind == "code" else super()._type(column)

    def _write(self, frame: Any) -> None:
        names = spss_names([one.name for one in self.columns])
        named = dict(zip(names, self.columns, strict=True))
        frame.columns = names
        pyreadstat.write_sav(
            frame,
            str(self.path),
            column_labels={name: one.label[self.language] for name, one in named.items()},
            variable_value_labels={
                name: {value.number: value.label[self.language] for value in one.values}
                for name, one in named.items()
                if one.values
            },
            variable_measure={
                name: "scale" if one.kind == "number" else "nominal" for name, one in named.items()
            },
            row_compress=True,
        )


FORMATS: Mapping[str, type[ExportFile]] = {
    "csv": CsvFile,
    "xlsx": XlsxFile,
    "parquet": ParquetFile,
    "sav": SavFile,
}


@contextmanager
def export_file(
    format_: str, path: Path, columns: Sequence[Column], language: Language
) -> Iterator[ExportFile]:
    """Write a file of one of the FORMATS; it appears under its name when it is complete.

    Raises InvalidInput where its folder is not there.
    """
    if not path.parent.is_dir():
        raise InvalidInput(faults=[Fault("to", "no-folder", "There is no such folder")])
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder:
        part = Path(folder) / path.name
        file = FORMATS[format_](part, columns, language)
        try:
            yield file
            file.finish()
        finally:
            file.close()
        part.replace(path)


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document for programs and people."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
