"""Which departments changed: tests of differences between waves, controlled for their number.

Forty tests at 5 % announce two changes where nothing changed. Holm (1979) bounds the chance of a
single false announcement, whatever the dependence between departments; Benjamini and Hochberg
(1995) bound the expected share of false ones among those announced (for independent or positively
dependent tests). Differences of unknown variance are not tested and do not count.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from app.domain.estimation.contrasts import satterthwaite
from app.errors import Fault, InvalidInput

Floats = NDArray[np.float64]
Control = Literal["holm", "benjamini-hochberg"]


@dataclass(frozen=True, slots=True)
class Change:
    """One department's change from the first wave to the second.

    `low` … `high` is its own t interval, not adjusted for the number of departments. NaN: unknown.
    """

    difference: float
    standard_error: float
    degrees_of_freedom: float
    low: float
    high: float
    p_value: float
    adjusted_p_value: float
    is_significant: bool


@dataclass(frozen=True, slots=True, eq=False)
class WaveEstimates:
    """What one wave found: an estimate and its variance per department (NaN: unknown)."""

    values: Floats
    variances: Floats
    degrees_of_freedom: float | Floats = math.inf


def compare_waves(
    before: WaveEstimates,
    after: WaveEstimates,
    *,
    covariances: Floats | None = None,
    control: Control = "holm",
    confidence: float = 0.95,
) -> tuple[Change, ...]:
    """Test every department's change between two waves.

    `covariances` are those of a department's two estimates where a panel or the same survey points
    serve both waves (the degrees of freedom are then the smaller ones, not Satterthwaite's); leave
    them out for independent samples. Raises InvalidInput where lengths differ or the confidence
    makes no sense.
    """
    _check(before, after, covariances, confidence)
    difference = after.values - before.values
    error, freedom = _error_and_freedom(before, after, covariances)
    p_values = 2 * stdtr(freedom, -np.abs(difference / error))
    adjusted = adjust_p_values(p_values, control)
    half_width = error * stdtrit(freedom, (1 + confidence) / 2)
    return tuple(
        Change(
            difference=float(difference[i]),
            standard_error=float(error[i]),
            degrees_of_freedom=float(freedom[i]),
            low=float(difference[i] - half_width[i]),
            high=float(difference[i] + half_width[i]),
            p_value=float(p_values[i]),
            adjusted_p_value=float(adjusted[i]),
            is_significant=bool(adjusted[i] <= 1 - confidence),
        )
        for i in range(len(difference))
    )


def _error_and_freedom(
    before: WaveEstimates, after: WaveEstimates, covariances: Floats | None
) -> tuple[Floats, Floats]:
    f1 = np.broadcast_to(before.degrees_of_freedom, before.variances.shape)
    f2 = np.broadcast_to(after.degrees_of_freedom, after.variances.shape)
    variance = before.variances + after.variances
    if covariances is None:
        pairs = zip(before.variances, after.variances, f1, f2, strict=True)
        freedom = np.array([satterthwaite((v, w), (a, b)) for v, w, a, b in pairs])
    else:
        variance = variance - 2 * covariances
        freedom = np.minimum(f1, f2)
    return np.sqrt(np.where(variance > 0, variance, np.nan)), freedom


def two_sided_p_value(statistic: float, degrees_of_freedom: float) -> float:
    """Chance of a |t| at least as large where nothing changed."""
    return float(2 * stdtr(degrees_of_freedom, -abs(statistic)))


def adjust_p_values(p_values: Sequence[float] | Floats, control: Control) -> Floats:
    """P-values to hold against the level itself, as R's p.adjust gives them; NaN stays NaN.

    With p₍₁₎ ≤ … ≤ p₍ₘ₎ Holm's is max_{i ≤ k} (m − i + 1) p₍ᵢ₎, Benjamini and Hochberg's
    min_{i ≥ k} m p₍ᵢ₎ / i.
    """
    p = np.asarray(p_values, dtype=float)
    adjusted = np.full_like(p, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    m = len(order)
    place = np.arange(1, m + 1)
    if control == "holm":
        stepped = np.maximum.accumulate((m - place + 1) * p[order])
    else:
        stepped = np.minimum.accumulate((m * p[order] / place)[::-1])[::-1]
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _check(
    before: WaveEstimates, after: WaveEstimates, covariances: Floats | None, confidence: float
) -> None:
    columns = [before.values, before.variances, after.values, after.variances, covariances]
    faults = []
    if len({len(column) for column in columns if column is not None}) > 1:
        faults.append(Fault("departments", "length", "every list needs one entry per department"))
    if not 0 < confidence < 1:
        faults.append(Fault("confidence", "out-of-range", "confidence must lie between 0 and 1"))
    if faults:
        raise InvalidInput("The waves can't be compared", faults=faults)
