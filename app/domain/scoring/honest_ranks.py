"""A ranking and what is uncertain about it: intervals, look-alikes, influence, flips."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from app.domain.estimation.influence import measure_influence
from app.domain.estimation.ranks import Ranking as RankEstimate
from app.domain.estimation.ranks import rank_departments
from app.domain.questionnaires.scheme import Component, Scheme
from app.domain.scoring.arithmetic import trimmed
from app.domain.scoring.external_evaluation import (
    ComponentInfluence,
    DepartmentScore,
    Quantity,
    RankedPlace,
    Ranking,
)
from app.domain.scoring.flips import flips
from app.domain.scoring.places import ranks
from app.domain.scoring.precision import Precision, measure_precision

CONFIDENCE = 0.95
_PLACES = 4  # decimals of errors and shares


def rank(
    scheme: Scheme, scores: Sequence[DepartmentScore], *, of: Quantity, group: str | None
) -> Ranking | None:
    """Rank the departments whose score is known; None where none is.

    Sampling error and the bias of anchored polls make the intervals (`precision.py`); they hold
    for all departments at once with 95 % confidence (`estimation/ranks.py`).
    """
    amounts = {score.department.code: _points(score, of) for score in scores}
    known = [score for score in scores if amounts[score.department.code] is not None]
    if not known:
        return None
    points = [amounts[score.department.code] or Decimal(0) for score in known]
    leaves = scheme.leaves() if of == "combined" else scheme.external_leaves()
    precision = measure_precision(leaves, known)
    estimate = rank_departments(
        [float(one) for one in points],
        np.diag(precision.mean_squared),
        degrees_of_freedom=precision.degrees_of_freedom,
        confidence=CONFIDENCE,
    )
    places = _places(known, points, ranks(points, scheme.ties), precision, estimate)
    order = sorted(range(len(known)), key=lambda at: -points[at])
    return Ranking(
        of=of,
        group=group,
        ties=scheme.ties,
        method=estimate.method,
        confidence=Decimal(str(CONFIDENCE)),
        places=tuple(places[at] for at in order),
        groups=tuple(tuple(known[at].department.code for at in alike) for alike in estimate.groups),
        incomplete=tuple(code for code, points in amounts.items() if points is None),
        squared_bias={code: _figure(b) for code, b in precision.squared_bias.items()},
        influence=_influence(leaves, known, of),
        flips=flips([(known[at], points[at]) for at in order], leaves),
        assumptions=precision.assumptions,
    )


def _points(score: DepartmentScore, of: Quantity) -> Decimal | None:
    return (score.combined if of == "combined" else score.external).points


def _places(
    known: Sequence[DepartmentScore],
    points: Sequence[Decimal],
    ranked: Sequence[int],
    precision: Precision,
    estimate: RankEstimate,
) -> list[RankedPlace]:
    codes = [score.department.code for score in known]
    differ = estimate.better | estimate.better.T
    return [
        RankedPlace(
            department=code,
            points=points[at],
            rank=ranked[at],
            best=estimate.ranks[at].low,
            worst=estimate.ranks[at].high,
            sampling_error=_root(precision.sampling[at]),
            root_mean_squared_error=_root(precision.mean_squared[at]),
            like=tuple(
                other for k, other in enumerate(codes) if other != code and not differ[at, k]
            ),
        )
        for at, code in enumerate(codes)
    ]


def _root(variance: float) -> Decimal | None:
    return None if math.isnan(variance) else _figure(math.sqrt(variance))


def _figure(number: float) -> Decimal:
    return trimmed(Decimal(f"{number:.{_PLACES}f}"))


def _influence(
    leaves: Sequence[Component], known: Sequence[DepartmentScore], of: Quantity
) -> tuple[ComponentInfluence, ...]:
    if len(known) < 2:
        return ()
    return tuple(
        ComponentInfluence(
            component=one.component,
            spread=trimmed(one.spread),
            share_of_variance=(
                None if one.share_of_variance is None else _figure(one.share_of_variance)
            ),
            pairs_turned=one.pairs_turned,
            largest_move=one.largest_move,
        )
        for one in measure_influence(_columns(leaves, known, of)).components
    )


def _columns(
    leaves: Sequence[Component], known: Sequence[DepartmentScore], of: Quantity
) -> Mapping[str, list[Decimal]]:
    """Give the points of every component, and of every adjustment where it counts."""
    codes = {leaf.code for leaf in leaves}
    columns: dict[str, list[Decimal]] = {leaf.code: [] for leaf in leaves}
    for score in known:
        for one in score.components:
            if one.component in codes and one.points is not None:
                columns[one.component].append(one.points)
        for adjustment in score.adjustments if of == "combined" else ():
            columns.setdefault(adjustment.adjustment, []).append(adjustment.points)
    return columns
