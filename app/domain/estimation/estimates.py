"""Estimates with their uncertainty: one record each, and the covariance of all of them.

`estimate` is the front door for one data set, `change_between` for two waves of independent
samples. Records of single numbers are made in `records.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain.estimation.columns import Columns, Floats
from app.domain.estimation.contrasts import (
    combination_record,
    contrast_matrix,
    difference_record,
    find_pairs,
    satterthwaite,
    transformed,
)
from app.domain.estimation.few_psus import Credit
from app.domain.estimation.plans import Plan, build_plans
from app.domain.estimation.precision import Evidence
from app.domain.estimation.records import Estimate, publish
from app.domain.estimation.requests import Difference, EstimateRequest
from app.domain.estimation.specification import Variance
from app.domain.estimation.uncertainty import Uncertainty, measure_uncertainty
from app.domain.estimation.weights import WeightedSample
from app.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Estimates:
    """All records in the order of the requests, differences last.

    `values`, `covariance` and `degrees_of_freedom` run over all of them (NaN where unknown);
    `replicates` (replicates × estimates) is there where the variance comes from replicates.
    """

    records: tuple[Estimate, ...]
    values: Floats
    covariance: Floats
    degrees_of_freedom: Floats
    replicates: Floats | None
    credits: Mapping[int, Credit]
    warnings: tuple[str, ...]

    @property
    def standard_errors(self) -> Floats:
        return np.asarray(np.sqrt(np.diag(self.covariance)))


def estimate(
    sample: WeightedSample,
    requests: Sequence[EstimateRequest],
    columns: Columns,
    variance: Variance | None = None,
    differences: Sequence[Difference] = (),
) -> Estimates:
    """Estimate everything requested. Raises InvalidInput or InfeasibleEstimation."""
    settings = variance or Variance()
    plans = build_plans(sample, requests, columns)
    uncertainty = measure_uncertainty(sample, plans, columns, settings)
    return assemble([sample] * len(plans), plans, uncertainty, settings, differences)


def assemble(
    samples: Sequence[WeightedSample],
    plans: Sequence[Plan],
    uncertainty: Uncertainty,
    settings: Variance,
    differences: Sequence[Difference] = (),
) -> Estimates:
    """Records of all plans, each with the sample it was made from, and their differences."""
    naive = uncertainty.naive
    published = [
        publish(
            Evidence(
                sample,
                plan,
                float(uncertainty.covariance[place, place]),
                None if naive is None else float(naive[place, place]),
                uncertainty.freedom,
                settings,
            )
        )
        for place, (sample, plan) in enumerate(zip(samples, plans, strict=True))
    ]
    records = [one.record for one in published]
    stretch = np.array([one.stretch for one in published])
    unknown = np.array([record.standard_error is None for record in records], dtype=np.bool_)
    spread = uncertainty.covariance * np.outer(stretch, stretch)
    spread[unknown, :] = spread[:, unknown] = np.nan
    plain = Estimates(
        tuple(records),
        np.array([np.nan if r.value is None else r.value for r in records], dtype=np.float64),
        spread,
        np.array([r.degrees_of_freedom for r in records], dtype=np.float64),
        _replicates_of_values(uncertainty, samples, plans, records, stretch),
        uncertainty.credits,
        uncertainty.warnings,
    )
    return with_differences(plain, differences, settings.level)


def _replicates_of_values(
    uncertainty: Uncertainty,
    samples: Sequence[WeightedSample],
    plans: Sequence[Plan],
    records: Sequence[Estimate],
    stretch: Floats,
) -> Floats | None:
    """Replicates of the published values; of quantiles by their linear image."""
    if uncertainty.replicates is None:
        return None
    centre = [p.statistic.value(s.mass) for p, s in zip(plans, samples, strict=True)]
    values = [np.nan if record.value is None else record.value for record in records]
    return np.asarray(values + stretch * (uncertainty.replicates - np.array(centre)))


def with_differences(
    estimates: Estimates, differences: Sequence[Difference], level: float
) -> Estimates:
    """The estimates and, after them, the declared differences."""
    if not differences:
        return estimates
    pairs = find_pairs(estimates.records, differences)
    matrix = contrast_matrix(pairs, len(estimates.records))

    def record(row: int, variance: float) -> Estimate:
        first, second = (estimates.records[place] for place in pairs[row])
        df = min(first.degrees_of_freedom, second.degrees_of_freedom)
        return difference_record(first, second, variance, df, level)

    return _extended(estimates, matrix, record)


def with_combinations(
    estimates: Estimates, combinations: Mapping[str, Mapping[str, float]], level: float
) -> Estimates:
    """The estimates and, after them, weighted sums of them by name.

    This makes an index from item means of separate cell sums: `{"index": {"item 1": 0.6, …}}`.
    Raises InvalidInput if a sum names what is not estimated.
    """
    places = {record.name: place for place, record in enumerate(estimates.records)}
    matrix = np.zeros((len(combinations), len(estimates.records)))
    for row, parts in enumerate(combinations.values()):
        if not parts or not parts.keys() <= places.keys():
            raise InvalidInput("A weighted sum must name estimates that are there")
        for name, coefficient in parts.items():
            matrix[row, places[name]] = coefficient
    names = list(combinations)

    def record(row: int, variance: float) -> Estimate:
        used = np.flatnonzero(matrix[row])
        records = [estimates.records[place] for place in used]
        return combination_record(names[row], records, matrix[row, used].tolist(), variance, level)

    return _extended(estimates, matrix, record)


def _extended(
    estimates: Estimates, matrix: Floats, record: Callable[[int, float], Estimate]
) -> Estimates:
    """The estimates and, after them, the linear combinations in the rows of `matrix`."""
    full = np.vstack([np.eye(len(estimates.records)), matrix])
    spread = transformed(full, estimates.covariance)
    variances = np.diag(spread)[len(estimates.records) :]
    records = [record(row, float(variance)) for row, variance in enumerate(variances)]
    added = np.array([np.nan if r.value is None else r.value for r in records], dtype=np.float64)
    freedom = np.array([r.degrees_of_freedom for r in records], dtype=np.float64)
    return replace(
        estimates,
        records=(*estimates.records, *records),
        values=np.concatenate([estimates.values, added]),
        covariance=spread,
        degrees_of_freedom=np.concatenate([estimates.degrees_of_freedom, freedom]),
        replicates=None if estimates.replicates is None else estimates.replicates @ full.T,
    )


def change_between(later: Estimates, earlier: Estimates, level: float) -> list[Estimate]:
    """Later minus earlier for every estimate that both have; the samples are independent.

    Raises InvalidInput if they have nothing in common.
    """
    known = {(r.name, *r.domain.values(), r.level): r for r in earlier.records}
    pairs = [
        (record, known[key])
        for record in later.records
        if record.statistic != "difference"
        and (key := (record.name, *record.domain.values(), record.level)) in known
    ]
    if not pairs:
        raise InvalidInput("The two waves have no estimate in common")
    return [_independent_difference(first, second, level) for first, second in pairs]


def _independent_difference(first: Estimate, second: Estimate, level: float) -> Estimate:
    v, w = (
        np.nan if record.standard_error is None else record.standard_error**2
        for record in (first, second)
    )
    freedoms = (float(first.degrees_of_freedom), float(second.degrees_of_freedom))
    df = satterthwaite((v, w), freedoms) if np.isfinite(v + w) else 0.0
    return difference_record(first, second, v + w, df, level)
