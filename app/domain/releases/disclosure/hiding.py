"""What a figure looks like that is hidden, or shown only roundly."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from app.domain.releases.document import (
    Category,
    Distribution,
    IndexFigure,
    Interval,
    Part,
    Suppression,
)

ROUNDED = "rounded"
"""Flag of an index that is shown roundly, because few answers tell it from an earlier one."""

_NOTHING = dict.fromkeys(
    (
        "dont_know",
        "missing",
        "effective_n",
        "design_effect",
        "unweighted",
        "with_set_aside",
        "change",
    )
)


def hide_index(figure: IndexFigure, reason: Suppression) -> IndexFigure:
    """Leave nothing but whose figure it is; flags would tell its size."""
    blank = dict.fromkeys(("n", "value", "standard_error", "interval"))
    changes = {"parts": hidden_parts(figure), "flags": (), "suppressed": reason}
    return figure.model_copy(update=_NOTHING | blank | changes)


def hidden_parts(figure: IndexFigure) -> tuple[Part, ...]:
    """Give the dimensions without their values."""
    return tuple(
        Part(dimension=part.dimension, value=None, standard_error=None) for part in figure.parts
    )


def round_index(figure: IndexFigure, step: Decimal) -> IndexFigure:
    """Show n and the index in whole steps, its error and interval no smaller than they are."""
    error, interval = figure.standard_error, figure.interval
    changes = {
        "value": None if figure.value is None else to_step(figure.value, step),
        "standard_error": None if error is None else to_step(error, step, ROUND_CEILING),
        "interval": None if interval is None else _widen(interval, step),
        "parts": hidden_parts(figure),
        "flags": (*figure.flags, ROUNDED),
    }
    return figure.model_copy(update=_NOTHING | changes)


def to_step(value: Decimal, step: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Round to a whole number of steps."""
    return (value / step).quantize(Decimal(1), rounding) * step


def _widen(interval: Interval, step: Decimal) -> Interval:
    low = to_step(interval.low, step, ROUND_FLOOR)
    high = to_step(interval.high, step, ROUND_CEILING)
    return interval.model_copy(update={"low": low, "high": high})


def hide_distribution(one: Distribution, reason: Suppression) -> Distribution:
    """Leave nothing but which item of which department it is."""
    return one.model_copy(update={"n": None, "shares": (), "dont_know": None, "suppressed": reason})


def hide_category(one: Category, reason: Suppression) -> Category:
    """Leave the population's share."""
    return one.model_copy(
        update={"n": None, "unweighted": None, "weighted": None, "suppressed": reason}
    )
