"""Population margins matched with the sample: the calibration variables x_k and their totals T.

Respondents with equal x_k share a calibration cell, and their weights change by the same factor;
so a frame keeps x once per cell. Every disagreement between margins and sample is found here,
before any weight is computed, and named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.estimation.columns import (
    MISSING,
    Codes,
    Columns,
    Flags,
    Floats,
    crossed,
    interlace,
    numbers,
)
from app.domain.estimation.steps import Margin
from app.errors import Fault
from app.errors.definitions import InfeasibleEstimation

JOINT = " & "


@dataclass(frozen=True, eq=False)
class Frame:
    """Calibration variables: `matrix` holds x of every cell, `cells` the cell of every row.

    `groups` gives the columns of each margin, in the declared order; `names` a name per column.
    """

    matrix: Floats
    cells: Codes
    totals: Floats
    groups: Mapping[str, slice]
    names: tuple[str, ...]

    def cell_sums(self, values: Floats) -> Floats:
        """Σ of a row value over each cell."""
        return np.bincount(self.cells, values, len(self.matrix)).astype(np.float64)

    def sums(self, values: Floats) -> Floats:
        """Σ_k values_k x_k."""
        return np.asarray(self.matrix.T @ self.cell_sums(values))

    def fitted(self, coefficients: Floats) -> Floats:
        """x_k'β on every row."""
        return np.asarray((self.matrix @ coefficients)[self.cells])

    def restricted(self, groups: Sequence[str]) -> "Frame":
        """The frame with some of its margins only."""
        kept = [name for name in self.groups if name in groups]
        columns = [j for name in kept for j in range(*self.groups[name].indices(len(self.names)))]
        return Frame(
            self.matrix[:, columns],
            self.cells,
            self.totals[columns],
            _slices({name: _width(self.groups[name]) for name in kept}),
            tuple(self.names[j] for j in columns),
        )


def build_frame(
    columns: Columns,
    mass: Floats,
    margins: Sequence[Margin],
    totals: Mapping[str, float] | None = None,
    population: float | None = None,
) -> Frame:
    """Match margins and totals of numbers with the rows that carry weight (`mass` > 0).

    Raises InfeasibleEstimation with one fault for each empty or unknown category, missing value
    and pair of margins whose totals differ.
    """
    weighted = mass > 0
    faults: list[Fault] = []
    parts = [_match(columns, weighted, margin, faults) for margin in margins]
    faults += [*_repeated(margins, totals or {}), *_unequal_totals(margins, population)]
    measured = {name: numbers(columns, name) for name in totals or {}}
    faults += [
        Fault(name, "margin-value-missing", f"Margin {name!r} is missing for weighted respondents")
        for name, values in measured.items()
        if np.isnan(values[weighted]).any()
    ]
    if faults:
        raise InfeasibleEstimation("; ".join(fault.message for fault in faults), faults=faults)
    cells, matrix = _cells_of(parts, len(mass))
    extra = {} if population is None else {"population": (np.ones(len(mass)), population)}
    for name, values in measured.items():
        extra[name] = (np.where(weighted, values, 0.0), (totals or {})[name])
    if extra:
        matrix = np.column_stack([matrix[cells], *(values for values, _ in extra.values())])
        cells = np.arange(len(mass))
    counted = [
        (margin, text) for margin, (_, kept) in zip(margins, parts, strict=True) for text in kept
    ]
    widths = {margin.name: len(kept) for margin, (_, kept) in zip(margins, parts, strict=True)}
    return Frame(
        np.asarray(matrix, dtype=np.float64),
        cells,
        np.array([m.totals[text] for m, text in counted] + [total for _, total in extra.values()]),
        _slices(widths | dict.fromkeys(extra, 1)),
        (*(f"{margin.name}={text}" for margin, text in counted), *extra),
    )


Matched = tuple[Codes, list[str]]


def _match(columns: Columns, weighted: Flags, margin: Margin, faults: list[Fault]) -> Matched:
    """The margin's category on every row (-1: none), and the categories in use."""
    codes, combinations = crossed(columns, margin.by, rows=len(weighted))
    observed = [JOINT.join(texts) for texts in combinations]
    present = np.bincount(codes[weighted & (codes >= 0)], minlength=len(observed)) > 0
    with_weight = {text for text, some in zip(observed, present, strict=True) if some}
    faults += _category_faults(margin, with_weight)
    if (weighted & (codes == MISSING)).any():
        message = f"Margin {margin.name!r} is missing for weighted respondents"
        faults.append(Fault(margin.name, "margin-value-missing", message))
    kept = [text for text in margin.totals if text in with_weight]
    place = {text: j for j, text in enumerate(kept)}
    translation = np.array([place.get(text, MISSING) for text in observed] + [MISSING])
    return translation[codes], kept


def _category_faults(margin: Margin, with_weight: set[str]) -> list[Fault]:
    faults = []
    for place, (text, total) in enumerate(margin.totals.items()):
        where = f"{margin.name}.{place}"
        if total > 0 and text not in with_weight:
            message = f"Margin {margin.name!r}: its category {place + 1} has no respondent"
            faults.append(Fault(where, "margin-empty", message))
        if total == 0 and text in with_weight:
            message = f"Margin {margin.name!r}: its category {place + 1} is 0 but has respondents"
            faults.append(Fault(where, "margin-zero", message))
    if with_weight - set(margin.totals):
        message = f"Margin {margin.name!r}: respondents are in a category that it does not declare"
        faults.append(Fault(margin.name, "margin-category-unknown", message))
    return faults


def _repeated(margins: Sequence[Margin], totals: Mapping[str, float]) -> list[Fault]:
    names = [*(margin.name for margin in margins), *totals]
    return [
        Fault(name, "margin-repeated", f"Margin {name!r} is declared more than once")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def _unequal_totals(margins: Sequence[Margin], population: float | None) -> list[Fault]:
    """Margins count the same people; totals that differ by more than rounding contradict."""
    sums = {margin.name: sum(margin.totals.values()) for margin in margins}
    if population is not None:
        sums["population"] = population
    (first, expected), *others = sums.items() or [("", 0.0)]
    return [
        Fault(name, "margin-totals-differ", f"Margins {first!r} and {name!r} have different totals")
        for name, total in others
        if abs(total - expected) > 1e-9 * max(total, expected)
    ]


def _cells_of(parts: Sequence[Matched], rows: int) -> tuple[Codes, Floats]:
    """Observed combinations of categories, and the indicator matrix x of each of them."""
    cells = np.zeros(rows, dtype=np.intp)
    for codes, _ in parts:
        cells = interlace(cells, codes + 1)
    example = np.unique(cells, return_index=True)[1]
    blocks = [codes[example][:, None] == np.arange(len(kept)) for codes, kept in parts]
    empty = np.zeros((len(example), 0))
    return cells, np.hstack([empty, *blocks])


def _slices(widths: Mapping[str, int]) -> dict[str, slice]:
    ends = np.cumsum(list(widths.values()), dtype=int)
    return {
        name: slice(int(end) - width, int(end))
        for (name, width), end in zip(widths.items(), ends, strict=True)
    }


def _width(columns: slice) -> int:
    return int(columns.stop - columns.start)
