"""An axis: where a value stands, in per cent of the width, and which values are marked."""

import dataclasses
from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from app.plots.numbers import fixed

STEPS = tuple(
    map(Decimal, ("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "20"))
)
MOST_STEPS = 6
"""With more labels they would touch each other on a phone in large type."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tick:
    """A value that is marked on an axis."""

    value: Decimal
    at: str


@dataclasses.dataclass(frozen=True, slots=True)
class Axis:
    """A linear axis from `low` to `high`, marked every `step`."""

    low: Decimal
    high: Decimal
    step: Decimal

    def at(self, value: Decimal) -> str:
        """Where a value stands: `61.25%`, from the left."""
        return _percent((value - self.low) / (self.high - self.low))

    def height(self, value: Decimal) -> str:
        """Where a value stands from the top, for axes that point up."""
        return _percent((self.high - value) / (self.high - self.low))

    def width(self, difference: Decimal) -> str:
        """How wide a difference is."""
        return _percent(difference / (self.high - self.low))

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The marks, both ends included."""
        n = int((self.high - self.low) / self.step)
        values = [self.low + i * self.step for i in range(n + 1)]
        return tuple(Tick(value, self.at(value)) for value in values)

    def label(self, value: Decimal) -> str:
        """Write a mark with no more decimals than the step has."""
        exponent = self.step.normalize().as_tuple().exponent
        return fixed(value, max(0, -exponent if isinstance(exponent, int) else 0))


def axis_around(values: Iterable[Decimal], *, least: Decimal, most: Decimal) -> Axis:
    """Make the narrowest axis with round marks that holds all values, within `least` … `most`.

    Without values it is the whole range.
    """
    known = list(values) or [least, most]
    low, high = max(min(known), least), min(max(known), most)
    for step in STEPS:
        axis = Axis(_round(low, step, ROUND_FLOOR), _round(high, step, ROUND_CEILING), step)
        if axis.low == axis.high:
            axis = dataclasses.replace(axis, high=axis.high + step)
        if (axis.high - axis.low) / step <= MOST_STEPS:
            return axis
    return Axis(least, most, (most - least) / 5)


def _round(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step


def _percent(share: Decimal) -> str:
    return f"{share * 100:.2f}%"
