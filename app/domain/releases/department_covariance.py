"""The covariance of all departments' indices in one source.

Departments are estimated one by one, but people rate several of them, so their errors go together.
Between cells the engine's covariance of the mean scores has it all, and where survey points are the
primary units that is everything. Where respondents are, what scatters within the cells is missing
(department_estimates.py), for pairs of departments:

    Σ_c φ_h w_c² Σ_k (u_kd − ū_cd)(u_ke − ū_ce)

and no department's rows know what the same person said about another. But u depends on the answer
to the department alone, u_kd = t_d(pattern of k)/π_cd, 0 for whoever was not asked: a table over
patterns. So a second pass over the ratings, some thousand people at a time, makes the people ×
departments block of distances and adds up its cross-products. Rows stand in the order of their
digests, so the sum has one order.
"""

from collections.abc import Sequence

import numpy as np

from app.domain.estimation.columns import Floats
from app.domain.estimation.variance import covariance, residual_scores
from app.domain.releases.department_estimates import DepartmentEstimates
from app.domain.releases.source_weights import WeightedSource

STRETCH = 8192


def index_covariance(
    source: WeightedSource, multiplier: Floats, estimated: Sequence[DepartmentEstimates]
) -> Floats:
    """V̂ of the indices of all departments of the class, NaN where a standard error is unknown.

    `multiplier` (departments, cells) is 1/π.
    """
    credited = {place: credit.credited for place, credit in source.credits.items()}
    means = np.column_stack([one.cell_scores for one in estimated])
    found = covariance(residual_scores(source.sample, means, credited), source.design)
    if not source.is_clustered:
        scores = np.array([one.pattern_scores for one in estimated])
        found += _within_cells(source, multiplier, scores, means)
    found *= np.prod([credit.inflation for credit in source.credits.values()])
    unknown = np.array([np.isnan(one.estimates.covariance[0, 0]) for one in estimated])
    found[unknown, :] = found[:, unknown] = np.nan
    return found


def _within_cells(
    source: WeightedSource, multiplier: Floats, scores: Floats, means: Floats
) -> Floats:
    """Σ_k y_k y_k' with y_kd = w √φ (t_d(pattern)/π − ū_d), cell by cell."""
    table = source.table
    levels = source.element_scale[:, None] * means
    slopes = source.element_scale * multiplier
    total = np.zeros((len(scores), len(scores)))
    for start in range(0, table.rows, STRETCH):
        stop = min(start + STRETCH, table.rows)
        y = -levels[source.cell[start:stop]]
        said = slice(*np.searchsorted(table.rating_row, (start, stop)).tolist())
        row, of = table.rating_row[said], table.rating_department[said]
        y[row - start, of] += slopes[of, source.cell[row]] * scores[of, table.rating_pattern[said]]
        total += y.T @ y
    return total
