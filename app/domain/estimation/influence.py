"""How much each component of a scheme moves the departments apart and in the ranking.

A component's nominal points say little: in Xiamen in 2008 a survey worth 30 points spread the six
districts by 1.515 and an online poll worth 5 spread them by 1.490. What counts is how much a
component varies between departments and whether it agrees with the rest.

Points are decimals, as the scheme awards them; spreads and totals stay exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from statistics import fmean

from app.errors import Fault, InvalidInput


@dataclass(frozen=True, slots=True)
class Influence:
    """One component against the total.

    spread             highest minus lowest points
    share_of_variance  cov(component, total) / var(total); the components' shares add up to 1, a
                       negative one pulls departments together. None if all totals are equal
    pairs_turned       pairs of departments whose order the component turns: it is another one, or
                       a tie, when everybody gets the component's mean instead
    largest_move       most places that one department moves by that
    """

    component: str
    spread: Decimal
    share_of_variance: float | None
    pairs_turned: int
    largest_move: int


@dataclass(frozen=True, slots=True)
class InfluenceReport:
    """All components in the order given, and the spread of the totals they add up to."""

    spread_of_totals: Decimal
    pairs: int
    components: tuple[Influence, ...]


def measure_influence(points: Mapping[str, Sequence[Decimal]]) -> InfluenceReport:
    """Measure every component; `points` holds each one's points, departments in one order.

    Raises InvalidInput unless all components score the same two or more departments.
    """
    _check(points)
    totals = [sum(row, Decimal(0)) for row in zip(*points.values(), strict=True)]
    return InfluenceReport(
        spread_of_totals=_spread(totals),
        pairs=len(totals) * (len(totals) - 1) // 2,
        components=tuple(_influence(name, own, totals) for name, own in points.items()),
    )


def _influence(name: str, own: Sequence[Decimal], totals: Sequence[Decimal]) -> Influence:
    # Everybody getting the component's mean orders departments as the totals without it do.
    without = [total - mine for total, mine in zip(totals, own, strict=True)]
    return Influence(
        component=name,
        spread=_spread(own),
        share_of_variance=_share_of_variance(own, totals),
        pairs_turned=_pairs_turned(totals, without),
        largest_move=max(
            abs(before - after)
            for before, after in zip(_places(without), _places(totals), strict=True)
        ),
    )


def _spread(points: Sequence[Decimal]) -> Decimal:
    return max(points) - min(points)


def _share_of_variance(own: Sequence[Decimal], totals: Sequence[Decimal]) -> float | None:
    if len(set(totals)) == 1:
        return None
    mean_own, mean_total = fmean(own), fmean(totals)
    products = [
        (float(a) - mean_own) * (float(b) - mean_total) for a, b in zip(own, totals, strict=True)
    ]
    squares = [(float(b) - mean_total) ** 2 for b in totals]
    return sum(products) / sum(squares)


def _pairs_turned(totals: Sequence[Decimal], without: Sequence[Decimal]) -> int:
    return sum(
        _order(totals[i], totals[j]) != _order(without[i], without[j])
        for i, j in combinations(range(len(totals)), 2)
    )


def _order(a: Decimal, b: Decimal) -> int:
    return (a > b) - (a < b)


def _places(totals: Sequence[Decimal]) -> list[int]:
    return [1 + sum(other > total for other in totals) for total in totals]


def _check(points: Mapping[str, Sequence[Decimal]]) -> None:
    departments = {len(own) for own in points.values()}
    if len(departments) != 1 or min(departments) < 2:
        message = "every component must score the same two or more departments"
        raise InvalidInput(
            "Influence can't be measured", faults=[Fault("points", "length", message)]
        )
