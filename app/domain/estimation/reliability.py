"""Whether a published estimate deserves a warning, and which.

Four flags, each with its own threshold (a scheme may declare others):

    too-few-respondents   n below the least that is published at all, or below the least that is
                          published without a remark
    low-effective-n       n_eff = (Σw)² / Σw² (Kish 1965), the simple random sample worth the same
    imprecise             coefficient of variation SE / estimate; Statistics Canada's bounds are
                          16.6 % (use with care) and 33.3 % (do not publish)
    few-weights-decide    share of the weight that the heaviest 1 % of the respondents hold (looked
                          at from 100 respondents on)

An unknown standard error is a flag of its own: unknown is not zero.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.domain.estimation.columns import dot
from app.errors import Fault, InvalidInput

Severity = Literal["remark", "withhold"]
TOP_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Bounds that are still good enough; the defaults stand in the design of the system."""

    least_respondents: int = 10
    enough_respondents: int = 30
    enough_effective_n: float = 30.0
    remarkable_variation: float = 0.166
    largest_variation: float = 0.333
    largest_top_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Flag:
    """One warning; `withhold` means that the estimate must not be published."""

    code: str
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What one estimate rests on.

    `standard_error` NaN is unknown. `estimate` None: zero is an ordinary value of it, as of a
    difference, and a coefficient of variation would say nothing.
    """

    respondents: int
    effective_n: float
    top_weight_share: float
    estimate: float | None
    standard_error: float

    @property
    def coefficient_of_variation(self) -> float | None:
        """SE / |estimate|; infinite for an estimate of 0 with an error, NaN if unknown."""
        if self.estimate is None:
            return None
        if self.estimate == 0:
            return math.inf if self.standard_error > 0 else self.standard_error
        return self.standard_error / abs(self.estimate)


def weight_basis(
    weights: NDArray[np.float64], *, estimate: float | None, standard_error: float
) -> Basis:
    """The basis of an estimate from the weights of the respondents it uses.

    Weights of 0 are respondents who do not count. Raises InvalidInput for negative or unknown ones.
    """
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        fault = Fault("weights", "out-of-range", "weights must be known and not negative")
        raise InvalidInput("Reliability can't be judged", faults=[fault])
    used = weights[weights > 0]
    return Basis(
        respondents=len(used),
        effective_n=effective_n(used),
        top_weight_share=top_weight_share(used),
        estimate=estimate,
        standard_error=standard_error,
    )


def effective_n(weights: NDArray[np.float64]) -> float:
    """Kish's (Σw)² / Σw²; 0 for nobody."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def top_weight_share(
    weights: NDArray[np.float64],
    counts: NDArray[np.float64] | None = None,
    top: float = TOP_SHARE,
) -> float:
    """Share of the weight held by the ⌈top · n⌉ respondents with the largest weights.

    A row of `counts` respondents has their mean weight.
    """
    people = np.ones(len(weights)) if counts is None else counts
    total = dot(weights, people)
    if total == 0:
        return 0.0
    heaviest_first = np.argsort(-weights, kind="stable")
    before = np.cumsum(people[heaviest_first]) - people[heaviest_first]
    holders = np.clip(math.ceil(top * people.sum()) - before, 0, people[heaviest_first])
    return dot(weights[heaviest_first], holders) / total


def flag(basis: Basis, thresholds: Thresholds = Thresholds()) -> tuple[Flag, ...]:
    """All warnings that the estimate deserves, the gravest first."""
    flags = [*_counts(basis, thresholds), *_precision(basis, thresholds)]
    if basis.top_weight_share > thresholds.largest_top_share and basis.respondents >= 100:
        flags.append(Flag("few-weights-decide", "remark", "1 % of the respondents weigh too much"))
    return tuple(sorted(flags, key=lambda flag: flag.severity != "withhold"))


def _counts(basis: Basis, thresholds: Thresholds) -> list[Flag]:
    if basis.respondents < thresholds.least_respondents:
        return [Flag("too-few-respondents", "withhold", "too few respondents to publish")]
    flags = []
    if basis.respondents < thresholds.enough_respondents:
        flags.append(Flag("too-few-respondents", "remark", "few respondents"))
    if basis.effective_n < thresholds.enough_effective_n:
        flags.append(Flag("low-effective-n", "remark", "unequal weights leave few respondents"))
    return flags


def _precision(basis: Basis, thresholds: Thresholds) -> list[Flag]:
    variation = basis.coefficient_of_variation
    if math.isnan(basis.standard_error):
        return [Flag("unknown-precision", "remark", "the standard error is not known")]
    if variation is None:
        return []
    if variation > thresholds.largest_variation:
        return [Flag("imprecise", "withhold", "the coefficient of variation is too large")]
    if variation > thresholds.remarkable_variation:
        return [Flag("imprecise", "remark", "the coefficient of variation is large")]
    return []
