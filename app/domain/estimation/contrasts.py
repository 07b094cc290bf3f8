"""Differences and other weighted sums of estimates, with the covariance they need.

Departments rated by the same respondents are correlated, and so are waves that share survey
points: the variance of a difference is V(a) + V(b) − 2 C(a, b), from the full covariance matrix.
Estimates from separate samples are independent and have C = 0.
"""

import math
from collections.abc import Sequence

import numpy as np

from app.domain.estimation.columns import Floats
from app.domain.estimation.intervals import t_interval
from app.domain.estimation.margins import JOINT
from app.domain.estimation.records import Estimate
from app.domain.estimation.requests import Difference
from app.errors import Fault, InvalidInput

Pair = tuple[int, int]


def find_pairs(records: Sequence[Estimate], differences: Sequence[Difference]) -> list[Pair]:
    """Places of minuend and subtrahend, one pair per level that both have.

    Raises InvalidInput naming each difference that finds no two estimates.
    """
    pairs: list[Pair] = []
    faults: list[Fault] = []
    for number, declared in enumerate(differences):
        found = _pairs_of(records, declared)
        pairs += found
        if not found:
            rule = "A difference must name two estimates that are requested"
            faults.append(Fault(f"differences.{number}", "estimate-unknown", rule))
    if faults:
        raise InvalidInput(faults[0].message, faults=faults)
    return pairs


def _pairs_of(records: Sequence[Estimate], declared: Difference) -> list[Pair]:
    place = {(r.name, _domain(r), r.level): i for i, r in enumerate(records)}
    if declared.between:
        first, second = declared.between
        levels = [r.level for r in records if r.name == declared.of and _domain(r) == first]
        wanted = [((declared.of, first, x), (declared.of, second, x)) for x in levels]
    else:
        minuends = [r for r in records if r.name == declared.of]
        wanted = [
            ((r.name, _domain(r), r.level), (str(declared.minus), _domain(r), r.level))
            for r in minuends
        ]
    return [(place[a], place[b]) for a, b in wanted if a in place and b in place]


def _domain(record: Estimate) -> str:
    return JOINT.join(record.domain.values())


def contrast_matrix(pairs: Sequence[Pair], width: int) -> Floats:
    """One row per pair: +1 and −1."""
    matrix = np.zeros((len(pairs), width))
    for row, (first, second) in enumerate(pairs):
        matrix[row, first] += 1
        matrix[row, second] -= 1
    return matrix


def transformed(matrix: Floats, covariance: Floats) -> Floats:
    """L V L', NaN only where L touches an unknown of V."""
    unknown = np.isnan(covariance)
    result = matrix @ np.where(unknown, 0.0, covariance) @ matrix.T
    touched = np.abs(matrix) @ unknown.astype(np.float64) @ np.abs(matrix).T > 0
    return np.where(touched, np.nan, result)


def difference_record(
    first: Estimate, second: Estimate, variance: float, df: float, level: float
) -> Estimate:
    """The record of first − second; unknown where either is."""
    value = None
    if first.value is not None and second.value is not None:
        value = first.value - second.value
    error, interval = None, None
    if value is not None and math.isfinite(variance):
        error = math.sqrt(max(variance, 0.0))
        interval = t_interval(value, error, level, df) if df > 0 else None
    return Estimate(
        name=f"{first.name} − {second.name}" if first.name != second.name else first.name,
        statistic="difference",
        domain={"first": _domain(first), "second": _domain(second)},
        level=first.level,
        value=value,
        standard_error=error,
        interval=interval,
        interval_method="t",
        degrees_of_freedom=df,
        respondents=min(first.respondents, second.respondents),
        missing=max(first.missing, second.missing),
        dont_know=max(first.dont_know, second.dont_know),
        population=min(first.population, second.population),
        effective_n=min(first.effective_n, second.effective_n),
        top_weight_share=max(first.top_weight_share, second.top_weight_share),
        design_effect=None,
        naive_standard_error=None,
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
    )


def combination_record(
    name: str,
    records: Sequence[Estimate],
    coefficients: Sequence[float],
    variance: float,
    level: float,
) -> Estimate:
    """The record of Σ c θ̂, e.g. an index of item means; unknown where any part is."""
    value, error, interval = None, None, None
    df = min(record.degrees_of_freedom for record in records)
    if all(record.value is not None for record in records):
        value = sum(c * (r.value or 0.0) for c, r in zip(coefficients, records, strict=True))
        if math.isfinite(variance):
            error = math.sqrt(max(variance, 0.0))
            interval = t_interval(value, error, level, df) if df > 0 else None
    first = records[0]
    return Estimate(
        name=name,
        statistic="index",
        domain=first.domain,
        level=None,
        value=value,
        standard_error=error,
        interval=interval,
        interval_method="t",
        degrees_of_freedom=df,
        respondents=max(record.respondents for record in records),
        missing=min(record.missing for record in records),
        dont_know=min(record.dont_know for record in records),
        population=max(record.population for record in records),
        effective_n=max(record.effective_n for record in records),
        top_weight_share=max(record.top_weight_share for record in records),
        design_effect=None,
        naive_standard_error=None,
        notes=tuple(dict.fromkeys(note for record in records for note in record.notes)),
    )


def satterthwaite(variances: Sequence[float], freedoms: Sequence[float]) -> float:
    """Degrees of freedom of a sum of independent estimates (Welch and Satterthwaite)."""
    total = sum(variances)
    if min(freedoms) <= 0 or total == 0:
        return 0.0
    spent = sum(v**2 / f for v, f in zip(variances, freedoms, strict=True))
    return total**2 / spent if spent else math.inf
