"""The covariance of all planned statistics: by linearisation, or from replicates."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.domain.estimation.columns import Columns, Floats
from app.domain.estimation.few_psus import Credit, decide_credits, warnings_of
from app.domain.estimation.plans import Plan
from app.domain.estimation.replicates import build_replicates, replicate_covariance
from app.domain.estimation.specification import Variance
from app.domain.estimation.variance import covariance, residual_scores
from app.domain.estimation.weights import WeightedSample, weight
from app.errors.definitions import InfeasibleEstimation


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Covariance of the statistics; `naive` is what it would be with every margin credited.

    `naive` is None where that makes no difference. `freedom` is the part of the design's degrees of
    freedom that is left. `replicates` holds the statistics under each set of replicate weights
    (replicates × statistics) where there are any.
    """

    covariance: Floats
    naive: Floats | None = None
    freedom: float = 1.0
    replicates: Floats | None = None
    credits: Mapping[int, Credit] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def measure_uncertainty(
    sample: WeightedSample, plans: Sequence[Plan], columns: Columns, variance: Variance
) -> Uncertainty:
    """Linearise, or run every replicate through all steps of weighting."""
    if variance.method == "linearised":
        return _linearised(sample, plans, variance)
    return _replicated(sample, plans, columns, variance)


def _linearised(sample: WeightedSample, plans: Sequence[Plan], variance: Variance) -> Uncertainty:
    scores = score_matrix(sample, plans)

    def spread(credited: Mapping[int, tuple[str, ...]]) -> Floats:
        return covariance(residual_scores(sample, scores, credited), sample.design)

    return credited_uncertainty(sample, variance, spread)


def credited_uncertainty(
    sample: WeightedSample,
    variance: Variance,
    spread: Callable[[Mapping[int, tuple[str, ...]]], Floats],
    decisions: Mapping[int, Credit] | None = None,
) -> Uncertainty:
    """The covariance that `spread` gives for the margins credited, with the few-unit correction.

    `decisions` are those of the sample where they are known already: they take time, and do not
    depend on what is estimated.
    """
    if decisions is None:
        decisions = decide_credits(sample, variance)
    found = spread({place: decision.credited for place, decision in decisions.items()})
    naive = None
    if not all(decision.is_naive for decision in decisions.values()):
        naive = spread(
            {
                place: tuple(step.frame.groups)
                for place, step in enumerate(sample.applied)
                if step.frame is not None
            }
        )
    corrected = [decision for decision in decisions.values() if decision.corrected]
    return Uncertainty(
        found * math.prod(decision.inflation for decision in corrected),
        naive,
        math.prod(decision.freedom for decision in corrected),
        credits=decisions,
        warnings=tuple(warnings_of(decisions, sample.design, variance)),
    )


def score_matrix(sample: WeightedSample, plans: Sequence[Plan]) -> Floats:
    """u_k of every statistic: rows × statistics."""
    empty = np.zeros((sample.design.rows, 0))
    return np.column_stack([empty, *(plan.statistic.scores(sample.mass) for plan in plans)])


def _replicated(
    sample: WeightedSample, plans: Sequence[Plan], columns: Columns, variance: Variance
) -> Uncertainty:
    replicates = build_replicates(sample.design, variance, columns)
    values = np.array(
        [
            _values_under(sample, plans, columns, base, number)
            for number, base in enumerate(replicates.base_weights(sample.design), 1)
        ]
    )
    estimate = np.array([plan.statistic.value(sample.mass) for plan in plans])
    spread = replicate_covariance(values, estimate, replicates.scales, variance)
    return Uncertainty(spread, replicates=values)


def _values_under(
    sample: WeightedSample, plans: Sequence[Plan], columns: Columns, base: Floats, number: int
) -> list[float]:
    try:
        mass = weight(sample.design.reweighted(base), sample.declared, columns).mass
    except InfeasibleEstimation as refusal:
        raise InfeasibleEstimation(
            f"Replicate {number} can't be weighted: {refusal.detail}", faults=refusal.faults
        ) from refusal
    return [plan.statistic.value(mass) for plan in plans]
