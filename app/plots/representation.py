"""Who answered, against the population: paired dots by margin."""

import dataclasses
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from app.domain.releases.document import Category
from app.plots.axis import Axis, axis_around


@dataclasses.dataclass(frozen=True, slots=True)
class ShareRow:
    """A category: positions of its shares of the population and of the respondents.

    `left` and `right` are the ends of the line between them.
    """

    category: Category
    population: str
    answered: str
    weighted: str
    left: str
    right: str


@dataclasses.dataclass(frozen=True, slots=True)
class Margin:
    """A margin and its categories, on an axis that all margins of the page share."""

    code: str
    rows: tuple[ShareRow, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Representation:
    """All margins of a source."""

    axis: Axis
    margins: tuple[Margin, ...]


def representation(categories: Sequence[Category]) -> Representation:
    """Draw who answered."""
    known = [
        share
        for one in categories
        for share in (one.population, one.unweighted, one.weighted)
        if share is not None
    ]
    axis = axis_around([Decimal(0), *known], least=Decimal(0), most=Decimal(1))
    margins = [
        Margin(code, tuple(_row(axis, one) for one in rows))
        for code, rows in groupby(categories, key=lambda one: one.margin)
    ]
    return Representation(axis, tuple(margins))


def _row(axis: Axis, one: Category) -> ShareRow:
    def at(share: Decimal | None) -> str:
        return "" if share is None else axis.at(share)

    pair = sorted(share for share in (one.population, one.unweighted) if share is not None)
    return ShareRow(
        category=one,
        population=at(one.population),
        answered=at(one.unweighted),
        weighted=at(one.weighted),
        left=at(pair[0]),
        right=at(pair[-1]),
    )
