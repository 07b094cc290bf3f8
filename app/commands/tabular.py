"""Data files of the statistics commands: CSV or Parquet → columns.

A CSV is read as text and nothing is guessed: "0012" stays "0012", an empty cell is a missing
answer (None). Parquet brings its own types and needs the extra `tables` (polars).
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from app.domain.estimation.columns import Column
from app.errors import Fault, InvalidInput

try:
    import polars
except ImportError:  # the extra is optional
    polars = None  # type: ignore[assignment]


def read_columns(path: Path) -> dict[str, Column]:
    """Columns by name, in the order of the file; raises InvalidInput saying what is wrong where."""
    try:
        return _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except UnicodeDecodeError:
        raise _invalid(path, "not-utf-8", "the file is not UTF-8 text") from None
    except OSError:
        raise _invalid(path, "unreadable", "the file can't be read") from None


def read_text_rows(path: Path) -> list[dict[str, str]]:
    """The same file as rows of text, as sampling frames are read; missing cells are empty."""
    columns = {name: column.tolist() for name, column in read_columns(path).items()}
    texts = (["" if cell is None else str(cell) for cell in column] for column in columns.values())
    return [dict(zip(columns, row, strict=True)) for row in zip(*texts, strict=True)]


def _read_csv(path: Path) -> dict[str, Column]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows, [])
        if not header or len(set(header)) < len(header) or "" in header:
            raise _invalid(path, "header", "the first row must name every column, each once")
        columns = list(zip(*_complete(path, rows, len(header)), strict=True))
    if not columns:
        columns = [()] * len(header)
    return {
        name: np.array([cell or None for cell in column], dtype=object)
        for name, column in zip(header, columns, strict=True)
    }


def _complete(path: Path, rows: Iterator[list[str]], width: int) -> Iterator[list[str]]:
    try:
        for number, row in enumerate(rows, start=2):
            if row and len(row) != width:
                raise _invalid(path, "ragged", f"row {number} does not have {width} cells")
            if row:
                yield row
    except csv.Error:
        raise _invalid(path, "not-csv", "the file is not well-formed CSV") from None


def _read_parquet(path: Path) -> dict[str, Column]:
    if polars is None:
        raise _invalid(path, "parquet", "reading Parquet needs the extra `tables`")
    try:
        table = polars.read_parquet(path)
    except polars.exceptions.PolarsError:
        raise _invalid(path, "not-parquet", "the file is not Parquet") from None
    return {column.name: column.to_numpy() for column in table.iter_columns()}


def _invalid(path: Path, code: str, message: str) -> InvalidInput:
    return InvalidInput("A data file can't be read", faults=[Fault(path.name, code, message)])
