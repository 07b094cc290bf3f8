"""How figures are written: rounded half up as readers expect, with a true minus sign."""

from decimal import ROUND_HALF_UP, Decimal

from app.domain.releases.document import Interval

NOTHING = "–"


def fixed(value: Decimal | None, places: int = 1) -> str:
    """Write a figure with so many decimals; a dash where there is none to be shown."""
    if value is None:
        return NOTHING
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded + 0:f}".replace("-", "−")


def plain(value: Decimal) -> str:
    """Write a figure without zeros at its end."""
    return fixed(value, 2).rstrip("0").rstrip(".")


def signed(value: Decimal | None, places: int = 1) -> str:
    """Write a difference with its sign."""
    text = fixed(value, places)
    return f"+{text}" if value is not None and value > 0 and text.strip("0.") else text


def percent(share: Decimal | None, places: int = 0) -> str:
    """Write a share of 1 in per cent."""
    return NOTHING if share is None else f"{fixed(share * 100, places)} %"


def count(n: int | None) -> str:
    """Write a number of people or answers, thousands apart."""
    return NOTHING if n is None else f"{n:,}"


def span(interval: Interval | None, places: int = 1) -> str:
    """Write an interval by its ends."""
    if interval is None:
        return NOTHING
    return f"{fixed(interval.low, places)}–{fixed(interval.high, places)}"


def half(interval: Interval | None, places: int = 1) -> str:
    """Write half the length of an interval."""
    return NOTHING if interval is None else fixed((interval.high - interval.low) / 2, places)
