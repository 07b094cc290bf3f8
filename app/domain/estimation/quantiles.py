"""Quantiles of weighted answers and Woodruff's interval for them.

A rule inverts the distribution function F̂ (Hyndman and Fan 1996, with weights as in Lumley's survey
package). `math` is the smallest value with F̂ ≥ p, `school` averages the two neighbours where F̂ = p
exactly; the others interpolate between plotting positions. On rating scales only `math` and
`school` mean anything: the answers are tied and the others invent values between them.
"""

from dataclasses import dataclass

import numpy as np

from app.domain.estimation.columns import Flags, Floats

TIE = 1e-12  # F̂ this near to p counts as equal: sums of weights carry rounding errors


@dataclass(frozen=True, eq=False)
class Distribution:
    """Sorted answers with their weights; NaN everywhere if there is none."""

    values: Floats
    weights: Floats

    def quantile(self, p: float, rule: str) -> float:
        """The p-quantile by `rule`; NaN outside 0 … 1 or without answers."""
        if not len(self.values) or not 0 <= p <= 1:
            return float("nan")
        if rule in ("math", "school"):
            return self._inverse(p, average=rule == "school")
        if rule == "hf4":
            return self._interpolated(np.cumsum(self.weights) / self.weights.sum(), p)
        return self._interpolated(_positions(self.weights, rule), p)

    def _inverse(self, p: float, *, average: bool) -> float:
        share = np.cumsum(self.weights) / self.weights.sum()
        place = min(int(np.searchsorted(share, p - TIE)), len(share) - 1)
        exact = abs(share[place] - p) <= TIE and place + 1 < len(share)
        if average and exact:
            return float((self.values[place] + self.values[place + 1]) / 2)
        return float(self.values[place])

    def _interpolated(self, positions: Floats, p: float) -> float:
        value = float(np.interp(p, positions, self.values))
        nearest = float(self.values[np.abs(self.values - value).argmin()])
        return nearest if abs(nearest - value) <= TIE * abs(nearest) else value


def distribution(values: Floats, mass: Floats, rows: Flags) -> Distribution:
    """The answers that carry weight, in order."""
    kept = rows & (mass > 0)
    order = np.argsort(values[kept], kind="stable")
    return Distribution(values[kept][order], mass[kept][order])


def _positions(weights: Floats, rule: str) -> Floats:
    """Plotting positions p_k of the Hyndman-Fan definitions 5 to 9 for cumulated weights."""
    upper = np.cumsum(weights)
    lower, total, last = upper - weights, upper[-1], weights[-1]
    match rule:
        case "hf5":
            positions = (lower + upper) / 2 / total
        case "hf6":
            positions = upper / (total + last)
        case "hf7":
            positions = lower / max(total - last, np.finfo(float).tiny)
        case "hf8":
            positions = (lower / 3 + 2 * upper / 3) / (total + last / 3)
        case _:
            positions = (3 * lower / 8 + 5 * upper / 8) / (total + last / 4)
    return np.asarray(positions)
