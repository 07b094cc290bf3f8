"""A release as one page shows it: a view per source, counts that add up."""

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

from app.domain.releases.document import (
    Counts,
    Figures,
    IndexFigure,
    Names,
    Release,
    Source,
)
from app.plots.distributions import BarPlot, plots_about, plots_by_item
from app.plots.indices import IndexPlot, index_axis, index_plot, whole
from app.plots.representation import Representation, representation

CALIBRATING = ("poststratify", "rake", "calibrate")
"""Steps of the weighting that make groups as large as they are in the population."""


@dataclasses.dataclass(frozen=True, slots=True)
class PartTable:
    """Departments × strata (or trust levels): each row's figures in the order of the columns."""

    by: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[IndexFigure | None, ...]], ...]


@dataclasses.dataclass(frozen=True, slots=True)
class SourceView:
    """What one source says. `leaders` can't be told apart from the highest index."""

    source: Source
    plot: IndexPlot
    leaders: int
    distributions: tuple[BarPlot, ...]
    city: tuple[BarPlot, ...]
    parts: tuple[PartTable, ...]
    who: Representation
    changed: int
    compared: int

    @property
    def anchor(self) -> str:
        """The source's name inside addresses of the page."""
        return self.source.code.replace("/", "-").replace("+", "-")

    @property
    def calibrated(self) -> bool:
        """Whether the weights were adjusted to the population."""
        return any(step.step in CALIBRATING for step in self.source.steps)

    @property
    def trimmed(self) -> bool:
        """Whether large weights were cut."""
        return any(step.step == "trim" for step in self.source.steps)


@dataclasses.dataclass(frozen=True, slots=True)
class Overview:
    """A whole release, ready to be shown. `totals` sums up the counts."""

    release: Release
    sources: tuple[SourceView, ...]
    counts: tuple[Counts, ...]
    totals: dict[str, int]

    @property
    def names(self) -> dict[str, Names]:
        """The departments' names by code."""
        return {one.code: one.name for one in self.release.figures.departments}

    @property
    def class_names(self) -> dict[str, Names]:
        """The respondent classes' names by code."""
        return {one.source.respondent_class: one.source.name for one in self.sources}

    @property
    def answers(self) -> int:
        """How many valid answers the release stands on."""
        return self.totals["valid"]


def overview(release: Release) -> Overview:
    """Draw a release. One axis for the indices of all sources, so that they can be compared."""
    figures = release.figures
    axis = index_axis(one for source in figures.sources for one in whole(figures, source.code))
    return Overview(
        release=release,
        sources=tuple(_source(figures, one, index_plot(figures, one.code, axis))
                      for one in figures.sources),
        counts=figures.counts,
        totals={
            name: sum(getattr(one, name) or 0 for one in figures.counts)
            for name in ("distributed", "returned", "valid", "duplicate", "set_aside", "void")
        },
    )  # fmt: skip


def _source(figures: Figures, source: Source, plot: IndexPlot) -> SourceView:
    order = [one.row.code for one in plot.rows] + [row.code for row in plot.hidden]
    changes = [one.row.figure.change for one in plot.rows if one.row.figure.change]
    return SourceView(
        source=source,
        plot=plot,
        leaders=len(plot.rows[0].like) if plot.rows else 0,
        distributions=tuple(plots_by_item(figures, source.code, order)),
        city=tuple(plots_about(figures, source.code, None)),
        parts=tuple(
            table
            for by in ("stratum", "trust")
            if (table := _part_table(figures, source.code, by, order)).columns
        ),
        who=representation(figures.who_answered.get(source.code, ())),
        changed=sum(bool(one.significant) for one in changes),
        compared=len(changes),
    )


def _part_table(figures: Figures, source: str, by: str, order: Sequence[str]) -> PartTable:
    cells = {
        (one.department, getattr(one, by)): one
        for one in figures.indices
        if one.source == source and getattr(one, by) is not None
    }
    columns = tuple(dict.fromkeys(part for _, part in cells))
    if len(columns) < 2:
        return PartTable(by, (), ())
    rows = tuple((code, tuple(cells.get((code, part)) for part in columns)) for code in order)
    return PartTable(by, columns, rows)


def spread(plot: IndexPlot) -> tuple[Decimal, Decimal] | None:
    """Give the lowest and highest index shown."""
    values = [one.row.figure.value for one in plot.rows if one.row.figure.value is not None]
    return (min(values), max(values)) if values else None
