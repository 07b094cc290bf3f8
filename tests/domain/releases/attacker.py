"""Somebody who reads a release and solves for what is hidden, by linear programming.

Known to him: every published figure, that tables add up, who took part by trust level, what the
reason of each hidden cell says about its n. For the answers he is granted more than that: every
n, hidden or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from app.domain.releases.document import Figures, IndexFigure

Key = tuple[str, ...]
TIE = 0.01
"""Two published means of four decimals, times their n, differ by less when they say the same."""


@dataclass
class Puzzle:
    """Unknowns with bounds, and sums of them that are known up to a tolerance."""

    bounds: dict[Key, tuple[float, float]] = field(default_factory=dict)
    sums: list[tuple[list[Key], float, float, Key | None]] = field(default_factory=list)

    def add_sum(
        self, keys: list[Key], total: float, tolerance: float = 0, minus: Key | None = None
    ) -> None:
        """The unknowns, less another one, add up to this."""
        if keys:
            self.sums.append((keys, total, tolerance, minus))

    def range_of(self, key: Key) -> tuple[float, float]:
        """The least and the most that an unknown can be."""
        order = list(self.bounds)
        rows = np.zeros((len(self.sums), len(order)))
        for row, (keys, _, _, minus) in enumerate(self.sums):
            rows[row, [order.index(one) for one in keys]] = 1
            if minus is not None:
                rows[row, order.index(minus)] = -1
        high = [total + tolerance for _, total, tolerance, _ in self.sums]
        low = [total - tolerance for _, total, tolerance, _ in self.sums]
        ends = []
        for sign in (1, -1):
            cost = np.zeros(len(order))
            cost[order.index(key)] = sign
            found = linprog(
                cost,
                A_ub=np.vstack([rows, -rows]) if self.sums else None,
                b_ub=[*high, *(-one for one in low)] if self.sums else None,
                bounds=list(self.bounds.values()),
            )
            assert found.status == 0, "what is published must have a solution"
            ends.append(sign * found.fun)
        return ends[0], ends[1]


def puzzle_of_n(published: Figures) -> Puzzle:
    """What is hidden of all n: departments, their strata and trust levels, who answered."""
    puzzle = Puzzle()
    people = _people(published)
    for whole, table in _tables(published):
        alike = all(one.suppressed == "complementary" for one in table if one.n is None)
        for one in table:
            if one.n is None:
                least = 1 if one.suppressed == "minimum-n" or alike else published.minimum_n
                most = people.get(one.stratum or one.trust or "", published.sources[0].n)
                if one.suppressed == "minimum-n":
                    most = min(most, published.minimum_n - 1)
                puzzle.bounds[key_of(one)] = (least, most)
        hidden = [key_of(one) for one in table if one.n is None]
        if whole.n is not None:
            puzzle.add_sum(hidden, whole.n - sum(one.n or 0 for one in table))
        else:
            puzzle.bounds[key_of(whole)] = (1, published.minimum_n - 1)
            puzzle.add_sum(hidden, 0, minus=key_of(whole))
    for margin in ("stratum", "sex"):
        rows = [
            one for one in published.who_answered[published.sources[0].code] if one.margin == margin
        ]
        for row in rows:
            if row.n is None:
                small = row.suppressed == "minimum-n"
                most = published.minimum_n - 1 if small else published.sources[0].n
                puzzle.bounds["who", margin, row.category] = (1, most)
        hidden = [("who", margin, row.category) for row in rows if row.n is None]
        puzzle.add_sum(hidden, published.sources[0].n - sum(row.n or 0 for row in rows))
    _link_strata(puzzle, published)
    return puzzle


def _link_strata(puzzle: Puzzle, published: Figures) -> None:
    """A stratum has at least the people whom a cell in it shows."""
    for one in published.indices:
        key = ("who", "stratum", one.stratum or "")
        if one.n is not None and key in puzzle.bounds:
            low, high = puzzle.bounds[key]
            shown = one.n + (one.dont_know or 0) + (one.missing or 0)
            puzzle.bounds[key] = (max(low, shown), high)


def puzzle_of_scores(published: Figures, truth: Figures) -> Puzzle:
    """The sums of scores behind hidden cells, for somebody who happens to know every n."""
    n = {key_of(one): one.n or 0 for one in truth.indices}
    puzzle = Puzzle()
    for whole, table in _tables(published):
        hidden = [key_of(one) for one in table if one.value is None and n[key_of(one)]]
        if whole.value is None:
            puzzle.bounds[key_of(whole)] = (0, 100 * n[key_of(whole)])
        for key in hidden:
            puzzle.bounds[key] = (0, 100 * n[key])
        if whole.unweighted is not None:
            total = whole.unweighted * n[key_of(whole)]
            shown = sum((one.unweighted or 0) * n[key_of(one)] for one in table)
            puzzle.add_sum(hidden, float(total - shown), TIE * len(table))
        else:
            puzzle.add_sum(hidden, 0, minus=key_of(whole))
    return puzzle


def _tables(published: Figures) -> Iterator[tuple[IndexFigure, list[IndexFigure]]]:
    for whole in published.indices:
        if whole.stratum is None and whole.trust is None:
            mine = [one for one in published.indices if one.department == whole.department]
            yield whole, [one for one in mine if one.stratum is not None]
            yield whole, [one for one in mine if one.trust is not None]


def _people(published: Figures) -> dict[str, int]:
    strata = {
        row.category: row.n
        for row in published.who_answered[published.sources[0].code]
        if row.margin == "stratum" and row.n is not None
    }
    return strata | {count.trust: count.valid for count in published.counts}


def key_of(one: IndexFigure) -> Key:
    return (one.department, one.stratum or "", one.trust or "")
