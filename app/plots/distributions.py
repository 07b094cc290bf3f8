"""How answers are spread over the levels of a scale: bars that part in the middle.

Good levels stand right of the middle line, bad ones left of it, a middle level half on each side.
All bars of a plot share one axis, so that lengths compare.
"""

import dataclasses
from collections.abc import Sequence
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

    An item about the city as a whole has no department, and the name of its question.
    """

    department: str | None
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


def bar_plots(figures: Figures, source: str, order: Sequence[str]) -> list[tuple[Scale, BarPlot]]:
    """Draw one plot per rated item, departments in the order given."""
    plots = []
    for scale in figures.scales:
        found = {
            one.department: one
            for one in figures.distributions
            if (one.source, one.question, one.aspect) == (source, scale.question, scale.aspect)
        }
        listed = [found[code] for code in order if code in found]
        if listed:
            plots.append((scale, bar_plot(figures, listed)))
    return plots


def bar_plot(figures: Figures, distributions: Sequence[Distribution]) -> BarPlot:
    """Draw rows of items rated on scales with the same levels."""
    names: dict[str | None, Names] = {one.code: one.name for one in figures.departments}
    scales = {(one.question, one.aspect): one for one in figures.scales}
    paired = [(one, scales[one.question, one.aspect]) for one in distributions]
    named = [(one, names.get(one.department, scale.name), scale) for one, scale in paired]
    levels = _levels(paired[0][1])
    axis = _axis([_sides(one, levels) for one, _ in paired if one.shares])
    return BarPlot(
        levels=levels,
<<<<<<< HEAD
        rows=tuple(_row(axis, one, name, scale) for one, name, scale in named),
=======
        rows=tuple(
            _row(axis, one, names.get(one.department, scale.name), scale) for one, scale in paired
        ),
>>>>>>> main
        middle=axis.at(Decimal(0)),
    )


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
        return BarRow(one.department, name, scale, one, (), None, None)
    levels = _levels(scale)
    bad, middle, good = _sides(one, levels)
    shares = {share.level: share.share for share in one.shares}
    lengths = [shares.get(level.code, Decimal(0)) for level in levels]
    edges = pairwise(accumulate(lengths, initial=-bad - middle / 2))
    bars = tuple(
        Bar(level, end - start, axis.at(start), axis.width(end - start))
        for level, (start, end) in zip(levels, edges, strict=True)
    )
    return BarRow(one.department, name, scale, one, bars, bad, good)
