"""What is usual among many groups, when some of them may be attacked.

A group's value differs from the median of all by chance (known variance) and because groups do
differ (variance tau², equal for all). tau² is the one for which the median of the squared
standardised values is that of a chi-squared variable with one degree of freedom: the Paule-Mandel
equation (J. Res. Natl. Bur. Stand. 87, 1982) with the median for the mean, so that fewer than half
of the groups, however extreme, can't hide themselves.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

FALSE_ALARMS = 0.01
"""How likely a signal finds anything at all in a wave where nothing is wrong, at most."""

EFFICIENCY = 0.37
"""Of the median of absolute deviations for normal values: what the estimate of tau² is worth."""

_MEDIAN_OF_CHI_SQUARED = 2 * float(special.gammaincinv(0.5, 0.5))
_HALVINGS = 60

FEWEST_TO_KNOW, FEWEST_TO_JUDGE = 3, 10
"""Answers of a group that helps to say what is usual, and of one that may be found unusual."""

Floats = NDArray[np.float64]


def from_median(values: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Give deviations from the median and their variances, that of the median (π/2n) included."""
    centre = np.pi / 2 * variances.mean() / len(variances)
    return values - np.median(values), variances + centre


def standardised(deviations: Floats, variances: Floats) -> Floats:
    """Divide deviations from the usual by their standard deviation, tau² included."""
    return deviations / np.sqrt(variances + _between(deviations, variances))


def _between(deviations: Floats, variances: Floats) -> float:
    """Find tau² by halving; 0 where chance explains the differences."""
    squares = deviations**2

    def median(tau2: float) -> float:
        return float(np.median(squares / (variances + tau2)))

    if not len(squares) or median(0.0) <= _MEDIAN_OF_CHI_SQUARED:
        return 0.0
    low, high = 0.0, float(squares.max()) / _MEDIAN_OF_CHI_SQUARED
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if median(middle) > _MEDIAN_OF_CHI_SQUARED else (low, middle)
    return high


def threshold(tests: int, *, known: int, sides: int, scans: int = 1) -> float:
    """How many standard deviations are too many, once in `tests` groups (Bonferroni, Student's t).

    `known`: from so many groups tau² is; with few, little is known of how they differ, and the
    threshold is high. `scans`: the signal compares so many kinds of group, and its false alarms are
    spread over them.
    """
    degrees = max(1.0, EFFICIENCY * (known - 1))
    return -float(special.stdtrit(degrees, FALSE_ALARMS / (sides * scans * max(tests, 1))))
