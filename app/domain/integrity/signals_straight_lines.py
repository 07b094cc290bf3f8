"""Straight lines: the same level for everything, more often than elsewhere in the wave.

Some citizens do answer so, and nobody is suspected for it alone. A day, window, point or
interviewer is, where the share of straight lines among long answers is far above that of the other
groups of the same class and mode. Shares are compared on Anscombe's scale, 2 asin √((s + 3/8) /
(n + 3/4)), whose variance is about 1/(n + 1/2) (Biometrika 35, 1948).
"""

import numpy as np

from app.domain.integrity.ballots import Ballots
from app.domain.integrity.findings import Finding, Signal
from app.domain.integrity.groups import Flags, Groups, by_day, places
from app.domain.integrity.robust import (
    FEWEST_TO_JUDGE,
    FEWEST_TO_KNOW,
    Floats,
    from_median,
    standardised,
    threshold,
)

LONG = 8
"""Ratings on one scale that make a straight line worth mentioning."""


def straight_lines(ballots: Ballots) -> list[Finding]:
    """Find groups with too many straight lines; members are the straight lines there."""
    long, straight = line_shapes(ballots)
    groupings = [by_day(ballots), *places(ballots)]
    return [
        finding
        for groups in groupings
        for finding in _find_in(groups, long, straight, scans=len(groupings))
    ]


def line_shapes(ballots: Ballots) -> tuple[Flags, Flags]:
    """Tell which answers are long, and which of these are straight lines on the main scale."""
    main = ballots.items.levels == _most_used(ballots)
    ratings = ballots.ratings[:, main]
    rated = ratings >= 0
    long = rated.sum(axis=1) >= LONG
    highest = ratings.max(axis=1, initial=-1)
    lowest = np.where(rated, ratings, np.int8(127)).min(axis=1, initial=127)
    return long, long & (highest == lowest)


def _most_used(ballots: Ballots) -> int:
    """Find the number of levels that most items have: one scale, or several of one length."""
    return int(np.bincount(ballots.items.levels, minlength=1).argmax())


def _find_in(groups: Groups, long: Flags, straight: Flags, *, scans: int) -> list[Finding]:
    n = _count(groups, long)
    s = _count(groups, straight)
    kept = np.flatnonzero(n >= FEWEST_TO_KNOW)
    values = 2 * np.arcsin(np.sqrt((s + 3 / 8) / (n + 3 / 4)))
    families = groups.families()
    judged = n >= FEWEST_TO_JUDGE
    limit = threshold(int(judged.sum()), known=len(kept), sides=1, scans=scans)
    found = []
    for family in np.unique(families[kept]):
        own = kept[families[kept] == family]
        middle = float(np.median(values[own]))
        deviations, variances = from_median(values[own], 1 / (n[own] + 0.5))
        strengths = standardised(deviations, variances) / limit
        for at in np.flatnonzero((strengths > 1) & judged[own]).tolist():
            place = int(own[at])
            members = np.flatnonzero((groups.codes == place) & straight)
            usual = float(n[place] * np.sin(middle / 2) ** 2)
            objects = groups.objects[place]
            found.append(
                Finding(Signal.STRAIGHT_LINES, objects, members, float(strengths[at]), usual)
            )
    return found


def _count(groups: Groups, flags: Flags) -> Floats:
    counted = groups.codes[flags & (groups.codes >= 0)]
    return np.bincount(counted, minlength=len(groups)).astype(np.float64)
