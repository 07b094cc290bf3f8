"""The indices of a release as a table for spreadsheets."""

from collections.abc import Iterator
from decimal import Decimal

from app.domain.questionnaires.text import Language
from app.domain.releases.document import IndexFigure, Release

HEADER = (
    "release",
    "source",
    "kind",
    "department",
    "name",
    "stratum",
    "trust",
    "index",
    "standard_error",
    "low",
    "high",
    "level",
    "n",
    "effective_n",
    "design_effect",
    "unweighted",
    "rank",
    "rank_best",
    "rank_worst",
    "suppressed",
)


def index_table(release: Release, language: Language) -> Iterator[tuple[str, ...]]:
    """Give header and rows. Numbers as published; a figure that is not shown is an empty cell."""
    figures = release.figures
    names = {one.code: one.name for one in figures.departments}
    kinds = {one.code: one.kind for one in figures.sources}
    yield HEADER
    for one in figures.indices:
        name = names[one.department]
        yield (
            release.header.release,
            one.source,
            kinds[one.source],
            one.department,
            name.zh if language == "zh" else name.en,
            one.stratum or "",
            one.trust or "",
            *_figures(one),
            *_place(release, one),
            one.suppressed or "",
        )


def _figures(one: IndexFigure) -> tuple[str, ...]:
    interval = one.interval
    edges = (interval.low, interval.high, interval.level) if interval else (None, None, None)
    sizes = (one.n, one.effective_n, one.design_effect, one.unweighted)
    return tuple(_cell(cell) for cell in (one.value, one.standard_error, *edges, *sizes))


def _place(release: Release, figure: IndexFigure) -> tuple[str, ...]:
    if figure.stratum is None and figure.trust is None:
        for place in release.figures.ranking:
            if (place.source, place.department) == (figure.source, figure.department):
                return (str(place.rank), str(place.best), str(place.worst))
    return ("", "", "")


def _cell(value: Decimal | int | None) -> str:
    return "" if value is None else str(value)
