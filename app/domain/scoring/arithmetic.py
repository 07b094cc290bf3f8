"""Decimal arithmetic that shows itself: every operation gives a step with its formula in full."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Literal

from app.domain.scoring.external_evaluation import Amount, Rule, Step

Mode = Literal["half-up", "half-even", "down"]
_MODES = {"half-up": ROUND_HALF_UP, "half-even": ROUND_HALF_EVEN, "down": ROUND_DOWN}

HUNDRED = Decimal(100)


def trimmed(value: Decimal) -> Decimal:
    """Drop trailing zeros, the way scores are published: 24.840 is 24.84, 60.0 is 60."""
    return value.normalize() + 0  # the sum leaves no exponent: 6E+1 becomes 60


def rounded(value: Decimal, decimals: int, mode: Mode) -> Decimal:
    """Round to a number of decimals and drop trailing zeros."""
    return trimmed(value.quantize(Decimal(1).scaleb(-decimals), _MODES[mode]))


def text(value: Decimal) -> str:
    """Write a number as it stands in a formula: no trailing zeros, a negative one in brackets."""
    value = trimmed(value)
    return f"({value:f})" if value < 0 else f"{value:f}"


def step(rule: Rule, formula: str, result: Decimal) -> Step:
    """Make a step."""
    return Step(rule=rule, formula=formula, result=trimmed(result))


def rounding_step(value: Decimal, decimals: int, mode: Mode) -> list[Step]:
    """Round; no step where there is nothing to round."""
    result = rounded(value, decimals, mode)
    formula = f"{text(value)} → {decimals} decimals, {mode}"
    return [] if result == value else [step("rounded", formula, result)]


def weighting_step(hundredths: Decimal, worth: Decimal) -> Step:
    """Turn a figure out of a hundred into its share of the points."""
    result = hundredths * worth / HUNDRED
    return step("weighted", f"{text(hundredths)} × {text(worth)} ÷ 100", result)


def limiting_step(value: Decimal, low: Decimal | None, high: Decimal | None) -> list[Step]:
    """Keep a value within limits; no step where it lies within them."""
    if high is not None and value > high:
        return [step("limited", f"min({text(value)}, {text(high)})", high)]
    if low is not None and value < low:
        return [step("limited", f"max({text(value)}, {text(low)})", low)]
    return []


def sum_step(terms: Sequence[Decimal]) -> Step:
    """Add up."""
    formula = " + ".join(text(term) for term in terms) or "0"
    return step("sum", formula, sum(terms, Decimal(0)))


def amount(worth: Decimal, terms: Sequence[Decimal | None]) -> Amount:
    """Add up points; unknown if one of them is."""
    known = [term for term in terms if term is not None]
    if len(known) < len(terms):
        return Amount(worth=trimmed(worth), points=None, steps=())
    total = sum_step(known)
    return Amount(worth=trimmed(worth), points=total.result, steps=(total,))
