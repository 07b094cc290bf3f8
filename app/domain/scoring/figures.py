"""The figures that a scheme asks offices for, and what values they may have.

A figure's code is that of its component, or `adjustment.kind`: how many `events` there were, how
many points are `deducted` (0 or below) or `added` (0 or above). A value is wrong for a reason of
the scheme; what may be right is for the office to know.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from app.domain.questionnaires.departments import Departments
from app.domain.questionnaires.scheme import Adjustment, Component, EnteredSource, Scheme
from app.domain.scoring.arithmetic import trimmed
from app.errors import Fault, InvalidInput

EVENTS, DEDUCTED, ADDED = "events", "deducted", "added"
LARGEST = Decimal(1000)
MOST_EVENTS = Decimal(1000)
_NUMBER = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,6})?")


@dataclasses.dataclass(frozen=True, slots=True)
class Expected:
    """One figure: lowest and highest value, whether it counts things, whether points need it."""

    code: str
    low: Decimal
    high: Decimal
    whole: bool = False
    required: bool = True


def expected_figures(scheme: Scheme, group: str) -> dict[str, Expected]:
    """List the figures to be entered for a department of this group, by code."""
    of_components = (
        _of_component(leaf, group)
        for leaf in scheme.leaves()
        if isinstance(leaf.feeds, EnteredSource)
    )
    of_adjustments = (one for adjustment in scheme.adjustments for one in _of(adjustment))
    return {one.code: one for one in (*of_components, *of_adjustments)}


def _of_component(leaf: Component, group: str) -> Expected:
    worth = leaf.points_of(group)
    if isinstance(leaf.feeds, EnteredSource) and leaf.feeds.unit == "hundred":
        return Expected(leaf.code, Decimal(0), Decimal(100), required=worth > 0)
    low = Decimal(0) if leaf.at_least is None else -LARGEST
    high = worth if leaf.at_most is None else LARGEST
    return Expected(leaf.code, low, high, required=worth > 0)


def _of(adjustment: Adjustment) -> Iterator[Expected]:
    code, nothing = adjustment.code, Decimal(0)
    if adjustment.per_event is not None:
        yield Expected(f"{code}.{EVENTS}", nothing, MOST_EVENTS, whole=True, required=False)
    else:
        yield Expected(f"{code}.{DEDUCTED}", -LARGEST, nothing, required=False)
        yield Expected(f"{code}.{ADDED}", nothing, LARGEST, required=False)


@dataclasses.dataclass(frozen=True, slots=True)
class NewFigure:
    """A figure about to be entered."""

    department: str
    figure: str
    value: Decimal


COLUMNS = ("department", "figure", "value")


def read_figures(
    scheme: Scheme, departments: Departments, table: Sequence[Sequence[str]]
) -> list[NewFigure]:
    """Read a table with the header `COLUMNS`; rows without a value wait for theirs.

    Raises InvalidInput with all faults, each named by row and column.
    """
    if not table or [name.strip() for name in table[0]] != list(COLUMNS):
        rule = f"The first row names the columns: {', '.join(COLUMNS)}"
        raise InvalidInput(faults=[Fault("row 1", "header", rule)])
    groups = {one.code: one.group for one in departments.departments}
    found: dict[tuple[str, str], NewFigure] = {}
    faults: list[Fault] = []
    for line, cells in enumerate(table[1:], start=2):
        row = [cell.strip() for cell in cells]
        if not any(row[len(COLUMNS) - 1 :]):
            continue
        try:
            figure = _read(scheme, groups, row)
            if (figure.department, figure.figure) in found:
                raise _Wrong("figure", "repeated", "An earlier row gives this figure already")
            found[figure.department, figure.figure] = figure
        except _Wrong as wrong:
            faults.append(wrong.at(line))
    if not found and not faults:
        faults.append(Fault("file", "empty", "The table has no values"))
    if faults:
        raise InvalidInput(faults=faults)
    return list(found.values())


class _Wrong(Exception):
    """What is wrong with a row."""

    def __init__(self, column: str, code: str, message: str, **parameters: object) -> None:
        super().__init__(message)
        self.column, self.code, self.parameters = column, code, parameters

    def at(self, line: int) -> Fault:
        """Say it of the row with this number."""
        return Fault(f"row {line}.{self.column}", self.code, str(self), self.parameters)


def _read(scheme: Scheme, groups: Mapping[str, str], row: Sequence[str]) -> NewFigure:
    if len(row) != len(COLUMNS):
        raise _Wrong("value", "cells", "A row has a cell for each column")
    department, code, written = row
    if department not in groups:
        raise _Wrong("department", "unknown", "There is no such department")
    expected = expected_figures(scheme, groups[department]).get(code)
    if expected is None:
        raise _Wrong("figure", "unknown", "The scheme asks for no such figure")
    return NewFigure(department, code, _value(expected, written))


def _value(expected: Expected, written: str) -> Decimal:
    if not _NUMBER.fullmatch(written):
        raise _Wrong("value", "not-a-number", "Write a number with at most 6 decimals")
    value = trimmed(Decimal(written))
    if expected.whole and value != value.to_integral_value():
        raise _Wrong("value", "not-whole", "Events are counted in whole numbers")
    if not expected.low <= value <= expected.high:
        rule = f"The value must be between {expected.low} and {expected.high}"
        raise _Wrong("value", "out-of-range", rule, low=expected.low, high=expected.high)
    return value
