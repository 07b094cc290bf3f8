"""The figures that a scheme asks offices for, and what values they may have.

A figure's code is that of its component, or `adjustment.kind`: how many `events` there were, how
many points are `deducted` (0 or below) or `added` (0 or above). A value is wrong for a reason of
the scheme; what may be right is for the office to know.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from app.domain.questionnaires.departments import Departments
from app.domain.questionnaires.scheme import Adjustment, Component, EnteredSource, Scheme
from app.errors import Fault

EVENTS, DEDUCTED, ADDED = "events", "deducted", "added"
MOST_DECIMALS = 6
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


def read_figure(
    scheme: Scheme, departments: Departments, row: Mapping[str, str]
) -> NewFigure | list[Fault]:
    """Read one row of `COLUMNS`; or give what is wrong with it, by column."""
    groups = {one.code: one.group for one in departments.departments}
    department = row.get("department", "")
    if department not in groups:
        return [Fault("department", "unknown", "There is no such department")]
    expected = expected_figures(scheme, groups[department]).get(row.get("figure", ""))
    if expected is None:
        return [Fault("figure", "unknown", "The scheme asks for no such figure")]
    written = row.get("value", "")
    if not _NUMBER.fullmatch(written):
        rule = f"Write a number with at most {MOST_DECIMALS} decimals"
        return [Fault("value", "not-a-number", rule)]
    value = Decimal(written)
    if expected.whole and value != value.to_integral_value():
        return [Fault("value", "not-whole", "Events are counted in whole numbers")]
    if not expected.low <= value <= expected.high:
        rule = f"The value must be between {expected.low} and {expected.high}"
        return [Fault("value", "out-of-range", rule)]
    return NewFigure(department, expected.code, value)


def repeated_figures(figures: Mapping[int, NewFigure]) -> list[Fault]:
    """Refuse the second value of one figure in one list; `figures` are by row number."""
    seen: set[tuple[str, str]] = set()
    faults = []
    for number, one in figures.items():
        if (one.department, one.figure) in seen:
            rule = "An earlier row gives this figure already"
            faults.append(Fault(f"row {number}.figure", "repeated", rule))
        seen.add((one.department, one.figure))
    return faults
