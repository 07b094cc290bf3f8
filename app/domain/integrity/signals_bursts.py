"""Bursts: a day on which one stream of answers is far above its own other days and the others.

A stream is a way in at one window. Two figures say what a day would usually bring: the median of
the stream's days, and its usual ratio to all other streams times what those brought that day, so
that an opening day or a call in the press, which lifts all streams, is none. The higher one is
expected. Counts are compared on Anscombe's scale, 2 √(x + 3/8), whose variance is about 1.
"""

import datetime

import numpy as np

from app.domain.integrity.ballots import Ballots
from app.domain.integrity.findings import Finding, Signal
from app.domain.integrity.groups import STREAM, Groups, group, not_paper
from app.domain.integrity.robust import Floats, standardised, threshold

FEWEST_DAYS = 7


def bursts(ballots: Ballots) -> list[Finding]:
    """Find days of streams with too many answers; members are all answers of that day there."""
    streams = group(ballots, STREAM, not_paper(ballots))
    days = _days(ballots)
    if not len(streams):
        return []
    counts, first = _counts(streams, days)
    if counts.shape[1] < FEWEST_DAYS:
        return []
    expected = _expected(counts)
    deviations = (_steady(counts) - _steady(expected)).ravel()
    limit = threshold(counts.size, known=counts.size, sides=1)
    strengths = standardised(deviations, np.ones(len(deviations))) / limit
    found = []
    for at in np.flatnonzero(strengths > 1).tolist():
        stream, day = divmod(at, counts.shape[1])
        members = np.flatnonzero((streams.codes == stream) & (days == first + day))
        when = datetime.date.fromordinal(first + day).isoformat()
        objects = {**streams.objects[stream], "day": when}
        usual = float(expected[stream, day])
        found.append(Finding(Signal.BURSTS, objects, members, float(strengths[at]), usual))
    return found


def _days(ballots: Ballots) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    labels = ballots.facts["day"]
    ordinals = [datetime.date.fromisoformat(word).toordinal() for word in labels.words]
    return np.array(ordinals, dtype=np.intp)[labels.codes]


def _counts(streams: Groups, days: np.ndarray[tuple[int], np.dtype[np.intp]]) -> tuple[Floats, int]:
    """Count by stream and day, days without answers between first and last included."""
    among = streams.codes >= 0
    first = int(days[among].min())
    length = int(days[among].max()) - first + 1
    cells = streams.codes[among] * length + days[among] - first
    counts = np.bincount(cells, minlength=len(streams) * length).astype(np.float64)
    return counts.reshape(len(streams), length), first


def _expected(counts: Floats) -> Floats:
    others = counts.sum(axis=0) - counts
    ratios = np.divide(counts, others, out=np.zeros_like(counts), where=others > 0)
    usual_ratio = np.median(ratios, axis=1, keepdims=True)
    expected: Floats = np.maximum(np.median(counts, axis=1, keepdims=True), usual_ratio * others)
    return expected


def _steady(counts: Floats) -> Floats:
    return 2 * np.sqrt(counts + 3 / 8)
