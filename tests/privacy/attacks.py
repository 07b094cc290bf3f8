"""How an attacker pairs persons with answers from what storage shows, and how well that went.

An attack names for a person a shortlist of answers. Without any knowledge, a shortlist of k of n
has the right one with chance k/n: an attack works if it hits more often than luck explains.
"""

import bisect
import dataclasses
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import pairwise

from scipy.stats import binom

from tests.privacy.dump import Dump, Trace

Truth = Mapping[bytes, bytes]
"""Which answer is whose: person's key → response's id."""

Shortlists = dict[bytes, set[bytes]]
Attack = Callable[[Dump], Shortlists]

SHORT, LONG = 1, 11
"""Lengths of shortlists."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """How many persons an attack named a shortlist for, and how many lists had the right answer."""

    tried: int
    hits: int
    chance: float

    @property
    def luck(self) -> float:
        """The probability of at least so many hits by luck alone: the exact binomial tail."""
        return float(binom.sf(self.hits - 1, self.tried, self.chance))


def judge(shortlists: Shortlists, truth: Truth, candidates: int) -> Outcome:
    """Compare shortlists of one length with the truth, among so many candidate answers."""
    known = {person: found for person, found in shortlists.items() if person in truth}
    hits = sum(truth[person] in found for person, found in known.items())
    length = max((len(found) for found in known.values()), default=1)
    return Outcome(len(known), hits, length / candidates)


def by_rank(mark: str, length: int) -> Attack:
    """Put both sides in the order of a mark; whoever came n-th has an answer at about n."""

    def attack(dump: Dump) -> Shortlists:
        responses = [one.key for one in _ordered(dump.responses, mark)]
        last = len(responses) - length
        scale = len(responses) / len(dump.persons)
        starts = [
            min(max(0, round(n * scale) - length // 2), last) for n in range(len(dump.persons))
        ]
        return {
            person.key: set(responses[start : start + length])
            for start, person in zip(starts, _ordered(dump.persons, mark), strict=True)
        }

    return attack


def by_standing_apart(dump: Dump) -> Shortlists:
    """Of the persons rewritten together, take the one farthest from the others in key order.

    Whoever drew then answered next: pair with the first answer after that transaction.
    """
    ring = sorted(one.key for one in dump.persons)
    place = {key: n for n, key in enumerate(ring)}
    groups: dict[int, list[int]] = defaultdict(list)
    for person in dump.persons:
        groups[int(person.marks["xmin"][0])].append(place[person.key])
    answered = sorted((int(one.marks["xmin"][0]), one.key) for one in dump.responses)
    found: Shortlists = {}
    for number, members in groups.items():
        after = bisect.bisect_right(answered, (number, b"\xff" * 16))
        if after < len(answered):
            found[ring[_loneliest(members, len(ring))]] = {answered[after][1]}
    return found


def _loneliest(members: list[int], size: int) -> int:
    """Give the member whose nearest neighbour on the ring is farthest away."""
    around = sorted(members)
    gaps = [(one - before) % size or size for before, one in pairwise([around[-1], *around])]
    nearest = [min(gaps[n], gaps[(n + 1) % len(gaps)]) for n in range(len(gaps))]
    return around[nearest.index(max(nearest))]


def _ordered(traces: list[Trace], mark: str) -> list[Trace]:
    """Sort by a mark; what it can't tell apart comes in an order drawn at random."""
    generator = random.Random(len(traces))
    shuffled = generator.sample(traces, len(traces))
    return sorted(shuffled, key=lambda one: one.marks[mark])
