"""One figure from two samples: a probability survey and a self-selected poll.

The survey is taken to be unbiased and has sampling error; the poll is large and biased by an
unknown amount b_j for department j. With weight w for the poll the blend has

    MSE_j = (1 − w)² V(s_j) + w² (V(p_j) + b²),

and its root is reported in place of a margin of error, which would be silent about b. Squared
bias can't be estimated for one department (the gap p_j − s_j is mostly noise), so it is pooled:

    b² = max(0, mean_j[(p_j − s_j)² − V(p_j) − V(s_j)]).

Either the scheme declares w (`blend_with_declared_weight`) or w minimises the MSE
(`blend_with_least_error`; Schaible 1978, for a survey and a web sample Elliott and Haviland 2007).
Every result carries its assumptions in words.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import Fault, InvalidInput

Floats = NDArray[np.float64]

UNBIASED_SURVEY = "The survey's estimates are unbiased."
INDEPENDENT = "Survey and poll are independent samples."
POOLED_BIAS = (
    "The poll's squared bias is the same for every department; it is the mean squared gap between "
    "poll and survey less what sampling error explains."
)
DECLARED = "The poll's weight was declared by the scheme, not estimated."
OPTIMAL = (
    "The poll's weight minimises the mean squared error; the error reported does not include that "
    "the squared bias is itself an estimate."
)


@dataclass(frozen=True, slots=True, eq=False)
class SampleEstimates:
    """One sample's estimate and sampling variance per department, in a common order and scale.

    `shared_correlation` is that of the errors of two departments: the same people at the same few
    survey points rate them all.
    """

    values: Floats
    variances: Floats
    shared_correlation: float = 0.0


def shared_correlation(covariance: Floats) -> float:
    """Mean correlation between the errors of two departments, 0 where it is negative.

    Survey points that answer mildly to everything shift all departments together. No comparison
    of departments can see that error, and no model of their differences can remove it.
    """
    variances = np.diag(covariance)
    known = np.flatnonzero(variances > 0)  # not where NaN
    scale = np.sqrt(variances[known])
    correlations = covariance[np.ix_(known, known)] / np.outer(scale, scale)
    between = correlations[~np.eye(len(known), dtype=bool)]
    return max(0.0, float(between.mean())) if len(between) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """The blend: `values`, the poll's weights and the root mean squared errors, per department.

    `squared_bias` is the pooled b² of the poll. `assumptions` belong in print beside the figures.
    """

    values: Floats
    poll_weights: Floats
    root_mean_squared_errors: Floats
    squared_bias: float
    model_based: bool
    assumptions: tuple[str, ...]


def blend_with_declared_weight(
    survey: SampleEstimates, poll: SampleEstimates, *, poll_weight: float
) -> Composite:
    """(1 − w)·survey + w·poll with the scheme's w, and its bias-inclusive error.

    Raises InvalidInput for a weight outside 0 … 1 or samples that don't fit together.
    """
    if not 0 <= poll_weight <= 1:
        fault = Fault("poll_weight", "out-of-range", "poll_weight must lie between 0 and 1")
        raise InvalidInput("The samples can't be blended", faults=[fault])
    bias = pooled_squared_bias(survey, poll)
    weights = np.full(len(survey.values), poll_weight)
    assumptions = (DECLARED, UNBIASED_SURVEY, INDEPENDENT, POOLED_BIAS)
    return _blend(survey, poll, weights, bias, model_based=False, assumptions=assumptions)


def blend_with_least_error(survey: SampleEstimates, poll: SampleEstimates) -> Composite:
    """The w_j = V(s_j) / (V(s_j) + V(p_j) + b²) with the smallest mean squared error."""
    bias = pooled_squared_bias(survey, poll)
    total = survey.variances + poll.variances + bias
    weights = np.divide(survey.variances, total, out=np.zeros_like(total), where=total > 0)
    assumptions = (OPTIMAL, UNBIASED_SURVEY, INDEPENDENT, POOLED_BIAS)
    return _blend(survey, poll, weights, bias, model_based=True, assumptions=assumptions)


def pooled_squared_bias(survey: SampleEstimates, poll: SampleEstimates) -> float:
    """b² of the poll, pooled over departments; 0 where sampling error explains every gap."""
    _check(survey, poll)
    gaps = (poll.values - survey.values) ** 2
    return max(0.0, float(np.mean(gaps - poll.variances - survey.variances)))


def _blend(
    survey: SampleEstimates,
    poll: SampleEstimates,
    weights: Floats,
    bias: float,
    *,
    model_based: bool,
    assumptions: tuple[str, ...],
) -> Composite:
    errors = (1 - weights) ** 2 * survey.variances + weights**2 * (poll.variances + bias)
    return Composite(
        values=(1 - weights) * survey.values + weights * poll.values,
        poll_weights=weights,
        root_mean_squared_errors=np.sqrt(errors),
        squared_bias=bias,
        model_based=model_based,
        assumptions=assumptions,
    )


def _check(survey: SampleEstimates, poll: SampleEstimates) -> None:
    columns = (survey.values, survey.variances, poll.values, poll.variances)
    faults = []
    if len({len(column) for column in columns}) > 1:
        faults.append(Fault("departments", "length", "every list needs one entry per department"))
    if len(survey.values) < 2:
        faults.append(Fault("departments", "too-few", "pooling needs at least two departments"))
    if not all(np.isfinite(column).all() for column in columns):
        faults.append(Fault("departments", "unknown", "estimates and variances must be known"))
    if (survey.variances < 0).any() or (poll.variances < 0).any():
        faults.append(Fault("variances", "out-of-range", "variances must not be negative"))
    if faults:
        raise InvalidInput("The samples can't be blended", faults=faults)
