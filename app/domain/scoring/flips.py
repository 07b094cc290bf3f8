"""How many worst-score answers would turn two neighbours of a ranking.

The upper department leads by D points. One component gives it w points of an index I that n
respondents made. With m more of average weight who give the worst score, 0, the index becomes
I n / (n + m), and the lead is lost when

    (w / 100) · I · m / (n + m) > D,   that is   m > D n / (w I / 100 − D),

never where w I / 100 ≤ D. Rounding of points is left out. Exact arithmetic.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from app.domain.questionnaires.scheme import Component
from app.domain.scoring.arithmetic import trimmed
from app.domain.scoring.external_evaluation import DepartmentScore, Flip


def answers_to_turn(*, lead: Decimal, worth: Decimal, index: Decimal, n: int) -> int | None:
    """Give the smallest number of worst answers that turns the order; None: no number does."""
    difference = Fraction(lead)
    at_stake = Fraction(worth) * Fraction(index) / 100
    if at_stake <= difference:
        return None
    return int(difference * n / (at_stake - difference)) + 1


def flips(
    ordered: Sequence[tuple[DepartmentScore, Decimal]], leaves: Sequence[Component]
) -> tuple[Flip, ...]:
    """List for all neighbours, by falling score, what each index component would take."""
    return tuple(
        flip
        for (above, high), (below, low) in pairwise(ordered)
        for leaf in leaves
        for flip in _flip(above, below, leaf.code, high - low)
    )


def _flip(
    above: DepartmentScore, below: DepartmentScore, component: str, lead: Decimal
) -> list[Flip]:
    """One flip, or none where the component is no index or its n is withheld."""
    points = next(one for one in above.components if one.component == component)
    basis = points.index
    if basis is None or basis.value is None or basis.n is None:
        return []
    answers = answers_to_turn(lead=lead, worth=points.worth, index=basis.value, n=basis.n)
    return [
        Flip(
            above=above.department.code,
            below=below.department.code,
            difference=trimmed(lead),
            component=component,
            answers=answers,
        )
    ]
