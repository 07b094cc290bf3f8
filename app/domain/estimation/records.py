"""One published number: value, standard error, interval, and what is unknown about it.

A zero standard error means certainty only where a margin or a census fixes the number. From a
single primary unit, or from answers that are all alike, it means that the sample can't say.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.estimation.columns import Flags, Floats, dot
from app.domain.estimation.design_effects import design_effect, effective_size
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


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published number. None means unknown; `notes` say why.

    `respondents` answered and carry weight; `missing` and `dont_know` did not answer. `population`
    is their estimated number, `effective_n` Kish's. `naive_standard_error` is a diagnostic, never
    the basis of an interval: what linearisation claims when every margin is credited (few_psus).
    """

    name: str
    statistic: str
    domain: Mapping[str, str]
    level: str | None
    value: float | None
    standard_error: float | None
    interval: Interval | None
    interval_method: str
    degrees_of_freedom: float
    respondents: int
    missing: int
    dont_know: int
    population: float
    effective_n: float
    design_effect: float | None
    naive_standard_error: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A record, and the factor from the error of the plan's statistic to that of its value."""

    record: Estimate
    stretch: float


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a record is made from: a plan, the variance of its statistic and the naive one.

    `freedom` is the part of the degrees of freedom that calibration has left.
    """

    sample: WeightedSample
    plan: Plan
    variance: float
    naive: float | None
    freedom: float
    settings: Variance

    @property
    def rows(self) -> Flags:
        """Respondents that answered and carry weight."""
        return np.asarray(self.plan.statistic.rows & (self.sample.mass != 0))

    @property
    def respondents(self) -> int:
        return int(self.sample.design.counts[self.rows].sum())

    @property
    def degrees_of_freedom(self) -> float:
        domain = self.settings.degrees_of_freedom == "domain"
        rows = self.rows if domain else self.sample.weights != 0
        return max(self.sample.design.degrees_of_freedom(rows), 0) * self.freedom


def publish(evidence: Evidence) -> Published:
    """Make the record of one plan."""
    plan, mass = evidence.plan, evidence.sample.mass
    value = plan.quantile.value if plan.quantile else plan.statistic.value(mass)
    scores = plan.statistic.scores(mass)
    error, note = _standard_error(evidence, scores)
    if not evidence.respondents:
        value, note = math.nan, NO_RESPONDENT
    if math.isnan(value):
        error, note = None, note or NOT_DEFINED
    notes = [note] if note else []
    stretch, interval = 1.0, None
    if plan.quantile and error is not None and evidence.degrees_of_freedom:
        share = plan.statistic.value(mass)
        interval = _woodruff(plan.quantile, share, error, evidence)
        width = (interval[1] - interval[0]) / 2
        critical = t_quantile(evidence.settings.level, evidence.degrees_of_freedom)
        stretch = -width / (critical * error) if error > 0 else math.nan
        error = width / critical
        notes += [END_OF_SCALE] if share == 1 else []
    elif error is not None:
        interval, note = _interval(evidence, value, error, alike=not _varies(scores, value))
        notes += [note] if note else []
    record = Estimate(
        name=plan.name,
        statistic=plan.kind,
        domain=plan.domain,
        level=plan.level,
        value=_known(value),
        standard_error=_known(error),
        interval=interval,
        interval_method=plan.interval,
        degrees_of_freedom=evidence.degrees_of_freedom,
        respondents=evidence.respondents,
        missing=_people(evidence, plan.missing),
        dont_know=_people(evidence, plan.dont_know),
        population=float(mass[evidence.rows].sum()),
        effective_n=effective_size(evidence.sample, evidence.rows),
        design_effect=_known(
            design_effect(evidence.sample, scores, evidence.rows, evidence.variance)
        ),
        naive_standard_error=_known(_naive_error(evidence, stretch)),
        notes=tuple(notes),
    )
    return Published(record, stretch)


def _people(evidence: Evidence, rows: Flags) -> int:
    weighted = rows & (evidence.sample.mass != 0)
    return int(evidence.sample.design.counts[weighted].sum())


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _naive_error(evidence: Evidence, stretch: float) -> float | None:
    return None if evidence.naive is None else abs(stretch) * math.sqrt(max(evidence.naive, 0.0))


def _standard_error(evidence: Evidence, scores: Floats) -> tuple[float | None, str | None]:
    """√V̂, or None and the reason."""
    if not evidence.respondents or math.isnan(evidence.variance):
        return None, NOT_DEFINED
    error = math.sqrt(max(evidence.variance, 0.0))
    size = dot(evidence.sample.mass, np.abs(scores))
    if error > 1e-11 * size or _is_census(evidence):
        return error, None
    first = evidence.sample.design.stages[0]
    if not first.elements and len(np.unique(first.units[evidence.rows])) < 2:
        return None, ONE_UNIT
    return (None, ONE_UNIT) if evidence.respondents < 2 else (0.0, None)


def _is_census(evidence: Evidence) -> bool:
    """True where every unit of every stage was observed, so that nothing is left to vary."""
    design = evidence.sample.design
    return all(
        bool((design.drawn(stage) >= stage.population * (1 - CENSUS))[evidence.rows].all())
        for stage in design.stages
    )


def _varies(scores: Floats, value: float) -> bool:
    return bool(np.abs(scores).max(initial=0.0) > 1e-14 * abs(value))


def _interval(
    evidence: Evidence, value: float, error: float, *, alike: bool
) -> tuple[Interval | None, str | None]:
    level, df = evidence.settings.level, evidence.degrees_of_freedom
    if not df:
        return None, NO_FREEDOM
    if evidence.plan.interval != "t":
        return _share_interval(evidence, min(max(value, 0.0), 1.0), error)
    if alike and error == 0 and not _is_census(evidence):
        return None, ALL_ALIKE
    return t_interval(value, error, level, df), None


def _share_interval(
    evidence: Evidence, p: float, error: float
) -> tuple[Interval | None, str | None]:
    level, df = evidence.settings.level, evidence.degrees_of_freedom
    kind = evidence.plan.interval
    n_effective = p * (1 - p) / error**2 if error > 0 else 0.0
    if n_effective == 0:
        n_effective = effective_size(evidence.sample, evidence.rows)
        kind = "korn-graubard" if kind == "logit" else kind
    if kind == "wilson":
        return wilson_interval(p, n_effective, level, df), None
    if kind == "logit":
        return logit_interval(p, error, level, df), None
    return korn_graubard_interval(p, n_effective, evidence.respondents, level, df), None


def _woodruff(quantile: QuantileAt, share: float, error: float, evidence: Evidence) -> Interval:
    """The t interval of F̂ at the quantile, turned back by the quantile's rule (Woodruff 1952)."""
    level, df = evidence.settings.level, evidence.degrees_of_freedom
    lower, upper = t_interval(share, error, level, df)
    return (
        quantile.answers.quantile(lower, quantile.rule),
        quantile.answers.quantile(upper, quantile.rule),
    )
