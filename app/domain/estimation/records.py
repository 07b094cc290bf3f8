"""One published number with everything a reader needs to judge it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.estimation.columns import Flags
from app.domain.estimation.design_effects import design_effect, effective_size
from app.domain.estimation.intervals import Interval
from app.domain.estimation.precision import Evidence, judge
from app.domain.estimation.reliability import top_weight_share


@dataclass(frozen=True, slots=True)
class Estimate:
    """One published number. None means unknown; `notes` say why.

    `respondents` answered and carry weight; `missing` and `dont_know` did not answer. `population`
    is their estimated number, `effective_n` Kish's, `top_weight_share` what the heaviest 1 % of the
    respondents hold of the weight (reliability.py). `naive_standard_error` is a diagnostic, never
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
    top_weight_share: float
    design_effect: float | None
    naive_standard_error: float | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A record, and the factor from the error of the plan's statistic to that of its value."""

    record: Estimate
    stretch: float


def publish(evidence: Evidence) -> Published:
    """Make the record of one plan."""
    plan, sample = evidence.plan, evidence.sample
    value = plan.quantile.value if plan.quantile else plan.statistic.value(sample.mass)
    scores = plan.statistic.scores(sample.mass)
    precision = judge(evidence, value, scores)
    effect = design_effect(sample, scores, evidence.rows, evidence.variance)
    record = Estimate(
        name=plan.name,
        statistic=plan.kind,
        domain=plan.domain,
        level=plan.level,
        value=_known(value) if evidence.respondents else None,
        standard_error=_known(precision.error),
        interval=precision.interval,
        interval_method=plan.interval,
        degrees_of_freedom=evidence.degrees_of_freedom,
        respondents=evidence.respondents,
        missing=_people(evidence, plan.missing),
        dont_know=_people(evidence, plan.dont_know),
        population=float(sample.mass[evidence.rows].sum()),
        effective_n=effective_size(sample, evidence.rows),
        top_weight_share=_top_weight_share(evidence),
        design_effect=_known(effect),
        naive_standard_error=_known(_naive_error(evidence, precision.stretch)),
        notes=precision.notes,
    )
    return Published(record, precision.stretch)


def _top_weight_share(evidence: Evidence) -> float:
    sample = evidence.sample
    weighted = evidence.rows & (sample.mass > 0)
    return top_weight_share(sample.weights[weighted], sample.design.counts[weighted])


def _people(evidence: Evidence, rows: Flags) -> int:
    weighted = rows & (evidence.sample.mass != 0)
    return int(evidence.sample.design.counts[weighted].sum())


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _naive_error(evidence: Evidence, stretch: float) -> float | None:
    return None if evidence.naive is None else abs(stretch) * math.sqrt(max(evidence.naive, 0.0))
