"""Sums per occupied cell: all that estimation needs of the respondents.

A cell is a combination of codes that occurs: stratum, primary unit, calibration cell. `CellIndex`
numbers the cells as they appear; `CellSums` keeps, for each cell or each cell and answer, how many
respondents it has and Σd and Σd² of their base weights. Sums are whole numbers (weights are
rounded to multiples of 2⁻³⁰), so respondents can be added and removed for ever without drift.
Everybody is in the sums, also who skipped the item (code −1).

The sums suffice because calibrated weights are d·g(cell): linearised scores are constant in a cell.
Clustered designs need only Σd, since the cells of a primary unit add up to its total. Where
respondents are the sampling units their squares matter too: a cell must then hold one base weight
only, which `grouped` checks (make the weight a dimension if it varies).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.domain.estimation.columns import MISSING, Codes, Floats
from app.domain.estimation.design import Grouped
from app.errors import InvalidInput

UNIT = 2.0**-30  # a weight of 1 is 2^30 units; Σd may reach 8.5 thousand million
SQUARE_UNIT = 2.0**-20
EXACT = 2.0**53  # whole numbers below it add up exactly in floating point
LARGEST = 2.0**62  # sums are held in 64 bits
SMALL = 1 << 22  # up to so many possible cells are told apart by a table, more by sorting

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WholeWeights:
    """Base weights as whole numbers of units, their squares as whole numbers of square units.

    `stretches` of respondents are short enough for their sums to be exact in floating point.
    """

    mass: Floats
    squares: Floats
    stretches: tuple[slice, ...]

    @classmethod
    def of(cls, weights: Floats) -> Self:
        """Round the weights; raises InvalidInput if their sums could not be held."""
        mass, squares = np.rint(weights / UNIT), np.rint(weights**2 / SQUARE_UNIT)
        if mass.sum() >= LARGEST or squares.sum() >= LARGEST:
            raise InvalidInput("These base weights are too large for cells")
        return cls(mass, squares, tuple(_stretches(mass, squares, 0, len(mass))))

    def sums(self, places: Codes, size: int) -> tuple[Integers, Integers]:
        """Σ mass and Σ squares per place, without rounding."""
        mass, squares = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
        for part in self.stretches:
            mass += np.bincount(places[part], self.mass[part], size).astype(np.int64)
            squares += np.bincount(places[part], self.squares[part], size).astype(np.int64)
        return mass, squares


def _stretches(mass: Floats, squares: Floats, start: int, stop: int) -> Iterator[slice]:
    """Halved until neither sum can lose a digit."""
    part = slice(start, stop)
    if stop - start < 2 or max(mass[part].sum(), squares[part].sum()) < EXACT:
        yield part
        return
    middle = (start + stop) // 2
    yield from _stretches(mass, squares, start, middle)
    yield from _stretches(mass, squares, middle, stop)


class CellIndex:
    """Numbers the combinations of codes that occur, 0, 1, … in order of their first appearance.

    `widths` gives the dimensions and how many codes each has; code −1 is a missing value.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        self.widths = dict(widths)
        self._numbers: dict[int, int] = {}
        self.size = 1
        for width in self.widths.values():
            self.size *= width + 1
        if self.size >= 1 << 62:
            raise InvalidInput("These dimensions have too many combinations for one index")

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, codes: Mapping[str, NDArray[np.integer]]) -> Codes:
        """The cell of every respondent; cells seen for the first time get the next numbers."""
        keys = np.zeros(len(next(iter(codes.values()))), dtype=np.int64)
        for name, width in self.widths.items():
            keys *= width + 1
            keys += 1
            keys += codes[name]
        found, places = _distinct(keys, self.size)
        numbers = [self._numbers.setdefault(key, len(self._numbers)) for key in found.tolist()]
        return np.array(numbers, dtype=np.intp)[places]

    def codes(self) -> dict[str, Codes]:
        """The codes of every cell by dimension, −1 where missing."""
        rest = np.fromiter(self._numbers, dtype=np.intp, count=len(self._numbers))
        decoded: dict[str, Codes] = {}
        for name, width in reversed(self.widths.items()):
            decoded[name] = rest % (width + 1) + MISSING
            rest = rest // (width + 1)
        return decoded


