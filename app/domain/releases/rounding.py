"""How computed numbers are written: half-even, to a fixed number of digits, None where unknown."""

import math
from decimal import ROUND_HALF_EVEN, Decimal

INDEX_DIGITS = 4
SHARE_DIGITS = 6
SIZE_DIGITS = 2
NONSENSE = 1e12


def rounded(value: float | None, digits: int) -> Decimal | None:
    """The number with so many digits after the point; None for None, NaN and infinity.

    So is what no figure can be: a design effect where all answered the same divides noise by noise.
    """
    if value is None or not math.isfinite(value) or abs(value) > NONSENSE:
        return None
    return exactly(value, digits)


def exactly(value: float, digits: int) -> Decimal:
    """The same for a number that is known. Never writes −0."""
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN) + 0
