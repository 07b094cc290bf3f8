"""How a sample is split over strata, in whole people.

Every rule here minimises  Σ a_h² / n_h  for its own importance a_h of stratum h:

    equal          1                  every stratum the same
    proportional   N_h                self-weighting
    neyman         N_h S_h            smallest variance of the city's mean for n people
    cost-optimal   N_h S_h, price c_h smallest variance for the money
    power          X_h^q S_h / Ȳ_h    Bankier (1988): from equal precision (q = 0) to Neyman (q = 1)

With whole numbers and bounds  min_h ≤ n_h ≤ min(max_h, N_h)  the minimum is found exactly by
giving one person at a time to the stratum that gains most, a_h² / (n_h (n_h + 1)) per unit of cost
(Wright 2012, 2017; for proportional allocation this is the method of equal proportions that
apportions the US House). `_level` finds where that handing-out stands near its end; only the
last few people are handed out one by one. With a budget and unequal prices the last few are
greedy: whole numbers make that problem a knapsack, and no single person more can be afforded.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation

Rule = Literal["equal", "proportional", "neyman", "cost-optimal", "power"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
ROUNDING = 1e-12  # a budget that buys the minima exactly is enough
BISECTIONS = 64  # then only ties are left to be handed out one by one


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum of the population.

    `population` is N_h; `standard_deviation` S_h and `mean` Ȳ_h of the variable of interest;
    `cost` the price of one respondent; `size` X_h, how much the stratum matters under the power
    rule (default: its total N_h Ȳ_h, as Bankier proposes).
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    code: str
    population: int
    standard_deviation: float | None = None
    mean: float | None = None
    cost: float = 1.0
    size: float | None = None
    minimum: int = 1
    maximum: int | None = None

    @property
    def upper_bound(self) -> int:
        return self.population if self.maximum is None else min(self.maximum, self.population)

    @property
    def lower_bound(self) -> int:
        return min(self.minimum, self.population)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Whole respondents per stratum, in the order the strata were given.

    `standard_error` is that of the city's mean under the allocation, None where a stratum's
    standard deviation is unknown. `single` names strata left with one respondent of several:
    their own variance can't be estimated.
    """

    rule: Rule
    sizes: tuple[int, ...]
    total: int
    cost: float
    standard_error: float | None
    single: tuple[str, ...]


def allocate_total(
    strata: Sequence[Stratum], *, rule: Rule, total: int, power: float = 0.5
) -> Allocation:
    """Split `total` respondents; the parts add up to it exactly.

    Raises InvalidInput for strata that make no sense or lack what the rule needs, and
    InfeasibleEstimation where the bounds leave no room for the total.
    """
    importance = _importance(strata, rule, power)
    lower, upper = _bounds(strata)
    if not lower.sum() <= total <= upper.sum():
        raise InfeasibleEstimation(
            f"total: the strata's minima add up to {lower.sum()} and their maxima to "
            f"{upper.sum()}; the total must lie between"
        )
    price = _prices(strata) if rule == "cost-optimal" else np.ones(len(strata))
    worth = importance / np.sqrt(price)
    sizes = _hand_out(worth, lower, upper, np.ones(len(strata)), float(total))
    if sizes.sum() < total:  # strata with importance 0 (no spread at all) take what is left over
        sizes = _fill(sizes, upper, total)
    return _describe(strata, rule, sizes)


def allocate_budget(
    strata: Sequence[Stratum], *, rule: Rule, budget: float, power: float = 0.5
) -> Allocation:
    """Split a budget at the strata's prices; what is left over buys nobody that helps."""
    importance = _importance(strata, rule, power)
    lower, upper = _bounds(strata)
    price = _prices(strata)
    if not float(lower @ price) <= budget * (1 + ROUNDING) < math.inf:
        raise InfeasibleEstimation(
            f"budget: the strata's minima alone cost {float(lower @ price):g}"
        )
    worth = importance / np.sqrt(price) if rule == "cost-optimal" else importance
    sizes = _hand_out(worth, lower, upper, price, budget)
    return _describe(strata, rule, sizes)


def _importance(strata: Sequence[Stratum], rule: Rule, power: float) -> Floats:
    _check(strata, rule, power)
    N = np.array([s.population for s in strata], dtype=float)
    if rule == "equal":
        return np.ones(len(strata))
    if rule == "proportional":
        return N
    S = np.array([s.standard_deviation for s in strata], dtype=float)
    if rule != "power":
        return np.asarray(N * S)
    mean = np.array([s.mean for s in strata], dtype=float)
    declared = np.array([np.nan if s.size is None else s.size for s in strata])
    X = np.where(np.isnan(declared), N * mean, declared)
    return np.asarray(X**power * S / mean)


def _check(strata: Sequence[Stratum], rule: Rule, power: float) -> None:
    faults = [fault for i, stratum in enumerate(strata) for fault in _stratum_faults(i, stratum)]
    faults += [
        Fault(f"strata.{i}.{name}", "missing", f"the rule {rule} needs {name} for every stratum")
        for i, stratum in enumerate(strata)
        for name in _needs(rule)
        if getattr(stratum, name) is None
    ]
    if len({s.code for s in strata}) < len(strata):
        faults.append(Fault("strata", "duplicate", "every stratum needs a code of its own"))
    if not strata:
        faults.append(Fault("strata", "missing", "there must be at least one stratum"))
    if not 0 <= power <= 1:
        faults.append(Fault("power", "out-of-range", "power must lie between 0 and 1"))
    if faults:
        raise InvalidInput("The strata can't be allocated as declared", faults=faults)


