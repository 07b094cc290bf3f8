"""Copies: one long answer many times, where neighbours in the space of answers are few.

Citizens who think alike give similar answers, and more similar ones than equal ones: around any
vector of ratings there are many that differ from it in one or two items. Pasted ballots stand
alone. So a vector's copies are held against the ring around it, which needs no model of what
people think: of answers within the ring, at most USUAL_SHARE are usually at its centre (exact
binomial tail, Bonferroni over all different vectors). Whether ratings are missing or «don't know»
counts as part of the vector; straight lines have a signal of their own.
"""

import hmac
import math
import sys

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from app.domain.integrity.ballots import Ballots
from app.domain.integrity.findings import Finding, Signal
from app.domain.integrity.robust import FALSE_ALARMS
from app.domain.integrity.signals_straight_lines import LONG, line_shapes

USUAL_SHARE = 0.5
FEWEST_COPIES = 3
MOST_CENTRES = 200
"""The most frequent vectors are looked at, so many of them."""

Vectors = NDArray[np.int8]
Counts = NDArray[np.int64]


def copies(ballots: Ballots, *, key: bytes) -> list[Finding]:
    """Find vectors with too many copies; members have the vector, or differ in one item.

    Those that differ in one item are members where that makes the signal stronger. `key` blinds
    the name of the vector, which would otherwise tell the answers to whoever tries all.
    """
    _, straight = line_shapes(ballots)
    kept = np.flatnonzero(((ballots.ratings >= 0).sum(axis=1) >= LONG) & ~straight)
    vectors, first, inverse, counts = _distinct(ballots.ratings[kept])
    limit = np.log(FALSE_ALARMS / max(len(vectors), 1))
    taken = np.zeros(len(vectors), dtype=np.bool_)
    found = []
    for centre in _centres(first, counts):
        if taken[centre]:
            continue
        distances = (vectors != vectors[centre]).sum(axis=1)
        rings = np.bincount(distances[distances <= 3], counts[distances <= 3], minlength=4)
        equal = _log_chance(rings[0] - 1, rings[1] + rings[2]) / limit
        near = _log_chance(rings[0] - 1 + rings[1], rings[2] + rings[3]) / limit
        if max(equal, near) <= 1:
            continue
        inside = distances <= (1 if near > equal else 0)
        taken |= inside
        name = hmac.digest(key, vectors[centre].tobytes(), "sha256").hex()[:16]
        members = kept[inside[inverse]]
        found.append(
            Finding(Signal.COPIES, {"copy": name}, members, float(max(equal, near)), usual=1.0)
        )
    return found


def _distinct(
    ratings: Vectors,
) -> tuple[Vectors, NDArray[np.intp], NDArray[np.intp], Counts]:
    """Give the different rows, where each stands first, which one each row is, and how often."""
    rows = np.ascontiguousarray(ratings).view(np.dtype((np.void, max(ratings.shape[1], 1))))
    _, first, inverse, counts = np.unique(
        rows.ravel(), return_index=True, return_inverse=True, return_counts=True
    )
    return ratings[first], first, inverse, counts


def _centres(first: NDArray[np.intp], counts: Counts) -> list[int]:
    """List frequent vectors, most frequent first; among equals, the one that stands first."""
    frequent = np.flatnonzero(counts >= FEWEST_COPIES)
    order = np.lexsort((first[frequent], -counts[frequent]))
    return [int(one) for one in frequent[order][:MOST_CENTRES]]


def _log_chance(inner: float, outer: float) -> float:
    """Logarithm of the chance that so many or more of all within the ring are at its centre.

    The upper tail of a binomial is an incomplete beta function (NIST DLMF 8.17.5).
    """
    if not inner:
        return 0.0
    return math.log(max(betainc(inner, outer + 1, USUAL_SHARE), sys.float_info.min))