class CellSums:
    """Respondents, Σd and Σd² per cell of an index, and per answer 0 … `answers` − 1 or −1."""

    def __init__(self, index: CellIndex, answers: int = 0) -> None:
        self.index = index
        self.width = answers + 1
        self.counts, self.mass, self.squares = (np.zeros(0, dtype=np.int64) for _ in range(3))

    def add(
        self,
        cells: Codes,
        weights: WholeWeights,
        answers: NDArray[np.integer] | None = None,
    ) -> None:
        """Count respondents in."""
        self._change(cells, weights, answers, 1)

    def remove(
        self,
        cells: Codes,
        weights: WholeWeights,
        answers: NDArray[np.integer] | None = None,
    ) -> None:
        """Take respondents out; raises InvalidInput, and changes nothing, if they were not in."""
        self._change(cells, weights, answers, -1)

    @property
    def occupied(self) -> Codes:
        """Where there are respondents: places in the sums."""
        return np.flatnonzero(self.counts)

    def cells(self) -> Codes:
        """The cell of every occupied place."""
        return self.occupied // self.width

    def answers(self) -> Codes:
        """The answer of every occupied place, −1 where skipped."""
        return self.occupied % self.width + MISSING

    def grouped(self, *, elements: bool = False) -> Grouped:
        """Respondents, Σd and Σd² of the occupied places.

        `elements`: respondents are the sampling units; raises InvalidInput if their base weights
        differ within a place.
        """
        kept = self.occupied
        counts = self.counts[kept].astype(np.float64)
        mass = self.mass[kept].astype(np.float64) * UNIT
        squares = self.squares[kept].astype(np.float64) * SQUARE_UNIT
        if elements:
            _check_one_weight_each(counts, mass, squares)
            squares = mass**2 / counts
        return Grouped(counts, mass, squares)

    def _change(
        self,
        cells: Codes,
        weights: WholeWeights,
        answers: NDArray[np.integer] | None,
        sign: int,
    ) -> None:
        size = len(self.index) * self.width
        places = cells if answers is None else cells * self.width + 1 + answers
        counts = _grown(self.counts, size) + sign * np.bincount(places, minlength=size)
        mass, squares = weights.sums(places, size)
        mass = _grown(self.mass, size) + sign * mass
        squares = _grown(self.squares, size) + sign * squares
        if sign < 0 and ((counts < 0) | (mass < 0) | ((counts == 0) & (mass != 0))).any():
            raise InvalidInput("Respondents can only be removed from cells that hold them")
        if (mass < 0).any() or (squares < 0).any():
            raise InvalidInput("The base weights of a cell add up to too much")
        self.counts, self.mass, self.squares = counts, mass, squares


def _distinct(keys: Integers, size: int) -> tuple[Integers, Codes]:
    """The keys that occur, ascending, and the place of each respondent's among them."""
    if size > SMALL:
        found, places = np.unique(keys, return_inverse=True)
        return found, np.asarray(places, dtype=np.intp)
    occurs = np.bincount(keys, minlength=size) > 0
    return np.flatnonzero(occurs).astype(np.int64), (np.cumsum(occurs) - 1)[keys]


def _grown(values: Integers, size: int) -> Integers:
    return np.concatenate([values, np.zeros(size - len(values), dtype=np.int64)])


def _check_one_weight_each(counts: Floats, mass: Floats, squares: Floats) -> None:
    spread = squares - mass**2 / counts
    if (np.abs(spread) > 1e-6 * squares + 1e-6).any():
        raise InvalidInput(
            "Where respondents are the sampling units, the base weight must be the same throughout "
            "a cell: make it a dimension of the index"
        )
