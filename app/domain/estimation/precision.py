"""How precise one number is: its standard error and interval, or why they are unknown.

A zero standard error means certainty only where a margin or a census fixes the number. From a
single primary unit, or from answers that are all alike, it means that the sample can't say.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.estimation.columns import Flags, Floats, dot
from app.domain.estimation.design_effects import effective_size
from app.domain.estimation.intervals import (
    Interval,
    korn_graubard_interval,
    logit_interval,
    t_interval,
    t_quantile,
    wilson_interval,
)
from app.domain.estimation.plans import Plan, QuantileAt
from app.domain.estimation.specification import Variance
from app.domain.estimation.variance import CENSUS
from app.domain.estimation.weights import WeightedSample

NO_RESPONDENT = "no respondent of this domain answered"
ONE_UNIT = "all answers come from one primary unit: the standard error is unknown"
ALL_ALIKE = "all answers are alike: the sample can't say how far others may differ"
NO_FREEDOM = "no degrees of freedom: the interval is unknown"
END_OF_SCALE = "the quantile is the greatest answer given: its interval is no measure of certainty"
NOT_DEFINED = "the variance can't be computed for this domain"


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a number rests on: a plan, the variance of its statistic and the naive one.

    `freedom` is the part of the degrees of freedom that calibration has left.
    """

    sample: WeightedSample
    plan: Plan
    variance: float
    naive: float | None
    freedom: float
    settings: Variance

    @cached_property
    def rows(self) -> Flags:
        """Respondents that answered and carry weight."""
        return np.asarray(self.plan.statistic.rows & (self.sample.mass != 0))

    @cached_property
    def respondents(self) -> int:
        return int(self.sample.design.counts[self.rows].sum())

    @cached_property
    def degrees_of_freedom(self) -> float:
        domain = self.settings.degrees_of_freedom == "domain"
        rows = self.rows if domain else self.sample.weights != 0
        return max(self.sample.design.degrees_of_freedom(rows), 0) * self.freedom


@dataclass(frozen=True, slots=True)
class Precision:
    """Standard error and interval (None: unknown) with notes.

    `stretch` leads from the error of the plan's statistic to that of the number: 1, but for
    quantiles, whose statistic is the distribution function.
    """

    error: float | None = None
    interval: Interval | None = None
    stretch: float = 1.0
    notes: tuple[str, ...] = ()


def judge(evidence: Evidence, value: float, scores: Floats) -> Precision:
    """The precision of `value`, whose statistic has these scores."""
    if not evidence.respondents:
        return Precision(notes=(NO_RESPONDENT,))
    if math.isnan(value) or math.isnan(evidence.variance):
        return Precision(notes=(NOT_DEFINED,))
    error = _standard_error(evidence, scores)
    if error is None:
        return Precision(notes=(ONE_UNIT,))
    if evidence.degrees_of_freedom <= 0:
        return Precision(error, notes=(NO_FREEDOM,))
    if evidence.plan.quantile:
        return _woodruff(evidence, evidence.plan.quantile, error)
    if evidence.plan.interval != "t":
        return Precision(error, _share_interval(evidence, min(max(value, 0.0), 1.0), error))
    if error == 0 and _are_alike(scores, value) and not _is_census(evidence):
        return Precision(error, notes=(ALL_ALIKE,))
    level, df = evidence.settings.level, evidence.degrees_of_freedom
    return Precision(error, t_interval(value, error, level, df))


def _standard_error(evidence: Evidence, scores: Floats) -> float | None:
    """√V̂, rounding errors made 0; None where nothing can vary because there is one unit only."""
    error = math.sqrt(max(evidence.variance, 0.0))
    size = dot(evidence.sample.mass, np.abs(scores))
    if error > 1e-11 * size or _is_census(evidence):
        return error
    first = evidence.sample.design.stages[0]
    one_unit = not first.elements and len(np.unique(first.units[evidence.rows])) < 2
    return None if one_unit or evidence.respondents < 2 else 0.0


def _is_census(evidence: Evidence) -> bool:
    """True where every unit of every stage was observed, so that nothing is left to vary."""
    design = evidence.sample.design
    return all(
        bool((design.drawn(stage) >= stage.population * (1 - CENSUS))[evidence.rows].all())
        for stage in design.stages
    )


def _are_alike(scores: Floats, value: float) -> bool:
    return bool(np.abs(scores).max(initial=0.0) <= 1e-14 * abs(value))


def _share_interval(evidence: Evidence, p: float, error: float) -> Interval:
    level, df = evidence.settings.level, evidence.degrees_of_freedom
    kind = evidence.plan.interval
    n_effective = p * (1 - p) / error**2 if error > 0 else 0.0
    if n_effective == 0:
        n_effective = effective_size(evidence.sample, evidence.rows)
        kind = "korn-graubard" if kind == "logit" else kind
    if kind == "wilson":
        return wilson_interval(p, n_effective, level, df)
    if kind == "logit":
        return logit_interval(p, error, level, df)
    return korn_graubard_interval(p, n_effective, evidence.respondents, level, df)


def _woodruff(evidence: Evidence, quantile: QuantileAt, error: float) -> Precision:
    """The t interval of F̂ at the quantile, turned back by the quantile's rule (Woodruff 1952)."""
    level, df = evidence.settings.level, evidence.degrees_of_freedom
    share = evidence.plan.statistic.value(evidence.sample.mass)
    lower, upper = (
        quantile.answers.quantile(limit, quantile.rule)
        for limit in t_interval(share, error, level, df)
    )
    found = (upper - lower) / (2 * t_quantile(level, df))
    notes = (END_OF_SCALE,) if share == 1 else ()
    return Precision(found, (lower, upper), -found / error if error > 0 else math.nan, notes)
