"""Statistics as functions of the weights: their value and their scores u_k = ∂θ̂/∂w_k.

Everything published is one of four: a ratio of totals (means and shares are ratios), a total, the
distribution function at a point (for quantiles), or a weighted sum of such. The scores are those of
Särndal, Swensson and Wretman (1992), section 5.5; rows that don't count have score 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from app.domain.estimation.columns import Flags, Floats, dot


class Statistic(Protocol):
    """`rows` are the respondents that count; `mass` their weights, times grouped respondents."""

    @property
    def rows(self) -> Flags: ...
    def value(self, mass: Floats) -> float: ...
    def scores(self, mass: Floats) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Ratio:
    """R̂ = Σ w y / Σ w x, with scores (y − R̂x)/Σ w x. NaN where no weight is left."""

    numerator: Floats
    denominator: Floats
    rows: Flags

    def value(self, mass: Floats) -> float:
        below = dot(mass[self.rows], self.denominator[self.rows])
        above = dot(mass[self.rows], self.numerator[self.rows])
        return above / below if below != 0 else float("nan")

    def scores(self, mass: Floats) -> Floats:
        below = dot(mass[self.rows], self.denominator[self.rows])
        scores = np.zeros(len(mass))
        if below != 0:
            residual = self.numerator - self.value(mass) * self.denominator
            scores[self.rows] = residual[self.rows] / below
        return scores


def mean_of(values: Floats, rows: Flags) -> Ratio:
    """Ȳ̂ = Σ w y / Σ w."""
    return Ratio(values, np.ones(len(values)), rows)


@dataclass(frozen=True, eq=False)
class Total:
    """Ŷ = Σ w y, with scores y."""

    values: Floats
    rows: Flags

    def value(self, mass: Floats) -> float:
        return dot(mass[self.rows], self.values[self.rows])

    def scores(self, mass: Floats) -> Floats:
        return np.where(self.rows, self.values, 0.0)


@dataclass(frozen=True, eq=False)
class Combination:
    """Σ_j c_j θ̂_j: an index of item means."""

    parts: Sequence[Statistic]
    coefficients: Sequence[float]

    @property
    def rows(self) -> Flags:
        """Respondents that count in any part."""
        return np.asarray(np.logical_or.reduce([part.rows for part in self.parts]))

    def value(self, mass: Floats) -> float:
        values = [part.value(mass) for part in self.parts]
        return float(sum(c * v for c, v in zip(self.coefficients, values, strict=True)))

    def scores(self, mass: Floats) -> Floats:
        scores = np.zeros(len(mass))
        for coefficient, part in zip(self.coefficients, self.parts, strict=True):
            scores += coefficient * part.scores(mass)
        return scores
