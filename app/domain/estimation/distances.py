"""Distances between base and calibrated weights (Deville and Särndal 1992, table 1).

A distance is known by its g-weight function F(u) with F(0) = F'(0) = 1, at u = x_k'λ. `potential`
is an antiderivative of F: calibration minimises Σ d_k Φ(x_k'λ) − λ'T, which is convex.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Distance(Protocol):
    """F, its slope and its potential; `bounds` are the least and greatest possible g-weight."""

    @property
    def bounds(self) -> tuple[float, float]: ...
    def g(self, u: Floats) -> Floats: ...
    def slope(self, u: Floats) -> Floats: ...
    def potential(self, u: Floats) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Case 1, F(u) = 1 + u: the generalised regression estimator; g may turn negative."""

    bounds: tuple[float, float] = (-np.inf, np.inf)

    def g(self, u: Floats) -> Floats:
        return 1 + u

    def slope(self, u: Floats) -> Floats:
        return np.ones_like(u)

    def potential(self, u: Floats) -> Floats:
        return u + u**2 / 2


@dataclass(frozen=True, slots=True)
class Exponential:
    """Case 2, F(u) = exp(u): raking."""

    bounds: tuple[float, float] = (0.0, np.inf)

    def g(self, u: Floats) -> Floats:
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(u))

    slope = g
    potential = g


@dataclass(frozen=True, slots=True)
class TruncatedLinear:
    """Case 7, F(u) = 1 + u cut to the bounds L < 1 < U."""

    bounds: tuple[float, float]

    def g(self, u: Floats) -> Floats:
        return np.clip(1 + u, *self.bounds)

    def slope(self, u: Floats) -> Floats:
        lower, upper = self.bounds
        return ((1 + u > lower) & (1 + u < upper)).astype(np.float64)

    def potential(self, u: Floats) -> Floats:
        lower, upper = self.bounds
        inside = np.clip(u, lower - 1, upper - 1)
        return inside + inside**2 / 2 + self.g(u) * (u - inside)


@dataclass(frozen=True, slots=True)
class Logit:
    """Case 6: F runs from L to U along a logistic curve."""

    bounds: tuple[float, float]

    @property
    def _steepness(self) -> float:
        lower, upper = self.bounds
        return (upper - lower) / ((1 - lower) * (upper - 1))

    def _share(self, u: Floats) -> Floats:
        """How far F has come from L to U, between 0 and 1."""
        lower, upper = self.bounds
        odds = (upper - 1) / (1 - lower)
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + odds * np.exp(-self._steepness * u)))

    def g(self, u: Floats) -> Floats:
        lower, upper = self.bounds
        return lower + (upper - lower) * self._share(u)

    def slope(self, u: Floats) -> Floats:
        lower, upper = self.bounds
        share = self._share(u)
        return (upper - lower) * self._steepness * share * (1 - share)

    def potential(self, u: Floats) -> Floats:
        lower, upper = self.bounds
        rising = np.logaddexp(np.log(upper - 1), np.log(1 - lower) + self._steepness * u)
        return np.asarray(lower * u + (upper - lower) / self._steepness * rising)


def distance_named(name: str, bounds: tuple[float, float] | None) -> Distance:
    """The distance of a `calibrate` step."""
    if name == "truncated-linear" and bounds:
        return TruncatedLinear(bounds)
    if name == "logit" and bounds:
        return Logit(bounds)
    return Exponential() if name == "raking" else Linear()
