"""An index over the waves of a survey: points with intervals, joined by a line."""

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from app.domain.releases.document import IndexFigure, Release
from app.plots.axis import Axis
from app.plots.indices import index_axis, whole


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """One wave: its figure, and where it stands. `low` and `high` are empty without interval."""

    release: Release
    figure: IndexFigure
    x: str
    y: str
    low: str
    high: str


@dataclasses.dataclass(frozen=True, slots=True)
class Trend:
    """The waves in which a department's index is shown, oldest first."""

    axis: Axis
    points: tuple[Point, ...]

    @property
    def lines(self) -> tuple[tuple[Point, Point], ...]:
        """Each point with the one after it."""
        return tuple(pairwise(self.points))


def trend(releases: Sequence[Release], source: str, department: str) -> Trend:
    """Draw a department's index through releases given oldest first."""
    found = [
        (release, figure)
        for release in releases
        for figure in whole(release.figures, source)
        if figure.department == department and figure.value is not None
    ]
    axis = index_axis(figure for _, figure in found)
    places = Axis(Decimal("-0.5"), Decimal(len(found)) - Decimal("0.5"), Decimal(1))
    points = tuple(
        _point(axis, release, figure, places.at(Decimal(i)))
        for i, (release, figure) in enumerate(found)
    )
    return Trend(axis, points)


def _point(axis: Axis, release: Release, figure: IndexFigure, x: str) -> Point:
    interval = figure.interval
    return Point(
        release=release,
        figure=figure,
        x=x,
        y=axis.height(figure.value) if figure.value is not None else "",
        low=axis.height(interval.low) if interval else "",
        high=axis.height(interval.high) if interval else "",
    )
