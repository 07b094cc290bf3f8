"""Indices of one department from one source, by the engine's own formulas on grouped rows.

Respondents of one cell who said the same about the department are one row; whoever was not asked
about it is in the rows too, because calibration residuals are about everybody.

Calibration changes the scores of a cell by one number, so the variance needs their means by cell,
which are few, and, where respondents are the sampling units, how they scatter within cells:

    Σ_h φ_h Σ_k (z_k − z̄_h)² = Σ_h φ_h Σ_c n_c (z̄_c − z̄_h)² + Σ_c φ_h w_c² Σ_k (u_k − ū_c)²

with φ_h = (1 − f_h) n_h/(n_h − 1), z the calibration residuals of the scores u times the weights w.
The first sum is the engine's covariance of the cells.

Where departments are assigned at random, an answer counts with the inverse of the chance 1/π that
the respondent was offered the department: Σ w y/π over Σ w/π. It cancels where π is the same for
all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.estimation.cell_estimates import refine_rows
from app.domain.estimation.columns import MISSING, Codes, Flags, Floats
from app.domain.estimation.design import Grouped
from app.domain.estimation.estimates import Estimates, assemble
from app.domain.estimation.plans import Plan
from app.domain.estimation.statistics import Combination, Ratio
from app.domain.estimation.uncertainty import credited_uncertainty, score_matrix
from app.domain.estimation.variance import covariance, residual_scores
from app.domain.estimation.weights import WeightedSample
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.questionnaires.navigation import offer_chances
from app.domain.releases.answer_tables import TRUSTS
from app.domain.releases.source_cells import OWN, STRATUM, TRUST
from app.domain.releases.source_weights import VARIANCE, WeightedSource


@dataclass(frozen=True, slots=True)
class Domain:
    """Part of a source: whole, one stratum or one trust level (as codes of the cells)."""

    column: str | None = None
    code: int = MISSING


@dataclass(frozen=True, eq=False)
class DepartmentRows:
    """Rows of one department: `cell` and `pattern` (−1: not asked) of each, and respondents.

    `multiplier` is 1/π of the row, `scores` (rows, items) are NaN where an item has no score.
    """

    source: WeightedSource
    cell: Codes
    pattern: Codes
    counts: Floats
    multiplier: Floats

    @cached_property
    def sample(self) -> WeightedSample:
        """The weighted sample on these rows."""
        base = self.source.sample.design.base_weights[self.cell]
        grouped = Grouped(self.counts, self.counts * base, self.counts * base**2)
        return refine_rows(self.source.sample, self.cell, grouped)

    @cached_property
    def scores(self) -> Floats:
        """Score of every item of the class (rows, items), NaN where there is none."""
        table = self.source.table
        said = np.vstack([table.patterns, np.full((1, table.patterns.shape[1]), MISSING)])
        columns = [item.scores[said[:, at]] for at, item in enumerate(table.items.items)]
        return np.column_stack([np.zeros((len(said), 0)), *columns])[self.pattern]

    @cached_property
    def unknown(self) -> Flags:
        """Rows that say "don't know" to some item of the index."""
        table = self.source.table
        said = np.zeros(len(table.patterns) + 1, dtype=np.bool_)
        for at in table.items.coefficients:
            said[:-1] |= table.patterns[:, at] == table.items.items[at].dont_know
        return np.asarray(said[self.pattern])

    @property
    def asked(self) -> Flags:
        """Rows of respondents who were asked about the department, or chose it."""
        return np.asarray(self.pattern != MISSING)

    def inside(self, domain: Domain) -> Flags:
        """Rows of the domain."""
        if domain.column is None:
            return np.ones(len(self.cell), dtype=np.bool_)
        return np.asarray(self.source.codes[domain.column][self.cell] == domain.code)

    def mean(self, item: int, inside: Flags) -> Ratio:
        """The mean score of an item."""
        scores = self.scores[:, item]
        answered = ~np.isnan(scores)
        numerator = np.where(answered, scores, 0.0) * self.multiplier
        return Ratio(numerator, self.multiplier, inside & answered)

    def combined(self, coefficients: Mapping[int, float], inside: Flags) -> Combination:
        """A weighted sum of item means."""
        parts = [self.mean(item, inside) for item in coefficients]
        return Combination(parts, list(coefficients.values()))

    def index(self, domain: Domain = Domain()) -> Combination:
        """The index in a domain."""
        return self.combined(self.source.table.items.coefficients, self.inside(domain))


def department_rows(
    source: WeightedSource, multiplier: Floats, departments: Codes
) -> Iterator[DepartmentRows]:
    """The rows of each department in turn.

    `multiplier` (departments, cells) is 1/π; `departments` are those whose rows are wanted.
    """
    table, width = source.table, len(source.table.patterns) + 1
    key = source.cell[table.rating_row] * width + table.rating_pattern + 1
    for department in departments.tolist():
        rated, counts = np.unique(key[table.rating_department == department], return_counts=True)
        asked = np.bincount(rated // width, counts, len(source.counts))
        others = np.flatnonzero(source.counts > asked)
        keys = np.concatenate([others * width, rated])
        people = np.concatenate([(source.counts - asked)[others], counts])
        order = np.argsort(keys)
        cell = (keys // width)[order]
        yield DepartmentRows(
            source, cell, (keys % width)[order] - 1, people[order], multiplier[department][cell]
        )


def inverse_chances(definition: SurveyDefinition, source: WeightedSource) -> Floats:
    """1/π by department of the class and cell; 1 where a department is never offered there."""
    items, cells = source.table.items, len(source.counts)
    own = source.codes.get(OWN, np.full(cells, MISSING, dtype=np.intp))
    units = [one.code for one in definition.departments.departments]
    result = np.ones((len(items.departments), cells))
    for unit in np.unique(own).tolist():
        code = None if unit == MISSING else units[unit]
        chances = offer_chances(definition, items.audience.code, code)
        factors = [float(1 / chances[one]) if one in chances else 1.0 for one in items.departments]
        result[:, own == unit] = np.array(factors)[:, None]
    return result


@dataclass(frozen=True, eq=False)
class DepartmentEstimates:
    """Estimates of one department: whole, then `domains`, then one per dimension of the index.

    `cell_scores` are the mean scores of the whole index by cell, `pattern_scores` the score of each
    pattern before it is divided by π. Both outlive the rows, which are many.
    """

    domains: tuple[Domain, ...]
    estimates: Estimates
    cell_scores: Floats
    pattern_scores: Floats


def estimate_department(rows: DepartmentRows, domains: tuple[Domain, ...]) -> DepartmentEstimates:
    """Estimate the index of a department; its class has one."""
    source = rows.source
    plans = list(_plans(rows, domains))
    scores = score_matrix(rows.sample, plans)
    means = _cell_means(rows, scores)
    within = _within_cells(rows, scores - means[rows.cell])

    def spread(credited: Mapping[int, tuple[str, ...]]) -> Floats:
        return covariance(residual_scores(source.sample, means, credited), source.design) + within

    uncertainty = credited_uncertainty(source.sample, VARIANCE, spread, source.credits)
    estimates = assemble([rows.sample] * len(plans), plans, uncertainty, VARIANCE)
    return DepartmentEstimates(domains, estimates, means[:, 0], _by_pattern(rows, scores[:, 0]))


def _by_pattern(rows: DepartmentRows, scores: Floats) -> Floats:
    """The score of each pattern (0 where nobody of this source gave it)."""
    found = np.zeros(len(rows.source.table.patterns) + 1)
    found[rows.pattern] = scores / rows.multiplier
    return found[:-1]


def _cell_means(rows: DepartmentRows, scores: Floats) -> Floats:
    cells = len(rows.source.counts)
    sums = [np.bincount(rows.cell, rows.counts * u, cells) for u in scores.T]
    return np.column_stack(sums) / rows.source.counts[:, None]


def _within_cells(rows: DepartmentRows, distances: Floats) -> Floats:
    """Σ n φ w² (u − ū)(u − ū)'; nothing where units above the respondents carry the variance."""
    scale = rows.source.element_scale[rows.cell] * np.sqrt(rows.counts)
    scaled = distances * scale[:, None]
    return np.asarray(scaled.T @ scaled)


