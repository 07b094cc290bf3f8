"""Complementary suppression: one hidden cell of a table with a published total hides nothing.

The cells of a table are disjoint groups of people whose union is published with its n and mean.
Whoever subtracts the shown cells from it has n and mean of the hidden ones together, so those must
be at least `minimum` people. And whoever knows why each is hidden has bounds for every hidden n;
they must not say more than the reason itself says. Partners are added until both hold, the
smallest that is enough first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.releases.document import Suppression


@dataclass(frozen=True, slots=True)
class Cell:
    """`n` people, at most `most` for all that other tables say; `reason` if it is hidden."""

    n: int
    most: int
    reason: Suppression | None = None


def add_partners(cells: Sequence[Cell], minimum: int) -> list[Suppression | None]:
    """Give the reason for every cell to be hidden, None for those that may be shown.

    Empty cells say nothing about anybody and stay. Where even hiding every cell says too much, all
    get the same reason, which gives away no bounds.
    """
    reasons = [cell.reason for cell in cells]
    while not _is_safe(cells, reasons, minimum):
        shown = [i for i, cell in enumerate(cells) if reasons[i] is None and cell.n]
        if not shown:
            return ["complementary" if cell.n else None for cell in cells]
        reasons[_partner(cells, reasons, shown, minimum)] = "complementary"
    return reasons


def _partner(
    cells: Sequence[Cell],
    reasons: Sequence[Suppression | None],
    shown: Sequence[int],
    minimum: int,
) -> int:
    """The smallest cell that is enough alone; where none is, the smallest."""
    by_size = sorted(shown, key=lambda i: (cells[i].n, i))
    for i in by_size:
        tried: list[Suppression | None] = [*reasons]
        tried[i] = "complementary"
        if _is_safe(cells, tried, minimum):
            return i
    return by_size[0]


def _is_safe(cells: Sequence[Cell], reasons: Sequence[Suppression | None], minimum: int) -> bool:
    hidden = [
        (cell.n, _bounds(cell, reason, minimum))
        for cell, reason in zip(cells, reasons, strict=True)
        if reason is not None
    ]
    together = sum(n for n, _ in hidden)
    if hidden and together < minimum:
        return False
    lowest, highest = (sum(bounds[side] for _, bounds in hidden) for side in (0, 1))
    return all(
        together - (highest - high) <= low and together - (lowest - low) >= high
        for _, (low, high) in hidden
        if high < minimum
    )


def _bounds(cell: Cell, reason: Suppression | None, minimum: int) -> tuple[int, int]:
    """What the reason alone says about n."""
    if reason == "minimum-n":
        return 1, min(minimum - 1, cell.most)
    return minimum, cell.most
