"""Keyed files: which columns they have, and what their rows say.

One row per form: the serial, then a column per field with the digits printed on the form; `?` is
illegible, `*` two marks, empty blank; several choices are joined by `;`. Columns may stand in any
order. The same columns serve the template, the import and the export.
"""

import dataclasses
from collections.abc import Callable, Sequence

from app.domain.paper.fields import PaperField
from app.domain.paper.serials import Serial, read_serial
from app.errors import Fault

SERIAL = "serial"
MOST_ROWS = 5000
"""Forms per file: what one transaction can store while others wait."""


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One row as it came; `line` counts from 1, the header included."""

    line: int
    serial: Serial
    cells: dict[str, str]


def columns(fields: Sequence[PaperField]) -> list[str]:
    """List the columns of a keyed file, in the order of the form."""
    return [SERIAL, *(field.code for field in fields)]


def read_rows(
    table: Sequence[Sequence[str]], known: Sequence[str], *, wave: int
) -> tuple[list[Row], list[Fault]]:
    """Read a table, its header first: rows of this wave, and all faults by row and column.

    Faults name columns of the template and row numbers only. A broken header leaves no rows.
    """
    header = [cell.strip() for cell in table[0]] if table else []
    if faults := _header_faults(header, known):
        return [], faults
    rows: list[Row] = []
    seen: dict[Serial, int] = {}
    for line, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        found = _read_row(line, header, cells, wave, seen)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            rows.append(found)
    return rows, faults


def _header_faults(header: Sequence[str], known: Sequence[str]) -> list[Fault]:
    tests: list[tuple[str, str, Callable[[], bool]]] = [
        ("no-serial", "There is no column `serial`", lambda: SERIAL not in header),
        ("column-twice", "A column stands there twice", lambda: len(set(header)) < len(header)),
        ("unknown-column", "There is a column for no field", lambda: not set(header) <= set(known)),
    ]
    faults = [Fault("row 1", code, message) for code, message, holds in tests if holds()]
    missing = [name for name in known if name not in header]
    return faults + [
        Fault(f"row 1, {name}", "column-missing", "This column is missing") for name in missing
    ]


def _read_row(
    line: int, header: Sequence[str], cells: Sequence[str], wave: int, seen: dict[Serial, int]
) -> Row | Fault:
    if len(cells) != len(header):
        return Fault(f"row {line}", "ragged", "The row has not as many cells as the header")
    by_column = dict(zip(header, cells, strict=True))
    serial = read_serial(by_column.pop(SERIAL))
    field = f"row {line}, {SERIAL}"
    if serial is None:
        return Fault(field, "serial-misread", "The digits of the serial don't fit together")
    if serial.wave != wave:
        return Fault(field, "other-wave", "The form belongs to another wave")
    if serial in seen:
        return Fault(field, "serial-twice", f"The serial stands in row {seen[serial]} too")
    seen[serial] = line
    return Row(line, serial, by_column)
