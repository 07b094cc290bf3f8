"""How precise a score is: the errors of its indices, weighted like the indices themselves.

With w_c the points of component c, a score Σ w_c I_c / 100 has the sampling variance

    V = Σ_s (Σ_{c from s} w_c / 100)² SE_s²      s: samples, independent of each other

since components from one sample err together. Entered figures are taken as they are. A poll of
whoever wanted to answer is off by an unknown bias besides; where the scheme names its anchor, the
pooled squared bias b² of `estimation/composites.py` is added, (w_c / 100)² b². Without an anchor
nobody knows how far it is off: the mean squared error is unknown, and so is every rank.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.estimation.composites import (
    INDEPENDENT,
    POOLED_BIAS,
    UNBIASED_SURVEY,
    SampleEstimates,
    pooled_squared_bias,
)
from app.domain.estimation.contrasts import satterthwaite
from app.domain.questionnaires.scheme import Component, IndexSource
from app.domain.scoring.external_evaluation import DepartmentScore, IndexBasis

Floats = NDArray[np.float64]

INDEPENDENT_DEPARTMENTS = (
    "The errors of two departments are independent. Where the same people rate both, they err "
    "alike, and the intervals of ranks are wider than they need to be."
)
UNKNOWN_BIAS = (
    "A self-selected poll without an anchor counts: nobody knows how far it is off, so no "
    "department can be told apart from another."
)


@dataclass(frozen=True, slots=True, eq=False)
class Precision:
    """Per department in the order given; NaN is unknown.

    `sampling` variances are those of drawing samples alone, `mean_squared` errors contain bias.
    `squared_bias` (index points) is by self-selected component with an anchor.
    """

    sampling: Floats
    mean_squared: Floats
    degrees_of_freedom: float
    squared_bias: dict[str, float]
    assumptions: tuple[str, ...]


def measure_precision(leaves: Sequence[Component], scores: Sequence[DepartmentScore]) -> Precision:
    """Measure the sum of these components for departments whose points are all known."""
    fed = [leaf for leaf in leaves if isinstance(leaf.feeds, IndexSource)]
    bases = {leaf.code: _bases(leaf.code, scores) for leaf in fed}
    polls = [leaf for leaf in fed if any(_self_selected(one) for one in bases[leaf.code])]
    sampled = [_sampling(fed, score) for score in scores]
    squared_bias = {leaf.code: _squared_bias(leaf, scores) for leaf in polls}
    bias = np.array(
        [
            sum(_share(leaf, score) ** 2 * squared_bias[leaf.code] for leaf in polls)
            for score in scores
        ]
    )
    sampling = np.array([variance for variance, _ in sampled])
    known = {code: b for code, b in squared_bias.items() if not math.isnan(b)}
    return Precision(
        sampling=sampling,
        mean_squared=sampling + bias,
        degrees_of_freedom=min((freedom for _, freedom in sampled), default=math.inf),
        squared_bias=known,
        assumptions=_assumptions(anchored=bool(known), adrift=len(known) < len(polls)),
    )


def _assumptions(*, anchored: bool, adrift: bool) -> tuple[str, ...]:
    of_bias = (UNBIASED_SURVEY, INDEPENDENT, POOLED_BIAS) if anchored else ()
    return (INDEPENDENT_DEPARTMENTS, *of_bias, *((UNKNOWN_BIAS,) if adrift else ()))


def _basis(component: str, score: DepartmentScore) -> IndexBasis | None:
    return next(one.index for one in score.components if one.component == component)


def _bases(component: str, scores: Sequence[DepartmentScore]) -> list[IndexBasis | None]:
    return [_basis(component, score) for score in scores]


def _self_selected(basis: IndexBasis | None) -> bool:
    return basis is not None and basis.kind == "self-selected"


def _share(leaf: Component, score: DepartmentScore) -> float:
    return float(leaf.points_of(score.department.group)) / 100


def _sampling(fed: Sequence[Component], score: DepartmentScore) -> tuple[float, float]:
    """Give a department's sampling variance and its degrees of freedom."""
    shares: dict[IndexBasis, float] = defaultdict(float)
    for leaf in fed:
        basis = _basis(leaf.code, score)
        if basis is not None and _share(leaf, score) > 0:
            shares[basis] += _share(leaf, score)
    variances = [(share * _error(basis)) ** 2 for basis, share in shares.items()]
    moving = [(v, b) for v, b in zip(variances, shares, strict=True) if v > 0]
    if not moving:
        return sum(variances), math.inf
    freedoms = [max(1.0, float(basis.degrees_of_freedom)) for _, basis in moving]
    return sum(variances), satterthwaite([v for v, _ in moving], freedoms)


def _error(basis: IndexBasis) -> float:
    return math.nan if basis.standard_error is None else float(basis.standard_error)


def _squared_bias(poll: Component, scores: Sequence[DepartmentScore]) -> float:
    """Pool the poll's squared bias over departments; NaN without a sound anchor."""
    anchor = poll.feeds.anchor if isinstance(poll.feeds, IndexSource) else None
    if anchor is None or any(_self_selected(one) for one in _bases(anchor, scores)):
        return math.nan
    pairs = [
        (survey, own)
        for survey, own in zip(_bases(anchor, scores), _bases(poll.code, scores), strict=True)
        if _is_known(survey) and _is_known(own)
    ]
    if len(pairs) < 2:
        return math.nan
    return pooled_squared_bias(
        _estimates([survey for survey, _ in pairs]), _estimates([own for _, own in pairs])
    )


def _is_known(basis: IndexBasis | None) -> bool:
    return basis is not None and None not in (basis.value, basis.standard_error)


def _estimates(bases: Sequence[IndexBasis | None]) -> SampleEstimates:
    known = [one for one in bases if one is not None]
    return SampleEstimates(
        values=np.array([float(one.value or 0) for one in known]),
        variances=np.array([_error(one) ** 2 for one in known]),
    )
