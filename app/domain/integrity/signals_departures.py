"""Departures: a group of answers that rates a department unlike all other groups do.

By day it is called a departure, by window, point, own unit or interviewer a concentration. What
counts is how somebody's ratings of the department differ from the same person's ratings of others,
item means taken off: a group of people who are content, or not, with everything is no sign. Where
people rate one department only, and for all departments taken together, ratings are compared as
they are. Better or worse than the others is all the same.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from app.domain.integrity.ballots import Ballots
from app.domain.integrity.findings import Finding, Signal
from app.domain.integrity.groups import Groups, by_day, places
from app.domain.integrity.robust import (
    FEWEST_TO_JUDGE,
    FEWEST_TO_KNOW,
    Floats,
    from_median,
    standardised,
    threshold,
)

FEWEST_GROUPS = 4
LEAST_VARIANCE = 1e-4
"""Of ratings inside groups, in squares of the scale's length: where all agree, chance remains."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Leanings:
    """Responses × departments, all of them together last: how far one's ratings are off."""

    values: Floats
    rated: NDArray[np.bool_]
    names: tuple[str, ...]


def departures(ballots: Ballots) -> list[Finding]:
    """Find days of a stream on which a department is rated unlike on its other days."""
    return _find_in(Signal.DEPARTURES, by_day(ballots), _leanings(ballots))


def concentration(ballots: Ballots) -> list[Finding]:
    """Find places from which a department is rated unlike from the others of its kind."""
    leanings = _leanings(ballots)
    groupings = places(ballots)
    return [
        finding
        for groups in groupings
        for finding in _find_in(Signal.CONCENTRATION, groups, leanings, scans=len(groupings))
    ]


def _leanings(ballots: Ballots) -> _Leanings:
    n, departments = len(ballots), len(ballots.items.codes)
    sums, counts = np.zeros((n, departments + 1)), np.zeros((n, departments + 1))
    for column, (levels, department) in enumerate(
        zip(ballots.items.levels.tolist(), ballots.items.departments.tolist(), strict=True)
    ):
        codes = ballots.ratings[:, column]
        rated = codes >= 0
        if rated.any():
            off = np.where(rated, codes / (levels - 1), 0.0)
            off -= np.where(rated, off.sum() / rated.sum(), 0.0)
            for place in {department, departments} - {-1}:
                sums[:, place] += off
                counts[:, place] += rated
    own = sums / np.maximum(counts, 1)
    rest_counts = counts[:, -1:] - counts
    rest = (sums[:, -1:] - sums) / np.maximum(rest_counts, 1)
    return _Leanings(own - rest, counts > 0, (*ballots.items.codes, ""))


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """Pairs of group and department, how far each is off, and the variance of that by chance."""

    groups: NDArray[np.intp]
    departments: NDArray[np.intp]
    deviations: Floats
    variances: Floats
    judged: NDArray[np.bool_]


def _find_in(
    signal: Signal, groups: Groups, leanings: _Leanings, *, scans: int = 1
) -> list[Finding]:
    """Find the groups that depart, each with the department about which it does so most."""
    compared = _compare(groups, leanings)
    strengths = _strengths(compared, len(leanings.names) - 1, scans)
    best: dict[int, int] = {}
    for at in np.flatnonzero(strengths > 1).tolist():
        place = int(compared.groups[at])
        if place not in best or strengths[at] > strengths[best[place]]:
            best[place] = at
    found = []
    for place, at in best.items():
        department = int(compared.departments[at])
        members = np.flatnonzero((groups.codes == place) & leanings.rated[:, department])
        objects = _objects(groups.objects[place], leanings.names[department])
        found.append(Finding(signal, objects, members, float(strengths[at])))
    return found


def _strengths(compared: _Compared, whole: int, scans: int) -> Floats:
    """Single departments and all together are judged apart: groups differ more in the latter."""
    strengths = np.zeros(len(compared.groups))
    for kind in (compared.departments != whole, compared.departments == whole):
        off = standardised(compared.deviations[kind], compared.variances[kind])
        tests = int((kind & compared.judged).sum())
        limit = threshold(tests, known=int(kind.sum()), sides=2, scans=2 * scans)
        strengths[kind] = np.abs(off) / limit
    return np.where(compared.judged, strengths, 0.0)


def _objects(objects: Mapping[str, str], department: str) -> dict[str, str]:
    return {**objects, "department": department} if department else dict(objects)


def _compare(groups: Groups, leanings: _Leanings) -> _Compared:
    """Compare all pairs of group and department, each within its family."""
    families = groups.families()
    parts = []
    for department in range(len(leanings.names)):
        rated = np.flatnonzero(leanings.rated[:, department] & (groups.codes >= 0))
        for family in range(families.max(initial=-1) + 1):
            own = rated[families[groups.codes[rated]] == family]
            codes, values = groups.codes[own], leanings.values[own, department]
            parts.append(_compare_one(codes, values, department, len(groups)))
    return _joined(parts)


def _compare_one(
    codes: NDArray[np.intp], values: Floats, department: int, groups: int
) -> _Compared:
    """Hold the mean of each group against the median of the family's means."""
    n = np.bincount(codes, minlength=groups)
    means = np.bincount(codes, values, groups) / np.maximum(n, 1)
    known = np.flatnonzero(n >= FEWEST_TO_KNOW)
    if len(known) < FEWEST_GROUPS:
        return _joined([])
    squares = float(np.sum((values - means[codes]) ** 2))
    within = max(squares / (len(values) - np.count_nonzero(n)), LEAST_VARIANCE)
    deviations, variances = from_median(means[known], within / n[known])
    which = np.full(len(known), department)
    return _Compared(known, which, deviations, variances, n[known] >= FEWEST_TO_JUDGE)


def _joined(parts: list[_Compared]) -> _Compared:
    none = np.zeros(0, dtype=np.intp)
    return _Compared(
        np.concatenate([none, *(one.groups for one in parts)]),
        np.concatenate([none, *(one.departments for one in parts)]),
        np.concatenate([np.zeros(0), *(one.deviations for one in parts)]),
        np.concatenate([np.zeros(0), *(one.variances for one in parts)]),
        np.concatenate([np.zeros(0, np.bool_), *(one.judged for one in parts)]),
    )