def _plans(rows: DepartmentRows, domains: tuple[Domain, ...]) -> Iterator[Plan]:
    everybody = rows.inside(Domain())
    for domain in (Domain(), *domains):
        yield _plan(rows, "index", rows.index(domain), rows.inside(domain))
    for part in rows.source.table.items.parts:
        equal = dict.fromkeys(part.items, 1 / len(part.items))
        yield _plan(rows, part.dimension, rows.combined(equal, everybody), everybody)


def _plan(rows: DepartmentRows, name: str, statistic: Combination, inside: Flags) -> Plan:
    silent = inside & rows.asked & ~statistic.rows
    return Plan(name, "index", {}, statistic, silent & ~rows.unknown, silent & rows.unknown)


def source_domains(source: WeightedSource) -> tuple[Domain, ...]:
    """The strata, where any is known, and the trust levels, where there are several."""
    domains: list[Domain] = []
    if (source.codes[STRATUM] != MISSING).any():
        strata = np.unique(source.codes[STRATUM])
        domains += [Domain(STRATUM, code) for code in strata.tolist() if code != MISSING]
    levels = np.unique(source.codes[TRUST]).tolist()
    if len(levels) > 1:
        domains += [Domain(TRUST, code) for code in levels if code < len(TRUSTS)]
    return tuple(domains)
