"""How answers are spread over the levels of a scale: bars that part in the middle.

Good levels stand right of the middle line, bad ones left of it, a middle level half on each side.
All bars of a plot share one axis, so that lengths compare.
"""

import dataclasses
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate, pairwise

from app.domain.releases.document import Distribution, Figures, Names, Scale
from app.plots.axis import Axis

MIDDLE_SCORE = Decimal(50)
SHADES = 3
"""Shades of a side. Where a side has more levels, its inner ones share the lightest."""


@dataclasses.dataclass(frozen=True, slots=True)
class Level:
    """A level of the scale as the legend shows it; `shade` names its colour: bad-3 … good-3."""

    code: str
    name: Names
    shade: str


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """The share of one level."""

    level: Level
    share: Decimal
    x: str
    width: str


@dataclasses.dataclass(frozen=True, slots=True)
class BarRow:
    """One item about one department: its bars, and the sums of both sides; None is not shown.

    `name` is the department's, or the item's where the row is about the city as a whole.
    """

    name: Names
    scale: Scale
    figure: Distribution
    bars: tuple[Bar, ...]
    bad: Decimal | None
    good: Decimal | None


@dataclasses.dataclass(frozen=True, slots=True)
class BarPlot:
    """Rows on one axis. Levels run from the worst to the best."""

    levels: tuple[Level, ...]
    rows: tuple[BarRow, ...]
    middle: str


def plots_by_item(figures: Figures, source: str, order: Sequence[str]) -> list[BarPlot]:
    """Draw one plot per item rated by department, departments in the order given."""
    places = {code: i for i, code in enumerate(order)}
    found = [
        one for one in figures.distributions if one.source == source and one.department in places
    ]
    found.sort(key=lambda one: places[one.department or ""])
    items = dict.fromkeys((one.question, one.aspect) for one in found)
    return [
        _plot(figures, [one for one in found if (one.question, one.aspect) == item])
        for item in sorted(items, key=_declared(figures))
    ]


def plots_about(figures: Figures, source: str, department: str | None) -> list[BarPlot]:
    """Draw all items about one department, or None for the city; one plot per kind of scale."""
    found = [
        one for one in figures.distributions if (one.source, one.department) == (source, department)
    ]
    scales = _scales(figures)
    kinds = dict.fromkeys(scales[one.question, one.aspect].levels for one in found)
    return [
        _plot(figures, [one for one in found if scales[one.question, one.aspect].levels == kind])
        for kind in kinds
    ]


def _scales(figures: Figures) -> dict[tuple[str, str | None], Scale]:
    return {(one.question, one.aspect): one for one in figures.scales}


def _declared(figures: Figures) -> Callable[[tuple[str, str | None]], int]:
    """Give the place of an item in the definition."""
    places = {item: i for i, item in enumerate(_scales(figures))}
    return lambda item: places[item]


def _plot(figures: Figures, distributions: Sequence[Distribution]) -> BarPlot:
    """Draw rows of items whose scales have the same levels."""
    names = {one.code: one.name for one in figures.departments}
    scales = _scales(figures)
    paired = [(one, scales[one.question, one.aspect]) for one in distributions]
    levels = _levels(paired[0][1])
    axis = _axis([_sides(one, levels) for one, _ in paired if one.shares])
    rows = [
        _row(axis, one, names.get(one.department or "", item.name), item) for one, item in paired
    ]
    return BarPlot(levels=levels, rows=tuple(rows), middle=axis.at(Decimal(0)))


def _levels(scale: Scale) -> tuple[Level, ...]:
    """Order levels from the worst to the best; a shade is darker the nearer to its end."""
    ordered = sorted(scale.levels, key=lambda level: level[2])
    bad = [code for code, _, score in ordered if score < MIDDLE_SCORE]
    good = [code for code, _, score in reversed(ordered) if score > MIDDLE_SCORE]
    shades = {code: f"bad-{max(SHADES - i, 1)}" for i, code in enumerate(bad)}
    shades |= {code: f"good-{max(SHADES - i, 1)}" for i, code in enumerate(good)}
    return tuple(Level(code, name, shades.get(code, "neutral")) for code, name, _ in ordered)


def _sides(one: Distribution, levels: Sequence[Level]) -> tuple[Decimal, Decimal, Decimal]:
    """Sum the shares of the bad levels, the middle and the good ones."""
    shares = {share.level: share.share for share in one.shares}

    def total(side: str) -> Decimal:
        codes = [level.code for level in levels if level.shade.partition("-")[0] == side]
        return sum((shares.get(code, Decimal(0)) for code in codes), Decimal(0))

    return total("bad"), total("neutral"), total("good")


def _axis(sides: Sequence[tuple[Decimal, Decimal, Decimal]]) -> Axis:
    left = max((bad + middle / 2 for bad, middle, _ in sides), default=Decimal("0.5"))
    right = max((good + middle / 2 for _, middle, good in sides), default=Decimal("0.5"))
    return Axis(-left, right if left + right else Decimal(1), Decimal(1))


def _row(axis: Axis, one: Distribution, name: Names, scale: Scale) -> BarRow:
    if not one.shares:
        return BarRow(name, scale, one, (), None, None)
    levels = _levels(scale)
    bad, middle, good = _sides(one, levels)
    shares = {share.level: share.share for share in one.shares}
    lengths = [shares.get(level.code, Decimal(0)) for level in levels]
    edges = pairwise(accumulate(lengths, initial=-bad - middle / 2))
    bars = tuple(
        Bar(level, end - start, axis.at(start), axis.width(end - start))
        for level, (start, end) in zip(levels, edges, strict=True)
    )
    return BarRow(name, scale, one, bars, bad, good)
