"""Small-area estimates: the survey's figure for a department, strengthened by the poll.

Fay and Herriot (1979), in the notation of Rao and Molina (2015, chapters 5 and 6): for the areas
i = 1 … m (departments) with direct estimate θ̂_i of known sampling variance ψ_i and covariate z_i,

    θ̂_i = z_i'β + v_i + e_i,   v_i ~ (0, σ²_v),   e_i ~ (0, ψ_i).

σ²_v is estimated by restricted maximum likelihood, β by generalised least squares, and

    θ̃_i = γ_i θ̂_i + (1 − γ_i) z_i'β̃,   γ_i = σ²_v / (σ²_v + ψ_i).

The mean squared error is Prasad and Rao's g₁ + g₂ + 2 g₃, which Datta and Lahiri (2000) showed to
be right for this way of estimating σ²_v.

The model takes sampling errors to be independent between departments; with few survey points they
are not, and its error would come out at a third of the true one (docs/simulation.md). Errors with
correlation ρ are therefore split: a share ρ of ψ_i moves all departments, and so all predictions,
alike; the model is fitted with (1 − ρ) ψ_i, and ρ ψ_i is added to its error.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from app.domain.estimation.composites import UNBIASED_SURVEY, SampleEstimates
from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation

Floats = NDArray[np.float64]
FEWEST_AREAS = 5

ASSUMPTIONS = (
    UNBIASED_SURVEY,
    "The survey's sampling variances are known; beyond an error common to all departments, its "
    "errors are independent between them.",
    "True satisfaction is a straight-line function of the poll's figure plus a random department "
    "effect of constant variance.",
    "The poll's figure is taken as it is: its sampling error and self-selection are not modelled.",
)


@dataclass(frozen=True, slots=True, eq=False)
class FayHerriot:
    """Predicted figures with their root mean squared errors, and the model behind them.

    `shrinkage` is γ_i, the weight of a department's own survey figure; 0 where the survey has
    none (variance NaN) and the prediction rests on the poll alone.
    """

    values: Floats
    root_mean_squared_errors: Floats
    shrinkage: Floats
    coefficients: Floats
    model_variance: float
    assumptions: tuple[str, ...]


def predict_with_poll(survey: SampleEstimates, poll_values: Floats) -> FayHerriot:
    """Fit the model with an intercept and the poll as covariate; predict every department.

    Departments whose survey figure or variance is NaN are predicted but not used for fitting.
    Raises InvalidInput for unfit data and InfeasibleEstimation where the model can't be fitted.
    """
    _check(survey, poll_values)
    Z = np.column_stack([np.ones(len(poll_values)), poll_values])
    known = np.isfinite(survey.values) & np.isfinite(survey.variances)
    if known.sum() < FEWEST_AREAS or np.ptp(poll_values[known]) == 0:
        raise InfeasibleEstimation(
            f"poll_values: the model needs {FEWEST_AREAS} or more departments with a survey figure "
            "and polls that differ"
        )
    psi = np.where(known, (1 - survey.shared_correlation) * survey.variances, np.inf)
    fit = _fit(survey.values[known], psi[known], Z[known])
    return _predict(survey, psi, Z, fit)


def restricted_likelihood_variance(theta: Floats, psi: Floats, Z: Floats) -> float:
    """σ²_v where the restricted likelihood is stationary; 0 if it falls from 0 on.

    The score is ½ (y'P P y − tr P) with P = V⁻¹ − V⁻¹Z(Z'V⁻¹Z)⁻¹Z'V⁻¹ and V = diag(σ²_v + ψ).
    """

    def score(sigma2: float) -> float:
        inverse = 1 / (sigma2 + psi)
        weighted = Z * inverse[:, np.newaxis]
        P = np.diag(inverse) - weighted @ np.linalg.solve(Z.T @ weighted, weighted.T)
        return float((P @ theta) @ (P @ theta) - np.trace(P))

    if score(0.0) <= 0:
        return 0.0
    highest = float(np.var(theta)) + float(psi.max())
    while score(highest) > 0:
        highest *= 2
    return float(scipy.optimize.brentq(score, 0.0, highest, xtol=1e-14 * highest, rtol=1e-14))


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """σ²_v, β̃ with its covariance, and the large-sample variance of the estimate of σ²_v."""

    sigma2: float
    beta: Floats
    beta_covariance: Floats
    variance_of_sigma2: float


def _fit(theta: Floats, psi: Floats, Z: Floats) -> _Fit:
    sigma2 = restricted_likelihood_variance(theta, psi, Z)
    weighted = Z / (sigma2 + psi)[:, np.newaxis]
    covariance = np.asarray(np.linalg.inv(Z.T @ weighted), dtype=np.float64)
    information = float(((sigma2 + psi) ** -2.0).sum()) / 2
    return _Fit(sigma2, covariance @ (weighted.T @ theta), covariance, 1 / information)


def _predict(survey: SampleEstimates, psi: Floats, Z: Floats, fit: _Fit) -> FayHerriot:
    """The predictions; where ψ is infinite γ and g₃ vanish and g₁ is σ²_v itself."""
    known = np.isfinite(psi)
    shared = survey.shared_correlation * np.where(known, survey.variances, 0.0)
    shared[~known] = shared[known].mean()
    gamma = fit.sigma2 / (fit.sigma2 + psi)
    synthetic = Z @ fit.beta
    direct = np.where(known, survey.values, synthetic)
    g1 = (1 - gamma) * fit.sigma2
    g2 = (1 - gamma) ** 2 * np.einsum("ij,jk,ik->i", Z, fit.beta_covariance, Z)
    g3 = (1 - gamma) ** 2 / (fit.sigma2 + psi) * fit.variance_of_sigma2
    return FayHerriot(
        values=gamma * direct + (1 - gamma) * synthetic,
        root_mean_squared_errors=np.sqrt(g1 + g2 + 2 * g3 + shared),
        shrinkage=gamma,
        coefficients=fit.beta,
        model_variance=fit.sigma2,
        assumptions=ASSUMPTIONS,
    )


def _check(survey: SampleEstimates, poll_values: Floats) -> None:
    faults = []
    if len({len(survey.values), len(survey.variances), len(poll_values)}) > 1:
        faults.append(Fault("departments", "length", "every list needs one entry per department"))
    if not np.isfinite(poll_values).all():
        faults.append(Fault("poll_values", "unknown", "every department needs a poll figure"))
    if (survey.variances[np.isfinite(survey.variances)] <= 0).any():
        faults.append(Fault("variances", "out-of-range", "known variances must be positive"))
    if not 0 <= survey.shared_correlation < 1:
        message = "shared_correlation must be at least 0 and below 1"
        faults.append(Fault("shared_correlation", "out-of-range", message))
    if faults:
        raise InvalidInput("The model can't be fitted", faults=faults)
