"""Confidence intervals: t for anything, and three for shares that respect 0 and 1.

All use design degrees of freedom. `n_effective` is p(1 − p)/V̂, the size of the simple random sample
with the same variance; where V̂ is 0 because p is 0 or 1, the caller passes Kish's effective n.
"""

import math

from scipy.special import betaincinv, expit, logit, stdtrit

Interval = tuple[float, float]


def t_quantile(level: float, degrees_of_freedom: float) -> float:
    """The two-sided critical value."""
    return float(stdtrit(degrees_of_freedom, (1 + level) / 2))


def t_interval(value: float, error: float, level: float, degrees_of_freedom: float) -> Interval:
    """θ̂ ± t·SE."""
    reach = t_quantile(level, degrees_of_freedom) * error
    return value - reach, value + reach


def wilson_interval(p: float, n_effective: float, level: float, df: float) -> Interval:
    """Wilson's score interval with n_effective for n and t for z (Franco et al. 2019)."""
    t = t_quantile(level, df)
    centre = p + t**2 / (2 * n_effective)
    reach = t * math.sqrt(p * (1 - p) / n_effective + (t / (2 * n_effective)) ** 2)
    stretch = 1 + t**2 / n_effective
    return max(0.0, (centre - reach) / stretch), min(1.0, (centre + reach) / stretch)


def korn_graubard_interval(
    p: float, n_effective: float, n: float, level: float, df: float
) -> Interval:
    """Clopper-Pearson with n* = n_effective (t_{n−1}/t_df)² (Korn and Graubard 1998)."""
    ratio = t_quantile(level, max(n - 1, 1)) / t_quantile(level, df)
    size, tail = n_effective * ratio**2, (1 - level) / 2
    lower = float(betaincinv(size * p, size * (1 - p) + 1, tail)) if p > 0 else 0.0
    upper = float(betaincinv(size * p + 1, size * (1 - p), 1 - tail)) if p < 1 else 1.0
    return lower, upper


def logit_interval(p: float, error: float, level: float, df: float) -> Interval:
    """t interval of log(p/(1 − p)), turned back; needs 0 < p < 1."""
    reach = t_quantile(level, df) * error / (p * (1 - p))
    return float(expit(logit(p) - reach)), float(expit(logit(p) + reach))
