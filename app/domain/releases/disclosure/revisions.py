"""Against earlier releases of the same wave and period: two of them must not tell few people apart.

Published figures never go away. If a group had 50 people then and has 49 now, the difference of
the two means is one person's answer. So a group whose people changed by 1 … minimum − 1 is hidden
(`few-changed`); a department's index, which must be correctable, is rounded instead, so far that
for the answers that changed at least half of what they could be stays possible.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from app.domain.releases.disclosure.hiding import ROUNDED, to_step
from app.domain.releases.document import IndexFigure

STEPS = tuple(Decimal(step) for step in ("0.1", "0.2", "0.5", "1", "2", "5"))
"""In points of the index; coarser than the last is of no use to anybody."""

HIGHEST_SCORE = 100


def same_people(now: IndexFigure, then: IndexFigure) -> bool:
    """Say whether two figures are of the same people, whatever their weights were.

    Who did not rate the department may have changed; that says nothing about how anybody rated it.
    """
    return (now.n, now.unweighted) == (then.n, then.unweighted)


def few(now: int | None, then: int | None, minimum: int) -> bool:
    """Say whether two numbers of people are so close that the difference may be few of them."""
    return now is not None and then is not None and abs(now - then) < minimum


def few_changed(now: IndexFigure, then: IndexFigure, minimum: int) -> bool:
    """Say whether so few people tell two shown figures apart that their answers would be known.

    Where as many came as went, only figures that are all the same are certainly of the same people.
    """
    if then.n is None or same_people(now, then):
        return False
    if ROUNDED in then.flags and now.n == then.n:
        return False
    return any(few(now.n, n, minimum) for n, _ in _published(then, unless=now.n))


def rounding_step(now: IndexFigure, earlier: Iterable[IndexFigure], minimum: int) -> Decimal | None:
    """Find the finest rounding that protects those who changed; None where none does."""
    close = [
        (n, value)
        for then in earlier
        if ROUNDED not in then.flags and few_changed(now, then, minimum)
        for n, value in _published(then, unless=None)
        if few(now.n, n, minimum)
    ]
    return next((step for step in STEPS if _protects(now, close, step)), None)


def _published(then: IndexFigure, unless: int | None) -> Iterator[tuple[int, Decimal]]:
    """Give n and index of a figure and, unless it is of that many, with the answers set aside."""
    if then.n is not None and then.value is not None:
        yield then.n, then.value
    aside = then.with_set_aside
    if aside is not None and aside.n != unless:
        yield aside.n, aside.value


def _protects(now: IndexFigure, close: Sequence[tuple[int, Decimal]], step: Decimal) -> bool:
    return all(_leaves_open(now, n, value, step) for n, value in close)


def _leaves_open(now: IndexFigure, n_then: int, then: Decimal, step: Decimal) -> bool:
    """Solve for the sum of the scores that changed as a reader would, and see how far it can be.

    Of people who went (or came), 0 to 100 each; where one came and one went, the difference.
    """
    if now.n is None or now.value is None:
        return True
    changed = n_then - now.n
    low, high = sorted((0, changed * HIGHEST_SCORE)) if changed else (-HIGHEST_SCORE, HIGHEST_SCORE)
    middle = n_then * then - now.n * to_step(now.value, step)
    spread = now.n * step / 2
    open_range = min(Decimal(high), middle + spread) - max(Decimal(low), middle - spread)
    return open_range * 2 >= high - low
