"""Columns of answers: read as numbers or as labels, where they are used and not before.

A column is a one-dimensional array, one entry per row: floats (NaN is a missing answer), integers,
booleans, or objects that are text or None (None is a missing answer). A file of text thus keeps
codes such as "0012" as written until something asks for a number.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import Fault, InvalidInput

Column = NDArray[Any]
Columns = Mapping[str, Column]
Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Flags = NDArray[np.bool_]

MISSING = -1


def take(columns: Columns, name: str) -> Column:
    """The column of that name; raises InvalidInput naming it if there is none."""
    if name not in columns:
        raise InvalidInput(
            f"The data has no column {name!r}",
            faults=[Fault(name, "column-missing", "The data has no column of this name")],
        )
    return np.asarray(columns[name])


def numbers(columns: Columns, name: str) -> Floats:
    """The column as floats, NaN where the answer is missing; raises InvalidInput if it is text."""
    column = take(columns, name)
    try:
        if column.dtype == object:
            column = np.where(column == np.array(None), np.nan, column)
        values = column.astype(np.float64)
    except (TypeError, ValueError):
        message = "This column must hold numbers only"
        raise InvalidInput(
            f"Column {name!r} must hold numbers only",
            faults=[Fault(name, "not-a-number", message)],
        ) from None
    if np.isinf(values).any():
        raise InvalidInput(
            f"Column {name!r} holds infinite values",
            faults=[Fault(name, "not-finite", "Values must be finite")],
        )
    return values


def label(value: object) -> str:
    """How a value is written as a category: 1 and 1.0 are "1", true is "true", text is itself."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def categories(columns: Columns, name: str) -> tuple[Codes, list[str]]:
    """Codes 0, 1, … of the column and the label of each; missing answers have code -1."""
    column = take(columns, name)
    absent = absences(column)
    present = column[~absent]
    distinct, inverse = np.unique(
        present.astype(str) if present.dtype == object else present, return_inverse=True
    )
    codes = np.full(len(column), MISSING, dtype=np.intp)
    codes[~absent] = inverse
    return codes, [label(value) for value in distinct]


def without(columns: Columns, missing: Sequence[str]) -> dict[str, Column]:
    """The columns with every value that is written like one of `missing` made a missing answer."""
    numeric = [float(text) for text in missing if _is_number(text)]
    return {
        name: _without(np.asarray(column), missing, numeric) for name, column in columns.items()
    }


def _without(column: Column, missing: Sequence[str], numeric: Sequence[float]) -> Column:
    if column.dtype == object:
        kept = column.copy()
        kept[np.isin(column.astype(str), missing)] = None
        return kept
    if numeric and np.issubdtype(column.dtype, np.number):
        return np.asarray(np.where(np.isin(column, numeric), np.nan, column))
    return column


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def absences(column: Column) -> Flags:
    """True where the answer is missing."""
    if column.dtype == object:
        return np.asarray(column == np.array(None), dtype=np.bool_)
    if np.issubdtype(column.dtype, np.floating):
        return np.isnan(column)
    return np.zeros(len(column), dtype=np.bool_)


def crossed(
    columns: Columns, names: Sequence[str], *, rows: int
) -> tuple[Codes, list[tuple[str, ...]]]:
    """Codes of the observed combinations of several columns; -1 where any of them is missing.

    Without names all `rows` are in the one combination `()`.
    """
    if not names:
        return np.zeros(rows, dtype=np.intp), [()]
    parts = [categories(columns, name) for name in names]
    codes = parts[0][0]
    combinations: list[tuple[str, ...]] = [(text,) for text in parts[0][1]]
    for more, texts in parts[1:]:
        missing = (codes == MISSING) | (more == MISSING)
        joint = np.where(missing, MISSING, codes * len(texts) + more)
        observed, inverse = np.unique(joint[~missing], return_inverse=True)
        codes = np.full(len(joint), MISSING, dtype=np.intp)
        codes[~missing] = inverse
        combinations = [
            (*combinations[key // len(texts)], texts[key % len(texts)]) for key in observed
        ]
    return codes, combinations


def dot(a: Floats, b: Floats) -> float:
    """Σ a b by numpy's pairwise sum: as exact as BLAS, and the same on any number of threads."""
    return float(np.sum(a * b))


def interlace(outer: Codes, inner: Codes) -> Codes:
    """Codes 0, 1, … of the observed pairs, in order: units of a stage nested in the one before."""
    width = int(inner.max(initial=0)) + 1
    _, inverse = np.unique(outer * width + inner, return_inverse=True)
    return np.asarray(inverse, dtype=np.intp)