def _needs(rule: Rule) -> tuple[str, ...]:
    needs: dict[Rule, tuple[str, ...]] = {
        "equal": (),
        "proportional": (),
        "neyman": ("standard_deviation",),
        "cost-optimal": ("standard_deviation",),
        "power": ("standard_deviation", "mean"),
    }
    return needs[rule]


def _stratum_faults(i: int, s: Stratum) -> list[Fault]:
    rules = {
        "population": (s.population >= 1, "must be at least 1"),
        "standard_deviation": (_is_unknown_or(s.standard_deviation, 0.0), "must not be negative"),
        "mean": (s.mean is None or 0 < s.mean < math.inf, "must be positive"),
        "size": (_is_unknown_or(s.size, 0.0), "must not be negative"),
        "cost": (0 < s.cost < math.inf, "must be positive"),
        "minimum": (s.minimum >= 0, "must not be negative"),
        "maximum": (s.maximum is None or s.maximum >= s.minimum, "must not be below the minimum"),
    }
    return [
        Fault(f"strata.{i}.{name}", "out-of-range", f"{name} {why}")
        for name, (ok, why) in rules.items()
        if not ok
    ]


def _is_unknown_or(value: float | None, least: float) -> bool:
    return value is None or least <= value < math.inf


def _bounds(strata: Sequence[Stratum]) -> tuple[Integers, Integers]:
    lower = np.array([s.lower_bound for s in strata], dtype=np.int64)
    upper = np.array([s.upper_bound for s in strata], dtype=np.int64)
    return lower, upper


def _prices(strata: Sequence[Stratum]) -> Floats:
    return np.array([s.cost for s in strata], dtype=float)


def _hand_out(
    worth: Floats, lower: Integers, upper: Integers, price: Floats, purse: float
) -> Integers:
    """Whole n_h that minimise Σ worth²/n within the bounds while Σ price · n fits the purse."""
    sizes = _level(worth, lower, upper, price, purse)
    left = purse - float(sizes @ price)
    queue = [
        (-worth[h] / math.sqrt(sizes[h] * (sizes[h] + 1)) if sizes[h] else -math.inf, h)
        for h in range(len(sizes))
        if worth[h] > 0 and sizes[h] < upper[h]
    ]
    heapq.heapify(queue)
    while queue:
        _, h = heapq.heappop(queue)
        if price[h] > left:
            continue
        sizes[h] += 1
        left -= price[h]
        if sizes[h] < upper[h]:
            heapq.heappush(queue, (-worth[h] / math.sqrt(sizes[h] * (sizes[h] + 1)), h))
    return sizes


def _level(
    worth: Floats, lower: Integers, upper: Integers, price: Floats, purse: float
) -> Integers:
    """Sizes when everybody worth more than a common level has been handed out.

    The k-th person of stratum h is worth a_h/√(k(k−1)), so at level λ a stratum holds
    ⌊(1 + √(1 + 4 (a_h/λ)²)) / 2⌋ people; the lowest affordable log λ is found by bisection.
    """
    if not worth.max() > 0:
        return lower.copy()
    log_worth = np.log(worth, where=worth > 0, out=np.full(len(worth), -np.inf))

    def sizes_at(level: float) -> Integers:
        ratio = np.exp(np.minimum(log_worth - level, 40.0))
        held = np.where(worth > 0, np.floor((1 + np.sqrt(1 + 4 * ratio**2)) / 2), 0)
        return np.clip(np.minimum(held, upper).astype(np.int64), lower, upper)

    high = float(log_worth.max()) + 1
    low = float(log_worth[worth > 0].min()) - math.log(1.0 + upper.max())
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if float(sizes_at(middle) @ price) <= purse:
            high = middle
        else:
            low = middle
    affordable = sizes_at(high)
    return affordable if float(affordable @ price) <= purse else lower.copy()


def _fill(sizes: Integers, upper: Integers, total: int) -> Integers:
    """Hand what is left to strata without spread, in proportion to the room they have."""
    room = upper - sizes
    left = float(total - sizes.sum())
    nobody, one_each = np.zeros_like(room), np.ones(len(room))
    return sizes + _hand_out(room.astype(float), nobody, room, one_each, left)


def _describe(strata: Sequence[Stratum], rule: Rule, sizes: Integers) -> Allocation:
    whole = tuple(int(n) for n in sizes)
    return Allocation(
        rule=rule,
        sizes=whole,
        total=sum(whole),
        cost=float(sum(n * s.cost for n, s in zip(whole, strata, strict=True))),
        standard_error=standard_error_of_mean(strata, whole),
        single=tuple(
            s.code for n, s in zip(whole, strata, strict=True) if n == 1 and s.population > 1
        ),
    )


def standard_error_of_mean(strata: Sequence[Stratum], sizes: Sequence[int]) -> float | None:
    """√ Σ W_h² (1 − n_h/N_h) S_h²/n_h (Cochran 1977, 5.3); None where it can't be known."""
    N = sum(s.population for s in strata)
    variance = 0.0
    for stratum, n in zip(strata, sizes, strict=True):
        if stratum.standard_deviation is None or n == 0:
            return None
        share = stratum.population / N
        unsampled = 1 - n / stratum.population
        variance += share**2 * unsampled * stratum.standard_deviation**2 / n
    return math.sqrt(variance)
