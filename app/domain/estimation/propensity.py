"""Quasi-randomisation: weights for a self-selected poll, borrowed from a reference sample.

Volunteer i of the poll A is treated as if drawn with an unknown probability π_i = logit⁻¹(x_i'θ);
a probability sample B of the same population with weights d_i shows what the population looks
like. θ maximises the pseudo-likelihood of Chen, Li and Wu (2020),

    Σ_A x_i'θ − Σ_B d_i log(1 + exp(x_i'θ)),   so that   Σ_A x_i = Σ_B d_i π_i x_i,

and a volunteer's weight is 1/π_i. With one categorical variable this is post-stratification to
the counts estimated from B. No standard error is given: the assumptions, not chance, decide how
wrong a self-selected poll is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from app.domain.estimation.columns import Columns, categories, numbers
from app.domain.estimation.reliability import effective_n
from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation

Floats = NDArray[np.float64]
MAX_ROUNDS = 50
TOLERANCE = 1e-10

ASSUMPTIONS = (
    "Given the variables named, taking part in the poll does not depend on the answers.",
    "Everybody has some chance of taking part in the poll.",
    "Poll and reference sample are independent samples of the same population.",
    "The chance of taking part follows a logistic model without interactions.",
)


@dataclass(frozen=True, slots=True, eq=False)
class PropensityWeights:
    """A weight 1/π_i per volunteer, in the order given, and how the model was fitted.

    `largest_margin_error` is that of Σ_A x = Σ_B d π x, relative. `design_effect` and
    `effective_n` are Kish's. `population` is the sum of the weights, `reference_population` that
    of the reference sample: far apart, they show a model that does not fit.
    """

    weights: Floats
    coefficients: dict[str, float]
    rounds: int
    largest_margin_error: float
    design_effect: float
    effective_n: float
    population: float
    reference_population: float
    assumptions: tuple[str, ...]


def weigh_volunteers(
    poll: Columns,
    reference: Columns,
    reference_weights: Floats,
    *,
    by: Sequence[str],
    numeric: Sequence[str] = (),
) -> PropensityWeights:
    """Weigh the poll's respondents by the variables `by` (categories) and `numeric`.

    Raises InvalidInput for missing or unknown values and InfeasibleEstimation, naming the
    variable, where a category has no volunteers or the model can't be fitted.
    """
    names, A, B = _model_matrices(poll, reference, by, numeric)
    d = _checked_weights(reference_weights, len(B))
    theta, rounds, error = _fit(A, B, d)
    weights = 1 + np.exp(-(A @ theta))
    effective = effective_n(weights)
    return PropensityWeights(
        weights=weights,
        coefficients=dict(zip(names, map(float, theta), strict=True)),
        rounds=rounds,
        largest_margin_error=error,
        design_effect=len(weights) / effective,
        effective_n=effective,
        population=float(weights.sum()),
        reference_population=float(d.sum()),
        assumptions=ASSUMPTIONS,
    )


def _model_matrices(
    poll: Columns, reference: Columns, by: Sequence[str], numeric: Sequence[str]
) -> tuple[list[str], Floats, Floats]:
    """Columns of x: the intercept, all but the first category of each variable, the numbers."""
    blocks = [_indicators(poll, reference, name) for name in by]
    blocks += [_numbers(poll, reference, name) for name in numeric]
    if not blocks:
        fault = Fault("by", "missing", "name at least one variable")
        raise InvalidInput("The poll can't be weighted", faults=[fault])
    names = ["intercept", *(name for block in blocks for name in block[0])]
    rows = len(blocks[0][1]), len(blocks[0][2])
    A = np.column_stack([np.ones(rows[0]), *(block[1] for block in blocks)])
    B = np.column_stack([np.ones(rows[1]), *(block[2] for block in blocks)])
    return names, A, B


def _indicators(poll: Columns, reference: Columns, name: str) -> tuple[list[str], Floats, Floats]:
    (codes_a, labels_a), (codes_b, labels_b) = categories(poll, name), categories(reference, name)
    if (codes_a < 0).any() or (codes_b < 0).any():
        raise _unfit(name, "missing", "every respondent of both samples needs a value")
    if set(labels_a) != set(labels_b):
        raise InfeasibleEstimation(
            f"{name}: a category occurs in one of the two samples only; merge categories"
        )
    order = [labels_a.index(text) for text in labels_b]
    A = np.eye(len(labels_a))[codes_a][:, order]
    return [f"{name}={text}" for text in labels_b[1:]], A[:, 1:], np.eye(len(order))[codes_b][:, 1:]


def _numbers(poll: Columns, reference: Columns, name: str) -> tuple[list[str], Floats, Floats]:
    a, b = numbers(poll, name), numbers(reference, name)
    if np.isnan(a).any() or np.isnan(b).any():
        raise _unfit(name, "missing", "every respondent of both samples needs a value")
    return [name], a, b


def _checked_weights(reference_weights: Floats, rows: int) -> Floats:
    d = np.asarray(reference_weights, dtype=float)
    if len(d) != rows or not np.isfinite(d).all() or (d < 0).any() or not d.any():
        raise _unfit("reference_weights", "out-of-range", "one known weight ≥ 0 per respondent")
    return d


def _fit(A: Floats, B: Floats, d: Floats) -> tuple[Floats, int, float]:
    """Newton's method on a concave pseudo-likelihood, with halved steps where one overshoots."""
    scale = np.maximum(np.abs(A).max(axis=0), np.abs(B).max(axis=0))
    scale[scale == 0] = 1.0
    A, B = A / scale, B / scale
    target, theta = A.sum(axis=0), np.zeros(A.shape[1])
    theta[0] = np.log(len(A) / max(d.sum() - len(A), 1.0))
    for rounds in range(1, MAX_ROUNDS + 1):
        pi = expit(B @ theta)
        score = target - B.T @ (d * pi)
        error = float(np.abs(score).max() / len(A))
        if error <= TOLERANCE:
            return theta / scale, rounds, error
        information = (B * (d * pi * (1 - pi))[:, np.newaxis]).T @ B
        if np.linalg.cond(information) > 1e14:
            break
        theta = _uphill(A, B, d, theta, np.linalg.solve(information, score))
    raise InfeasibleEstimation(
        "by: the chance of taking part can't be fitted; the variables explain each other, or the "
        "poll holds nearly everybody of some kind"
    )


def _uphill(A: Floats, B: Floats, d: Floats, theta: Floats, step: Floats) -> Floats:
    def likelihood(at: Floats) -> float:
        return float((A @ at).sum() - d @ np.logaddexp(0.0, B @ at))

    start = likelihood(theta)
    start -= 1e-12 * abs(start)  # the last steps gain less than rounding loses
    for halvings in range(30):
        candidate = theta + step / 2**halvings
        if likelihood(candidate) >= start:
            return np.asarray(candidate)
    return theta


def _unfit(field: str, code: str, message: str) -> InvalidInput:
    return InvalidInput("The poll can't be weighted", faults=[Fault(field, code, message)])
