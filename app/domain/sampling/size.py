"""How many people must answer, and how many must be asked, for a margin of error.

Cochran (1977), chapter 4, with a design effect: the variance of an estimate from n of N people is
taken as  deff · (1 − n/N) · S²/n,  its half-width as  z · √variance. Solving for n,

    n₀ = z² S² / e²,      n = deff · n₀ / (1 + deff · n₀ / N),

so that n never exceeds N. For a proportion S² = N/(N−1) · P(1−P), which gives Cochran's 4.4.
"""

import math
from dataclasses import dataclass

from scipy.special import ndtri

from app.errors import Fault, InvalidInput

HALF_A_PERSON_IN_A_MILLION = 1e-6  # 384.0000001 respondents are 384: rounding noise asks nobody


@dataclass(frozen=True, slots=True)
class Precision:
    """What a sample must achieve and what is known of its design.

    `margin` is the half-width of the interval, in the units of the estimate (0.03 for three
    percentage points, 2.0 for two index points). `population` of None is so large that the
    finite-population correction does not matter.
    """

    margin: float
    confidence: float = 0.95
    design_effect: float = 1.0
    population: int | None = None
    response_rate: float = 1.0

    def __post_init__(self) -> None:
        rules = {
            "margin": (0 < self.margin < math.inf, "must be positive"),
            "confidence": (0 < self.confidence < 1, "must lie between 0 and 1"),
            "design_effect": (0 < self.design_effect < math.inf, "must be positive"),
            "population": (self.population is None or self.population >= 1, "must be at least 1"),
            "response_rate": (0 < self.response_rate <= 1, "must be above 0 and at most 1"),
        }
        faults = [
            Fault(f, "out-of-range", f"{f} {why}") for f, (ok, why) in rules.items() if not ok
        ]
        if faults:
            raise InvalidInput("The precision asked for makes no sense", faults=faults)


@dataclass(frozen=True, slots=True)
class SampleSize:
    """`respondents` must answer, `invitations` must go out; `margin` is what `respondents` give."""

    respondents: int
    invitations: int
    margin: float
    limited_by_population: bool


def size_for_proportion(precision: Precision, *, proportion: float = 0.5) -> SampleSize:
    """Respondents needed to estimate a share; 0.5 is the safe guess when nothing is known."""
    if not 0 < proportion < 1:
        fault = Fault("proportion", "out-of-range", "proportion must lie between 0 and 1")
        raise InvalidInput("The expected proportion makes no sense", faults=[fault])
    return _size(precision, proportion_variance(proportion, precision.population))


def size_for_mean(precision: Precision, *, standard_deviation: float) -> SampleSize:
    """Respondents needed to estimate a mean of answers that spread by `standard_deviation`."""
    if not 0 < standard_deviation < math.inf:
        fault = Fault("standard_deviation", "out-of-range", "standard_deviation must be positive")
        raise InvalidInput("The expected spread makes no sense", faults=[fault])
    return _size(precision, standard_deviation**2)


def proportion_variance(proportion: float, population: int | None) -> float:
    """S² of a 0/1 answer: N/(N−1) · P(1−P); a population of one person has no spread."""
    if population == 1:
        return 0.0
    correction = 1.0 if population is None else population / (population - 1)
    return correction * proportion * (1 - proportion)


def margin_of_error(precision: Precision, *, unit_variance: float, respondents: int) -> float:
    """Half-width that `respondents` give: z · √(deff · (1 − n/N) · S²/n)."""
    population = precision.population
    unsampled = 1.0 if population is None else max(0.0, 1 - respondents / population)
    variance = precision.design_effect * unsampled * unit_variance / respondents
    return _z(precision.confidence) * math.sqrt(variance)


def cluster_design_effect(*, respondents_per_point: float, intraclass_correlation: float) -> float:
    """Kish (1965): 1 + (m̄ − 1)·ρ when m̄ people are asked at each survey point."""
    return 1 + (respondents_per_point - 1) * intraclass_correlation


def weighting_design_effect(*, coefficient_of_variation: float) -> float:
    """Kish (1965): 1 + cv² of the weights; multiply it with the cluster design effect."""
    return 1 + coefficient_of_variation**2


def _size(precision: Precision, unit_variance: float) -> SampleSize:
    deff_n0 = (
        precision.design_effect * unit_variance * (_z(precision.confidence) / precision.margin) ** 2
    )
    population = math.inf if precision.population is None else precision.population
    respondents = max(1, whole_people(deff_n0 / (1 + deff_n0 / population)))
    return SampleSize(
        respondents=respondents,
        invitations=whole_people(respondents / precision.response_rate),
        margin=margin_of_error(precision, unit_variance=unit_variance, respondents=respondents),
        limited_by_population=respondents / precision.response_rate > population,
    )


def _z(confidence: float) -> float:
    return float(ndtri((1 + confidence) / 2))


def whole_people(people: float) -> int:
    """Round up, forgiving rounding noise."""
    return math.ceil(people - HALF_A_PERSON_IN_A_MILLION)
