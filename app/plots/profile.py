"""One department of a release: what each source says of it, and how it has been."""

import dataclasses
from collections.abc import Sequence

from app.domain.releases.document import Dimension, Part, Place, Release, Source, Unit
from app.errors import NotFound
from app.plots.axis import Axis
from app.plots.distributions import BarPlot, plots_about
from app.plots.indices import IndexRow, index_axis, index_row, part_rows, whole
from app.plots.trends import Trend, trend


@dataclasses.dataclass(frozen=True, slots=True)
class SourceProfile:
    """What one source says of a department. `place` is None where its index is not shown."""

    source: Source
    row: IndexRow
    place: Place | None
    places: int
    dimensions: tuple[tuple[Dimension, Part], ...]
    by_stratum: tuple[IndexRow, ...]
    by_trust: tuple[IndexRow, ...]
    answers: tuple[BarPlot, ...]
    trend: Trend


@dataclasses.dataclass(frozen=True, slots=True)
class Profile:
    """A department's page; `axis` is that of all its indices, with the middle department on it."""

    release: Release
    unit: Unit
    axis: Axis
    sources: tuple[SourceProfile, ...]


def profile(release: Release, department: str, earlier: Sequence[Release]) -> Profile:
    """Draw a department; `earlier` are the releases of earlier waves, oldest first.

    Raises NotFound where the release has no such department.
    """
    figures = release.figures
    unit = next((one for one in figures.departments if one.code == department), None)
    if unit is None:
        raise NotFound
    own = [one for one in figures.indices if one.department == department]
    axis = index_axis(own)
    rated = {one.source for one in own}
    return Profile(
        release=release,
        unit=unit,
        axis=axis,
        sources=tuple(
            _source(release, one, unit, axis, earlier)
            for one in figures.sources
            if one.code in rated
        ),
    )


def _source(
    release: Release, source: Source, unit: Unit, axis: Axis, earlier: Sequence[Release]
) -> SourceProfile:
    figures = release.figures
    ranking = [one for one in figures.ranking if one.source == source.code]
    parts = [
        one for one in figures.indices if (one.source, one.department) == (source.code, unit.code)
    ]
    figure = next(one for one in whole(figures, source.code) if one.department == unit.code)
    dimensions = {one.code: one for one in figures.dimensions}
    return SourceProfile(
        source=source,
        row=index_row(axis, figure, unit.name, unit.code),
        place=next((one for one in ranking if one.department == unit.code), None),
        places=len(ranking),
        dimensions=tuple((dimensions[one.dimension], one) for one in figure.parts),
        by_stratum=part_rows(axis, parts, "stratum"),
        by_trust=part_rows(axis, parts, "trust"),
        answers=tuple(plots_about(figures, source.code, unit.code)),
        trend=trend([*earlier, release], source.code, unit.code),
    )
