"""A figure over the years: points, with intervals where there are any, joined by a line."""

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from app.domain.questionnaires.analysis import EarlierFigures
from app.domain.releases.document import Interval, Release
from app.plots.axis import Axis, axis_around
from app.plots.indices import index_axis, whole
from app.plots.numbers import fixed


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """One year: what is written at it, and where it stands; no `low` where there is no interval."""

    year: int
    text: str
    interval: Interval | None
    x: str
    y: str
    low: str = ""
    high: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Trend:
    """The years that have a figure, oldest first."""

    axis: Axis
    points: tuple[Point, ...]

    @property
    def lines(self) -> tuple[tuple[Point, Point], ...]:
        """Each point with the one after it."""
        return tuple(pairwise(self.points))


def trend(releases: Sequence[Release], source: str, department: str) -> Trend:
    """Draw a department's index through releases given oldest first."""
    found = [
        (release.figures.period.last.year, figure, figure.value)
        for release in releases
        for figure in whole(release.figures, source)
        if figure.department == department and figure.value is not None
    ]
    axis = index_axis(figure for _, figure, _ in found)
    places = _places(len(found))
    points = [
        Point(
            year=year,
            text=fixed(value),
            interval=figure.interval,
            x=x,
            y=axis.height(value),
            low=axis.height(figure.interval.low) if figure.interval else "",
            high=axis.height(figure.interval.high) if figure.interval else "",
        )
        for (year, figure, value), x in zip(found, places, strict=True)
    ]
    return Trend(axis, tuple(points))


def earlier_trend(series: EarlierFigures) -> Trend:
    """Draw figures published before, each as it was written."""
    values = [Decimal(one.value) for one in series.figures]
    axis = axis_around(values, least=min(values), most=max(values))
    points = [
        Point(one.year, one.value, None, x, axis.height(value))
        for one, value, x in zip(series.figures, values, _places(len(values)), strict=True)
    ]
    return Trend(axis, tuple(points))


def _places(n: int) -> list[str]:
    """Spread n points over the width."""
    axis = Axis(Decimal("-0.5"), Decimal(n) - Decimal("0.5"), Decimal(1))
    return [axis.at(Decimal(i)) for i in range(n)]
