"""How the sample was drawn: strata, sampling units, population sizes and base weights per stage.

This is all that variance estimation knows of the fieldwork. Rows are respondents, or groups of
identical respondents (`counts`), so that the same formulas serve respondent files and cell tables.
Notation follows Särndal, Swensson and Wretman (1992): N_h units in stratum h, n_h of them drawn.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from app.domain.estimation.columns import (
    MISSING,
    Codes,
    Columns,
    Flags,
    Floats,
    categories,
    interlace,
    numbers,
)
from app.domain.estimation.specification import LonelyPsu, Sample
from app.errors import Fault, InvalidInput


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One stage of drawing, described for every row.

    `strata` and `units` are codes 0, 1, …; codes of a later stage are distinct across the units
    of the earlier one. `population` holds N_h, the units in the row's stratum (infinite: drawn
    with replacement). `elements` says that the units are the respondents themselves.
    """

    strata: Codes
    units: Codes
    population: Floats
    elements: bool = False


@dataclass(frozen=True, eq=False)
class SampleDesign:
    """Stages from the first drawn to the last, base weights d_k, and respondents per row.

    A row stands for `counts` respondents with the same answers; `base_weights` is then their mean
    weight and `base_squares` the mean of its squares. In a respondent file every count is 1.
    """

    base_weights: Floats
    base_squares: Floats
    stages: tuple[Stage, ...]
    counts: Floats
    lonely_psu: LonelyPsu = "fail"

    @property
    def rows(self) -> int:
        return len(self.base_weights)

    @cached_property
    def first_units(self) -> int:
        """Primary sampling units in the sample, those without an answer included."""
        first = self.stages[0]
        return int(self.counts.sum()) if first.elements else int(first.units.max()) + 1

    def drawn(self, stage: Stage) -> Floats:
        """n_h of a stage on every row."""
        return units_drawn(stage.strata, stage.units, self.counts if stage.elements else None)

    def degrees_of_freedom(self, rows: Flags | None = None) -> int:
        """Primary units minus strata (Korn and Graubard 1999), among `rows` with weight."""
        first = self.stages[0]
        kept = self.base_weights > 0 if rows is None else rows
        strata = int(np.count_nonzero(np.bincount(first.strata[kept])))
        if first.elements:
            return int(self.counts[kept].sum()) - strata
        return int(np.count_nonzero(np.bincount(first.units[kept]))) - strata

    def reweighted(self, base_weights: Floats) -> "SampleDesign":
        """The same draw with other base weights (a replicate)."""
        return replace(self, base_weights=base_weights, base_squares=base_weights**2)


@dataclass(frozen=True, eq=False)
class Grouped:
    """Rows that stand for several respondents: how many, and the sums of d and d² over them."""

    counts: Floats
    mass: Floats
    squares: Floats


def build_design(columns: Columns, sample: Sample, grouped: Grouped | None = None) -> SampleDesign:
    """Read the design from the columns that `sample` names; `grouped` brings its own base weights.

    Raises InvalidInput naming the column at fault.
    """
    rows = len(next(iter(columns.values()), ()))
    if rows == 0:
        raise InvalidInput("The data has no rows")
    counts = np.ones(rows) if grouped is None else grouped.counts
    stages = _stages(columns, counts, sample)
    if grouped is None:
        base = _base_weights(columns, rows, sample, stages)
        return SampleDesign(base, base**2, stages, counts, sample.lonely_psu)
    base, squares = grouped.mass / counts, grouped.squares / counts
    return SampleDesign(base, squares, stages, counts, sample.lonely_psu)


def units_drawn(strata: Codes, units: Codes, counts: Floats | None = None) -> Floats:
    """n_h on every row: how many different units the row's stratum has in the sample.

    With `counts`, each row is that many units (respondents drawn one by one).
    """
    width = int(strata.max()) + 1
    if counts is not None:
        return np.bincount(strata, weights=counts, minlength=width)[strata].astype(np.float64)
    first_rows = np.unique(units, return_index=True)[1]
    return np.bincount(strata[first_rows], minlength=width)[strata].astype(np.float64)


def _stages(columns: Columns, counts: Floats, sample: Sample) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    parents = np.zeros(len(counts), dtype=np.intp)
    for depth in range(sample.stages):
        strata = parents
        if depth < len(sample.strata):
            strata = interlace(parents, _complete(columns, sample.strata[depth]))
        elements = depth >= len(sample.clusters)
        units = np.arange(len(counts))
        if not elements:
            units = interlace(strata, _complete(columns, sample.clusters[depth]))
        drawn = units_drawn(strata, units, counts if elements else None)
        population = _population(columns, sample, depth, drawn)
        _check_one_population_per_stratum(population, strata, depth)
        stages.append(Stage(strata, units, population, elements))
        parents = units
    return tuple(stages)


def _complete(columns: Columns, name: str) -> Codes:
    codes, _ = categories(columns, name)
    if (codes == MISSING).any():
        raise _at_fault(name, "value-missing", "A stratum or sampling unit may not be missing")
    return codes


def _population(columns: Columns, sample: Sample, depth: int, drawn: Floats) -> Floats:
    """N_h on every row; infinite where the stage was drawn with replacement."""
    if depth < len(sample.population):
        name = sample.population[depth]
        size = numbers(columns, name)
        if not (size >= drawn * (1 - 1e-12)).all():
            raise _at_fault(name, "population", "A population must be as large as its sample")
        return size
    if depth < len(sample.fraction):
        name = sample.fraction[depth]
        share = numbers(columns, name)
        if not ((share > 0) & (share <= 1)).all():
            raise _at_fault(name, "fraction", "A sampling fraction must lie above 0 and at most 1")
        return np.asarray(drawn / share)
    return np.full(len(drawn), np.inf)


def _check_one_population_per_stratum(population: Floats, strata: Codes, depth: int) -> None:
    first = population[np.unique(strata, return_index=True)[1]][strata]
    if not np.allclose(population, first, rtol=1e-9):
        field = f"sample.population.{depth}"
        raise _at_fault(field, "population-varies", "A population must be one number per stratum")


def _base_weights(columns: Columns, rows: int, sample: Sample, stages: tuple[Stage, ...]) -> Floats:
    if sample.weight is None and not sample.probabilities:
        return _expansion(rows, stages)
    base = np.ones(rows) if sample.weight is None else numbers(columns, sample.weight)
    if not (base >= 0).all():
        raise _at_fault(str(sample.weight), "weight", "A weight must be a number of at least 0")
    for name in sample.probabilities:
        chance = numbers(columns, name)
        if not ((chance > 0) & (chance <= 1)).all():
            raise _at_fault(name, "probability", "A probability must lie above 0 and at most 1")
        base = base / chance
    return base


def _expansion(rows: int, stages: tuple[Stage, ...]) -> Floats:
    """N_h/n_h multiplied over the stages with a known population; 1 where none is known."""
    weights = np.ones(rows)
    for stage in stages:
        drawn = units_drawn(stage.strata, stage.units)
        weights *= np.where(np.isfinite(stage.population), stage.population / drawn, 1.0)
    return weights


def _at_fault(name: str, code: str, rule: str) -> InvalidInput:
    return InvalidInput(f"Column {name!r}: {rule}", faults=[Fault(name, code, rule)])
