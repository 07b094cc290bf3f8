"""The covariance of all departments' indices in one source.

Departments are estimated one by one, each with scores z_k per respondent (variance.py), but people
rate several of them, so their errors go together. Where survey points are the primary units the
totals of the points carry all of it. Where respondents are, V̂ needs Σ_k z_kd z_ke over people, and
no department's rows know what was said about another. But inside a cell z depends on the answer to
the department alone:

    z_kd = w_c t_d(pattern of k) / π_cd − h_cd

with w the weight, t the score of the index (0 for whoever was not asked) and h the part that
calibration explains. So t is a table over patterns, h one over cells, and a second pass over the
ratings, some thousand people at a time, gives the people × departments block of z, whose
cross-products are added up. Rows stand in the order of their digests, so the sum has one order.
"""

from collections.abc import Sequence

import numpy as np

from app.domain.estimation.cell_estimates import design_of_units
from app.domain.estimation.columns import Floats
from app.domain.estimation.variance import covariance, unit_totals
from app.domain.releases.department_estimates import DepartmentEstimates
from app.domain.releases.source_weights import WeightedSource

STRETCH = 8192


def index_covariance(source: WeightedSource, estimated: Sequence[DepartmentEstimates]) -> Floats:
    """V̂ of the departments' indices, NaN in the rows and columns of those without a known SE."""
    if source.is_clustered:
        found = _of_points(source, estimated)
    else:
        found = _of_people(source, estimated)
    published = np.array([one.estimates.covariance[0, 0] for one in estimated])
    found *= np.prod([c.inflation for c in estimated[0].estimates.credits.values()])
    unknown = np.isnan(published)
    found[unknown, :] = found[:, unknown] = np.nan
    return found


def _of_points(source: WeightedSource, estimated: Sequence[DepartmentEstimates]) -> Floats:
    totals = [_unit_totals(one) for one in estimated]
    return covariance(np.column_stack(totals), design_of_units(source.design))


def _unit_totals(one: DepartmentEstimates) -> Floats:
    design = one.rows.sample.design
    return unit_totals(one.z[:, None], design, design.stages[0])[0][:, 0]


def _of_people(source: WeightedSource, estimated: Sequence[DepartmentEstimates]) -> Floats:
    """Σ_h φ_h Σ_k (z_k − z̄_h)(z_k − z̄_h)', φ_h = (1 − f_h) n_h/(n_h − 1)."""
    scale, means = _stratum_terms(source, estimated)
    slopes = [_slopes(one) * scale for one in estimated]
    levels = [scale * (_explained(one) + mean) for one, mean in zip(estimated, means, strict=True)]
    tables = [_pattern_scores(one) for one in estimated]
    return _cross_products(source, np.array(slopes), np.column_stack(levels), np.array(tables))


def _slopes(one: DepartmentEstimates) -> Floats:
    """What a unit of t adds to z, by cell: w/π."""
    multiplier = np.ones(len(one.rows.source.counts))
    multiplier[one.rows.cell] = one.rows.multiplier
    return np.asarray(one.rows.source.sample.weights * multiplier)


def _index_scores(one: DepartmentEstimates) -> Floats:
    return one.rows.index().scores(one.rows.sample.mass)


def _explained(one: DepartmentEstimates) -> Floats:
    """h by cell: what is left of w t/π when z is taken off, the same on every row of a cell."""
    rows = one.rows
    first = np.unique(rows.cell, return_index=True)[1]
    return np.asarray((rows.sample.weights * _index_scores(one) - one.z)[first])


def _pattern_scores(one: DepartmentEstimates) -> Floats:
    """t by pattern (0 for patterns that nobody of this source gave)."""
    rows = one.rows
    scores = np.zeros(len(rows.source.table.patterns) + 1)
    scores[rows.pattern] = _index_scores(one) / rows.multiplier
    return scores[:-1]


def _stratum_terms(
    source: WeightedSource, estimated: Sequence[DepartmentEstimates]
) -> tuple[Floats, list[Floats]]:
    """√φ_h by cell, and z̄_h by cell for each department (0 in a stratum of one respondent)."""
    stage = source.design.stages[0]
    drawn = source.design.drawn(stage)
    unseen = np.where(np.isfinite(stage.population), 1 - drawn / stage.population, 1.0)
    factor = np.where(drawn > 1, drawn / np.maximum(drawn - 1, 1), 1.0)
    means = []
    for one in estimated:
        of_rows = stage.strata[one.rows.cell]
        sums = np.bincount(of_rows, one.z * one.rows.counts)
        means.append(np.where(drawn > 1, sums[stage.strata] / drawn, 0.0))
    return np.sqrt(np.maximum(unseen, 0.0) * factor), means


def _cross_products(
    source: WeightedSource, slopes: Floats, levels: Floats, tables: Floats
) -> Floats:
    """Σ_k y_k y_k' with y_kd = slope_d(cell) t_d(pattern) − level_d(cell)."""
    table = source.table
    total = np.zeros((len(tables), len(tables)))
    ends = np.searchsorted(table.rating_row, np.arange(0, table.rows + STRETCH, STRETCH))
    for part, (start, stop) in enumerate(zip(ends[:-1], ends[1:], strict=True)):
        people = slice(part * STRETCH, min((part + 1) * STRETCH, table.rows))
        y = -levels[source.cell[people]]
        row = table.rating_row[start:stop]
        of, said = table.rating_department[start:stop], table.rating_pattern[start:stop]
        y[row - people.start, of] += slopes[of, source.cell[row]] * tables[of, said]
        total += y.T @ y
    return total
