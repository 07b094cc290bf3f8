"""How much worse (or better) the sample is than a simple random one of the same size."""

import math

import numpy as np

from app.domain.estimation.columns import Flags, Floats, dot
from app.domain.estimation.weights import WeightedSample


def effective_size(sample: WeightedSample, rows: Flags) -> float:
    """Kish's (Σw)²/Σw² over `rows`; in grouped rows from the mean squared base weight."""
    design = sample.design
    base = design.base_weights
    factor = np.divide(sample.weights, base, out=np.zeros(design.rows), where=base != 0)
    squares = float((design.counts * design.base_squares * factor**2)[rows].sum())
    return float(sample.mass[rows].sum()) ** 2 / squares if squares > 0 else 0.0


def design_effect(sample: WeightedSample, scores: Floats, rows: Flags, variance: float) -> float:
    """V̂ over the variance under simple random sampling without replacement.

    V̂_srs = (Σw)² (1 − n/Σw) S²/n, S² = n/(n − 1) Σ w (u − ū)²/Σw being the variance of scores of
    the rows that count (Särndal, Swensson and Wretman 1992, section 2.10). NaN where it is 0.
    """
    counted = rows & (sample.mass != 0)
    n, mass = float(sample.design.counts[counted].sum()), sample.mass[counted]
    size = float(mass.sum())
    if n < 2 or size <= n:
        return math.nan
    centred = scores[counted] - dot(mass, scores[counted]) / size
    spread = n / (n - 1) * dot(mass, centred**2) / size
    simple = size**2 * (1 - n / size) * spread / n
    return variance / simple if simple > 0 else math.nan
