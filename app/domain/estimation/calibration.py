"""Calibrated weights w_k = d_k F(x_k'λ) that meet the totals T (Deville and Särndal 1992).

One solver serves linear, raking, truncated-linear and logit distances: damped Newton steps on the
convex potential Σ d_k Φ(x_k'λ) − λ'T. It runs on calibration cells, so its cost does not depend on
the number of respondents once they are summed. Redundant margins are no obstacle, the step is the
least-squares one. If no weights can meet the margins, `infeasible_margins` says which stand in the
way.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from app.domain.estimation.distances import Distance
from app.domain.estimation.margins import Frame
from app.errors import Fault
from app.errors.definitions import InfeasibleEstimation

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solution:
    """g-weights per row, the rounds taken and the largest relative error of a margin."""

    g: Floats
    rounds: int
    worst_margin_error: float


def calibrate(
    frame: Frame, mass: Floats, distance: Distance, *, tolerance: float, max_rounds: int
) -> Solution:
    """Solve Σ_k mass_k F(x_k'λ) x_k = T; `mass` is d_k, times the respondents of a grouped row.

    Raises InfeasibleEstimation naming the margins that can't be met.
    """
    scale = np.abs(frame.matrix).max(axis=0, initial=0.0)
    x = frame.matrix / np.where(scale > 0, scale, 1.0)
    problem = _Problem(x, frame.cell_sums(mass), frame.totals / np.where(scale > 0, scale, 1.0))
    coefficients = np.zeros(x.shape[1])
    for rounds in range(max_rounds + 1):
        u = x @ coefficients
        error = problem.worst_error(distance.g(u))
        if error < tolerance:
            return Solution(distance.g(u)[frame.cells], rounds, error)
        coefficients = problem.improved(coefficients, distance)
    raise _refusal(frame, problem, distance)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Calibration summed to cells: x and Σd of each cell, totals scaled like x."""

    x: Floats
    mass: Floats
    totals: Floats

    def sums(self, g: Floats) -> Floats:
        return np.asarray(self.x.T @ (self.mass * g))

    def worst_error(self, g: Floats) -> float:
        """Largest |Σwx − T| relative to |T|, or to the size of the terms where T is 0."""
        size = np.where(self.totals == 0, np.abs(self.x).T @ self.mass, np.abs(self.totals))
        return float(np.max(np.abs(self.sums(g) - self.totals) / size, initial=0.0))

    def improved(self, coefficients: Floats, distance: Distance) -> Floats:
        """A Newton step, halved until the potential no longer rises."""
        u = self.x @ coefficients
        slopes = self.mass * distance.slope(u)
        jacobian = (self.x * slopes[:, None]).T @ self.x
        step = np.linalg.pinv(jacobian, hermitian=True, rcond=1e-13) @ (
            self.totals - self.sums(distance.g(u))
        )
        start = self.potential(coefficients, distance)
        slack = 1e-13 * (abs(start) + self.mass.sum())
        for _ in range(40):
            if self.potential(coefficients + step, distance) <= start + slack:
                break
            step = step / 2
        return np.asarray(coefficients + step)

    def potential(self, coefficients: Floats, distance: Distance) -> float:
        height = self.mass @ distance.potential(self.x @ coefficients)
        return float(height - coefficients @ self.totals)


def _refusal(frame: Frame, problem: _Problem, distance: Distance) -> InfeasibleEstimation:
    names, code = infeasible_margins(frame, problem, distance), "margin-infeasible"
    rule = "can't be met together with the other margins"
    if np.isfinite(distance.bounds[1]):
        rule += " within the bounds"
    if not names:
        names, code = list(frame.groups), "margin-degenerate"
        rule = "can only be met by weights at the edge of what is possible"
    faults = [Fault(name, code, f"Margin {name!r} {rule}") for name in names]
    return InfeasibleEstimation("; ".join(fault.message for fault in faults), faults=faults)


def infeasible_margins(frame: Frame, problem: _Problem, distance: Distance) -> list[str]:
    """Margins that stay unmet by the weights, within the distance's bounds, that miss least.

    A linear programme: minimise Σ (s⁺ + s⁻)/T subject to X'w + s⁺ − s⁻ = T, L·d ≤ w ≤ U·d.
    """
    occupied = problem.mass > 0
    mass, width = problem.mass[occupied], len(problem.totals)
    size = np.maximum(np.abs(problem.totals), 1e-9 * np.abs(problem.totals).max(initial=1.0))
    equations = scipy.sparse.csr_array(problem.x[occupied].T / size[:, None])
    slack = scipy.sparse.eye_array(width, format="csr")
    lower, upper = distance.bounds
    limits = [(lower * d, upper * d) for d in mass] + [(0.0, np.inf)] * (2 * width)
    solution = scipy.optimize.linprog(
        np.concatenate([np.zeros(len(mass)), np.ones(2 * width)]),
        A_eq=scipy.sparse.hstack([equations, slack, -slack], format="csr"),
        b_eq=problem.totals / size,
        bounds=limits,
        method="highs",
    )
    missed = np.asarray(solution.x)[len(mass) :].reshape(2, width).sum(axis=0) > 1e-7
    return [name for name, columns in frame.groups.items() if missed[columns].any()]
