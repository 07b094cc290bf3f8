"""The draw: simple random, systematic, or with probability proportional to size (PPS).

A draw works on one group of units at a time (a stratum; the people of one survey point) and
gives every unit drawn its inclusion probability π. All chance comes from `random_keys`.

    simple-random    the n units with the smallest keys; the order of the frame is irrelevant and
                     a larger n only adds units
    systematic       one start, then every (N/n)-th unit in the order of the frame
    pps-systematic   the same along the cumulated sizes (Madow 1949), in exact whole numbers
    sampford         Sampford (1967): PPS without replacement and without the frame's order

Units so large that n · size / Σ size reaches 1 are certain: they are taken with π = 1 and the rest
is drawn from the others.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Literal

from app.domain.sampling.random_keys import KEY_RANGE, random_fraction, random_key
from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation

Method = Literal["simple-random", "systematic", "pps-systematic", "sampford"]
SAMPFORD_ATTEMPTS = 100_000


@dataclass(frozen=True, slots=True)
class Unit:
    """One line of a frame: its identifier and, for PPS, its whole-number size."""

    identifier: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """A unit in the sample; `position` is its place in the frame it came from, from 0."""

    unit: Unit
    position: int
    inclusion_probability: float


def draw(
    units: Sequence[Unit], n: int, *, method: Method, seed: str, group: str = ""
) -> tuple[Drawn, ...]:
    """Draw n of the units; the same seed, group, frame and method give the same sample for ever.

    `group` keeps the draws of different strata apart. Raises InvalidInput for a frame that can't
    be drawn from and InfeasibleEstimation where it holds fewer than n units.
    """
    _check(units, n, seed, group)
    if method == "simple-random":
        return _draw_simple_random(units, n, (seed, group))
    if method == "systematic":
        equal = [Unit(unit.identifier) for unit in units]
        chosen = _draw_pps(equal, n, "pps-systematic", (seed, group))
    else:
        chosen = _draw_pps(units, n, method, (seed, group))
    return tuple(Drawn(units[i], i, float(chosen[i])) for i in sorted(chosen))


def _check(units: Sequence[Unit], n: int, seed: str, group: str) -> None:
    faults = []
    if len({unit.identifier for unit in units}) < len(units):
        faults.append(Fault("frame", "duplicate", "an identifier occurs twice in one group"))
    if any(unit.size < 0 for unit in units):
        faults.append(Fault("frame", "out-of-range", "a size is negative"))
    if any("\n" in text for text in (seed, group, *(unit.identifier for unit in units))):
        faults.append(Fault("frame", "line-feed", "seed, group and identifiers are single lines"))
    if not seed:
        faults.append(Fault("seed", "missing", "a draw that can be repeated needs a seed"))
    if n < 0:
        faults.append(Fault("n", "out-of-range", "the sample size must not be negative"))
    if faults:
        raise InvalidInput("The frame can't be drawn from", faults=faults)
    if n > sum(unit.size > 0 for unit in units):
        raise InfeasibleEstimation("n: the group holds fewer units of positive size than asked for")


def _draw_simple_random(
    units: Sequence[Unit], n: int, stream: tuple[str, str]
) -> tuple[Drawn, ...]:
    keys = [random_key(*stream, "unit", unit.identifier) for unit in units]
    smallest = sorted(range(len(units)), key=keys.__getitem__)[:n]
    return tuple(Drawn(units[i], i, n / len(units)) for i in sorted(smallest))


def _draw_pps(
    units: Sequence[Unit], n: int, method: Method, stream: tuple[str, str]
) -> dict[int, Fraction]:
    """Positions drawn and their inclusion probabilities, certainty units first."""
    certain = certainty_units([unit.size for unit in units], n)
    others = [i for i, unit in enumerate(units) if i not in certain and unit.size]
    chosen = dict.fromkeys(certain, Fraction(1))
    left = n - len(certain)
    if left:
        sizes = [units[i].size for i in others]
        pick = _sampford if method == "sampford" else _along_cumulated_sizes
        probability = Fraction(left, sum(sizes))
        chosen |= {others[j]: sizes[j] * probability for j in pick(sizes, left, stream)}
    return chosen


def certainty_units(sizes: Sequence[int], n: int) -> frozenset[int]:
    """Positions whose n · size / Σ size reaches 1, found again after each removal."""
    certain: set[int] = set()
    total, left = sum(sizes), n
    for i in sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True):
        if left == 0 or left * sizes[i] < total:
            break
        certain.add(i)
        total -= sizes[i]
        left -= 1
    return frozenset(certain)


def _along_cumulated_sizes(sizes: Sequence[int], n: int, stream: tuple[str, str]) -> list[int]:
    """Madow's systematic PPS: points (u + i) · T/n, i = 0 … n−1, on the line of cumulated sizes.

    All numbers are multiplied by n · 2²⁵⁶, so that the comparison is between whole numbers.
    """
    start, total = random_key(*stream, "start"), sum(sizes)
    ends = [end * n * KEY_RANGE for end in accumulate(sizes)]
    return [bisect_right(ends, (start + i * KEY_RANGE) * total) for i in range(n)]


def _sampford(sizes: Sequence[int], n: int, stream: tuple[str, str]) -> list[int]:
    """One unit by p = size/T, n−1 by p/(1 − n·p), with replacement; kept if all are distinct."""
    total = sum(sizes)
    by_size = list(accumulate(sizes))
    by_odds = list(accumulate(size / (total - n * size) for size in sizes))
    for attempt in range(SAMPFORD_ATTEMPTS):
        chosen: set[int] = set()
        for k in range(n):
            bounds = by_odds if k else by_size
            point = random_fraction(*stream, f"attempt {attempt}", f"draw {k}") * bounds[-1]
            position = min(bisect_right(bounds, point), len(sizes) - 1)
            if position in chosen:
                break
            chosen.add(position)
        else:
            return sorted(chosen)
    raise InfeasibleEstimation(
        "method: Sampford's rejection finds no sample of distinct units for so many of them; "
        "use pps-systematic"
    )
