"""Indices with intervals, sorted; beside each the places that it may hold."""

import dataclasses
import statistics
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from app.domain.releases.document import Figures, IndexFigure, Names, Place
from app.plots.axis import Axis, axis_around

LEAST, MOST = Decimal(0), Decimal(100)


@dataclasses.dataclass(frozen=True, slots=True)
class IndexRow:
    """One index as drawn. Positions are empty where there is nothing to draw."""

    name: Names | None
    code: str
    figure: IndexFigure
    dot: str
    low: str
    high: str
    before: str


@dataclasses.dataclass(frozen=True, slots=True)
class RankedRow:
    """A department's index and its place. `like` are those that can't be told apart from it."""

    row: IndexRow
    place: Place
    at: str
    best: str
    span: str
    like: tuple[Names, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class IndexPlot:
    """The departments of a source, the highest index first; `hidden` ones are not shown.

    `middle` is the median of the indices shown, `middle_at` its position.
    """

    axis: Axis
    rows: tuple[RankedRow, ...]
    hidden: tuple[IndexRow, ...]
    middle: Decimal | None
    middle_at: str


def whole(figures: Figures, source: str) -> list[IndexFigure]:
    """List the indices of a source's departments, without parts by stratum or trust level."""
    return [
        one
        for one in figures.indices
        if one.source == source and one.stratum is None and one.trust is None
    ]


def index_axis(shown: Iterable[IndexFigure]) -> Axis:
    """Make one axis for several plots, so that they can be compared by eye."""
    return axis_around((edge for one in shown for edge in _edges(one)), least=LEAST, most=MOST)


def _edges(one: IndexFigure) -> list[Decimal]:
    found = [one.value, one.change.value if one.change else None]
    if one.interval:
        found += [one.interval.low, one.interval.high]
    return [edge for edge in found if edge is not None]


def index_row(axis: Axis, figure: IndexFigure, name: Names | None, code: str) -> IndexRow:
    """Draw one index."""

    def at(value: Decimal | None) -> str:
        return "" if value is None else axis.at(min(max(value, axis.low), axis.high))

    interval = figure.interval
    return IndexRow(
        name=name,
        code=code,
        figure=figure,
        dot=at(figure.value),
        low=at(interval.low) if interval else "",
        high=at(interval.high) if interval else "",
        before=at(figure.change.value) if figure.change else "",
    )


def index_plot(figures: Figures, source: str, axis: Axis) -> IndexPlot:
    """Draw the departments of a source by falling index."""
    names = {one.code: one.name for one in figures.departments}
    places = {one.department: one for one in figures.ranking if one.source == source}
    rows = [
        index_row(axis, one, names[one.department], one.department)
        for one in whole(figures, source)
    ]
    ranked = [_ranked(row, places, names) for row in rows if row.code in places and row.dot]
    ranked.sort(key=lambda one: (one.place.rank, one.row.code))
    shown = {one.row.code for one in ranked}
    values = [one.row.figure.value for one in ranked if one.row.figure.value is not None]
    middle = statistics.median(values) if values else None
    return IndexPlot(
        axis=axis,
        rows=tuple(ranked),
        hidden=tuple(row for row in rows if row.code not in shown),
        middle=middle,
        middle_at=axis.at(middle) if middle is not None else "",
    )


def _ranked(row: IndexRow, places: Mapping[str, Place], names: Mapping[str, Names]) -> RankedRow:
    """Place 1 is drawn at the left end, the last place at the right end."""
    place = places[row.code]
    axis = Axis(Decimal(0), Decimal(len(places)), Decimal(1))
    return RankedRow(
        row=row,
        place=place,
        at=axis.at(Decimal(place.rank) - Decimal("0.5")),
        best=axis.at(Decimal(place.best - 1)),
        span=axis.width(Decimal(place.worst - place.best + 1)),
        like=tuple(names[code] for code in place.like),
    )


def part_rows(axis: Axis, parts: Sequence[IndexFigure], by: str) -> tuple[IndexRow, ...]:
    """Draw a department's index by `stratum` or by `trust` level."""
    labelled = [(getattr(one, by), one) for one in parts if getattr(one, by) is not None]
    return tuple(index_row(axis, one, None, label) for label, one in labelled)
