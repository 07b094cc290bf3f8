"""Sums per occupied cell: all that estimation needs of the respondents.

A cell is a combination of codes: stratum, primary unit, calibration cell, and the answers to one
item or to several. It keeps how many respondents it has, Σd and Σd² of their base weights, as
integers: weights are rounded to multiples of 2⁻³⁰, so that cells can be added to and removed from
for ever without drift. Everybody is in the cells, also who skipped the item (code −1).

The sums suffice because calibrated weights are d·g(cell): linearised scores are constant in a cell.
Clustered designs need only Σd, since the cells of a primary unit add up to its total. Where
respondents are the sampling units, their squares matter too: a cell must then hold one base weight
only, which `grouped` checks (make the weight a dimension if it varies).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.domain.estimation.columns import MISSING, Codes, Floats
from app.domain.estimation.design import Grouped
from app.errors import InvalidInput

UNIT = 2.0**-30  # a weight of 1 is 2^30 units; Σd may reach 8.5 thousand million
SQUARE_UNIT = 2.0**-20
EXACT = 2.0**53  # integers below it add up exactly in floating point
SMALL = 1 << 22  # tables of at most this many possible cells are summed without sorting

Keys = NDArray[np.int64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WholeWeights:
    """Base weights as whole numbers of units, their squares as whole numbers of square units."""

    mass: Floats
    squares: Floats

    @classmethod
    def of(cls, weights: Floats) -> Self:
        return cls(np.rint(weights / UNIT), np.rint(weights**2 / SQUARE_UNIT))


class CellTable:
    """Cells over named dimensions, each with a number of codes; possibly refining another table.

    A table that refines another has the other's dimensions and its own behind them.
    """

    def __init__(self, widths: Mapping[str, int], *, refines: "CellTable | None" = None) -> None:
        self.outer = refines
        self.own_widths = dict(widths)
        self.keys: Keys = np.zeros(0, dtype=np.int64)
        self.counts: Integers = np.zeros(0, dtype=np.int64)
        self.mass: Integers = np.zeros(0, dtype=np.int64)
        self.squares: Integers = np.zeros(0, dtype=np.int64)
        if self.size >= 1 << 62:
            raise InvalidInput("These dimensions have too many combinations for one table")

    @property
    def own_size(self) -> int:
        size = 1
        for width in self.own_widths.values():
            size *= width + 1
        return size

    @property
    def size(self) -> int:
        """Number of possible cells, missing codes included."""
        return self.own_size * (self.outer.size if self.outer else 1)

    def keys_of(self, codes: Mapping[str, Codes], outer_keys: Keys | None = None) -> Keys:
        """The cell of every respondent; `outer_keys` are their cells in the refined table."""
        keys: Keys | int = 0 if outer_keys is None else outer_keys
        for name, width in self.own_widths.items():
            keys = keys * (width + 1) + (codes[name] + 1)
        return np.asarray(keys, dtype=np.int64)

    def add(self, keys: Keys, weights: WholeWeights) -> None:
        """Count respondents in."""
        self._change(keys, weights, 1)

    def remove(self, keys: Keys, weights: WholeWeights) -> None:
        """Take respondents out again; raises InvalidInput if they were never in."""
        self._change(keys, weights, -1)

    def codes(self) -> dict[str, Codes]:
        """The codes of every occupied cell by dimension, −1 where missing."""
        decoded = {}
        rest = self.keys
        for name, width in reversed(self.own_widths.items()):
            decoded[name] = (rest % (width + 1)).astype(np.intp) + MISSING
            rest = rest // (width + 1)
        outer = self._decode_outer(rest)
        return outer | dict(reversed(decoded.items()))

    def _decode_outer(self, keys: Keys) -> dict[str, Codes]:
        if self.outer is None:
            return {}
        place = self.outer.places(keys)
        return {name: codes[place] for name, codes in self.outer.codes().items()}

    def places(self, keys: Keys) -> Codes:
        """Where keys stand among the occupied cells of this table."""
        place = np.searchsorted(self.keys, keys)
        if (self.keys[np.minimum(place, len(self.keys) - 1)] != keys).any():
            raise InvalidInput("A cell is occupied in one table but not in the table it refines")
        return np.asarray(place, dtype=np.intp)

    def outer_places(self) -> Codes:
        """The cell of the refined table that each cell of this one belongs to."""
        if self.outer is None:
            return np.arange(len(self.keys))
        return self.outer.places(self.keys // self.own_size)

    def grouped(self, *, elements: bool = False) -> Grouped:
        """Respondents, Σd and Σd² per cell; `elements`: respondents are the sampling units."""
        counts = self.counts.astype(np.float64)
        mass = self.mass.astype(np.float64) * UNIT
        squares = self.squares.astype(np.float64) * SQUARE_UNIT
        if elements:
            spread = squares - mass**2 / counts
            if (np.abs(spread) > 1e-6 * squares + 1e-6).any():
                raise InvalidInput(
                    "Where respondents are the sampling units, the base weight must be the same "
                    "throughout a cell: make it a dimension of the table"
                )
            squares = mass**2 / counts
        return Grouped(counts, mass, squares)

    def _change(self, keys: Keys, weights: WholeWeights, sign: int) -> None:
        touched, places = self._summed_keys(keys)
        changes = [
            np.bincount(places, minlength=len(touched)),
            exact_sums(places, weights.mass, len(touched)),
            exact_sums(places, weights.squares, len(touched)),
        ]
        occupied = changes[0] > 0
        self._merge(touched[occupied], [sign * change[occupied] for change in changes])

    def _summed_keys(self, keys: Keys) -> tuple[Keys, Codes]:
        """Keys to sum over and the place of each respondent among them."""
        if self.size <= SMALL:
            return np.arange(self.size, dtype=np.int64), keys
        touched, places = np.unique(keys, return_inverse=True)
        return touched, places

    def _merge(self, keys: Keys, changes: list[Integers]) -> None:
        if not np.array_equal(keys, self.keys):
            union = np.union1d(self.keys, keys)
            here, there = np.searchsorted(union, self.keys), np.searchsorted(union, keys)
            self.counts, self.mass, self.squares = (
                _spread(held, here, len(union)) for held in (self.counts, self.mass, self.squares)
            )
            self.keys, changes = union, [_spread(x, there, len(union)) for x in changes]
        counts, mass, squares = (
            held + change
            for held, change in zip((self.counts, self.mass, self.squares), changes, strict=True)
        )
        if (counts < 0).any() or (mass < 0).any() or ((counts == 0) & (mass != 0)).any():
            raise InvalidInput("Respondents can only be removed from cells that hold them")
        kept = counts > 0
        self.keys, self.counts = self.keys[kept], counts[kept]
        self.mass, self.squares = mass[kept], squares[kept]


def exact_sums(places: Codes, values: Floats, size: int) -> Integers:
    """Σ of whole numbers per place, without rounding: halved until no sum can lose a digit."""
    if len(values) > 1 and values.sum() >= EXACT:
        half = len(values) // 2
        first = exact_sums(places[:half], values[:half], size)
        return first + exact_sums(places[half:], values[half:], size)
    return np.bincount(places, weights=values, minlength=size).astype(np.int64)


def _spread(values: Integers, places: Codes, size: int) -> Integers:
    result = np.zeros(size, dtype=np.int64)
    result[places] = values
    return result
