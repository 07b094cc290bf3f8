"""Replicate weights: jackknife and bootstrap of the primary units.

A replicate changes the base weights by a factor per primary unit; all steps of weighting are then
run again, so that the replicates carry the uncertainty of the adjustments too.

    JK1   all other units × n/(n − 1), scale (n − 1)/n (1 − f); unstratified designs
    JKn   the others of the stratum × n_h/(n_h − 1), scale (n_h − 1)/n_h (1 − f_h)
    bootstrap   n_h − 1 units drawn with replacement, unit i t_i times:
                1 − λ_h + λ_h t_i n_h/(n_h − 1), λ_h = √(1 − f_h)   (Rao, Wu and Yue 1992)

Only the first stage's finite-population correction enters. Lumley (2010), section 2.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.estimation.columns import Columns, Floats, numbers
from app.domain.estimation.design import SampleDesign
from app.domain.estimation.specification import Variance
from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation


@dataclass(frozen=True, eq=False)
class Replicates:
    """Factors of the base weights, primary units × replicates, and a scale per replicate."""

    factors: Floats
    scales: Floats
    units: NDArray[np.intp]

    def base_weights(self, design: SampleDesign) -> Iterator[Floats]:
        """The base weights of each replicate."""
        for factors in self.factors.T:
            yield design.base_weights * factors[self.units]


def build_replicates(design: SampleDesign, variance: Variance, columns: Columns) -> Replicates:
    """The replicates that `variance` declares. Raises InfeasibleEstimation on lonely units."""
    if variance.method == "columns":
        return _declared(design, variance, columns)
    if design.stages[0].elements and (design.counts != 1).any():
        raise InvalidInput("Replicates need one row per respondent where respondents are the units")
    units = _PrimaryUnits(design)
    if variance.method == "bootstrap":
        return _bootstrap(units, variance)
    if variance.method == "jk1" and units.strata.max() > 0:
        rule = "JK1 is for designs without strata; use jkn"
        raise InvalidInput(rule, faults=[Fault("variance.method", "jk1-stratified", rule)])
    return _jackknife(units, design)


def replicate_covariance(
    values: Floats, estimate: Floats, scales: Floats, variance: Variance
) -> Floats:
    """Σ_r scale_r (θ̂_r − c)(θ̂_r − c)', c the mean of the replicates or the estimate itself."""
    centre = values.mean(axis=0) if variance.centre == "mean" else estimate
    deviations = (values - centre) * np.sqrt(scales)[:, None]
    return np.asarray(deviations.T @ deviations)


class _PrimaryUnits:
    """Stratum, number drawn and share left out of each primary unit."""

    def __init__(self, design: SampleDesign) -> None:
        first = design.stages[0]
        rows = np.unique(first.units, return_index=True)[1]
        self.of_row = first.units
        self.strata = first.strata[rows]
        self.drawn = np.bincount(self.strata)
        population = first.population[np.unique(first.strata, return_index=True)[1]]
        self.unseen = np.where(np.isfinite(population), 1 - self.drawn / population, 1.0)


def _jackknife(units: _PrimaryUnits, design: SampleDesign) -> Replicates:
    """One replicate per primary unit; a lonely one as the design declares."""
    drawn = units.drawn[units.strata]
    lonely = (drawn == 1) & (units.unseen[units.strata] > 0)
    if lonely.any() and design.lonely_psu == "fail":
        rule = f"{int(lonely.sum())} strata have a single sampling unit; declare lonely_psu"
        raise InfeasibleEstimation(rule, faults=[Fault("sample.lonely_psu", "lonely-psu", rule)])
    same = units.strata[:, None] == units.strata[None, :]
    factors = np.where(same, (drawn / np.maximum(drawn - 1, 1))[None, :], 1.0)
    np.fill_diagonal(factors, 0.0)
    scales = (drawn - 1) / drawn * units.unseen[units.strata]
    kept = drawn > 1
    if design.lonely_psu == "adjust":
        strata = len(units.drawn)
        factors[:, lonely] = np.where(same[:, lonely], 0.0, strata / (strata - 1))
        scales = np.where(lonely, (strata - 1) / strata, scales)
        kept = kept | lonely
    if design.lonely_psu == "average":
        scales = scales * len(drawn) / kept.sum()
    return Replicates(factors[:, kept], scales[kept], units.of_row)


def _bootstrap(units: _PrimaryUnits, variance: Variance) -> Replicates:
    """Rao and Wu's rescaled bootstrap with n_h − 1 draws; lonely units stay as they are."""
    generator = np.random.default_rng(variance.seed)
    factors = np.ones((len(units.strata), variance.replicates))
    for stratum, drawn in enumerate(units.drawn):
        if drawn < 2:
            continue
        chances = np.full(drawn, 1 / drawn)
        times = generator.multinomial(drawn - 1, chances, size=variance.replicates).T
        shrink = np.sqrt(units.unseen[stratum])
        factors[units.strata == stratum] = 1 - shrink + shrink * times * drawn / (drawn - 1)
    return Replicates(factors, _equal_scales(variance, variance.replicates), units.of_row)


def _declared(design: SampleDesign, variance: Variance, columns: Columns) -> Replicates:
    """Replicate weights that the file brings along, one column each."""
    weights = np.column_stack([numbers(columns, name) for name in variance.columns])
    if not (weights >= 0).all():
        rule = "Replicate weights must be numbers of at least 0"
        raise InvalidInput(rule, faults=[Fault("variance.columns", "weight", rule)])
    base = design.base_weights[:, None]
    factors = np.divide(weights, base, out=np.zeros_like(weights), where=base > 0)
    scales = _equal_scales(variance, weights.shape[1])
    return Replicates(factors, scales, np.arange(design.rows))


def _equal_scales(variance: Variance, replicates: int) -> Floats:
    spent = 1 if variance.centre == "mean" else 0
    scale = 1 / (replicates - spent) if variance.scale is None else variance.scale
    return np.full(replicates, scale)
