"""Trimming: extreme weights cut to declared bounds, the excess shared among the others.

Potter (1990); Valliant, Dever and Kreuter (2018), section 14.4. The sum of the weights
stays. Weights of 0 (people who did not answer) take no part.
"""

import numpy as np

from app.domain.estimation.columns import Flags, Floats, dot
from app.domain.estimation.steps import Trim
from app.errors import Fault
from app.errors.definitions import InfeasibleEstimation


def trimmed(weights: Floats, counts: Floats, step: Trim) -> tuple[Floats, int]:
    """The trimmed weights and the passes taken: one, or as many as a strict step needs.

    One pass may lift an untouched weight over the bound; a strict step repeats until none is
    outside, and raises InfeasibleEstimation if the bounds can't hold the sum of the weights.
    """
    limits = bounds(weights, counts, step)
    if step.strict:
        _check_possible(weights, counts, limits)
    current = weights
    for passes in range(len(weights) if step.strict else 1):
        inside = (current >= limits[0]) & (current <= limits[1])
        if (inside | (current == 0)).all():
            return current, passes
        if step.strict:  # what lies on a bound would only be pushed out again
            inside = (current > limits[0]) & (current < limits[1])
        current = _one_pass(current, counts, inside & (current != 0), limits, step.share)
    return current, passes + 1


def bounds(weights: Floats, counts: Floats, step: Trim) -> tuple[float, float]:
    """The bounds as weights; multiples of the median weight are resolved here."""
    unit = _median(weights[weights != 0], counts[weights != 0]) if step.of == "median" else 1.0
    return step.lower * unit, step.upper * unit


def _one_pass(
    weights: Floats, counts: Floats, inside: Flags, limits: tuple[float, float], share: str
) -> Floats:
    cut = np.where(weights != 0, np.clip(weights, *limits), 0.0)
    excess = dot(counts, weights - cut)
    if not inside.any():
        return cut
    if share == "proportional":
        return np.where(inside, cut * (1 + excess / float((counts * cut)[inside].sum())), cut)
    return np.where(inside, cut + excess / float(counts[inside].sum()), cut)


def _check_possible(weights: Floats, counts: Floats, limits: tuple[float, float]) -> None:
    people, total = float(counts[weights != 0].sum()), dot(counts, weights)
    if not limits[0] * people <= total <= limits[1] * people:
        rule = "The bounds of trimming can't hold the sum of the weights"
        raise InfeasibleEstimation(rule, faults=[Fault("trim", "bounds-infeasible", rule)])


def _median(weights: Floats, counts: Floats) -> float:
    order = np.argsort(weights, kind="stable")
    cumulated = np.cumsum(counts[order])
    return float(weights[order][np.searchsorted(cumulated, cumulated[-1] / 2)])
