"""The weights of one source: cells of its design and margins, weighted as declared.

Base weights are N_h/n_h by stratum, or equal: N/n where a calibration brings them to a population
of N, else 1. Where answers come from survey points, the points are the primary sampling units,
drawn with replacement within strata; otherwise respondents are.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.estimation.columns import MISSING, Codes, Column, Columns, Floats
from app.domain.estimation.design import Grouped, SampleDesign, build_design
from app.domain.estimation.few_psus import Credit, decide_credits
from app.domain.estimation.specification import Sample, Variance
from app.domain.estimation.weights import WeightedSample, weight
from app.domain.questionnaires.analysis import Weighting
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.answer_tables import AnswerTable
from app.domain.releases.design_notes import design_notes
from app.domain.releases.population import (
    UsableMargin,
    population_margins,
    population_size,
    usable,
)
from app.domain.releases.source_cells import (
    PEOPLE,
    POINT,
    STRATUM,
    margins_used,
    source_cells,
)
from app.domain.releases.sources import SourcePlan
from app.domain.releases.weighting_steps import weighting_steps
from app.errors import Fault
from app.errors.definitions import InfeasibleEstimation

VARIANCE = Variance(degrees_of_freedom="domain")
"""How the uncertainty of everything released is measured.

A department or stratum has the degrees of freedom of the units that speak of it, which may be few.
"""

NO_STRATUM = "Respondents without a stratum can't be weighted by strata"


@dataclass(frozen=True, eq=False)
class WeightedSource:
    """A source with its weights by cell.

    `cell` is the cell of each row, `codes` the stratum, trust level … of each cell, `counts` its
    respondents. `sample` has one row per cell.
    """

    table: AnswerTable
    cell: Codes
    codes: Mapping[str, Codes]
    counts: Floats
    sample: WeightedSample
    notes: tuple[str, ...]

    @property
    def weights(self) -> Floats:
        """The final weight of each respondent."""
        return np.asarray(self.sample.weights[self.cell])

    @property
    def design(self) -> SampleDesign:
        """How the source was drawn, one row per cell."""
        return self.sample.design

    @cached_property
    def credits(self) -> dict[int, Credit]:
        """Which margins the variance of every estimate from this source is credited with."""
        return decide_credits(self.sample, VARIANCE)

    @cached_property
    def element_scale(self) -> Floats:
        """w √φ_h by cell, φ_h = (1 − f_h) n_h/(n_h − 1); 0 where points are the primary units."""
        if self.is_clustered:
            return np.zeros(len(self.counts))
        stage = self.design.stages[0]
        drawn = self.design.drawn(stage)
        unseen = np.where(np.isfinite(stage.population), 1 - drawn / stage.population, 1.0)
        unbiased = drawn / np.maximum(drawn - 1, 1)
        return np.asarray(self.sample.weights * np.sqrt(np.maximum(unseen, 0.0) * unbiased))

    @property
    def degrees_of_freedom(self) -> float:
        """Of the design, less what calibration with few units has used up."""
        design = max(self.design.degrees_of_freedom(self.sample.weights != 0), 0)
        return design * math.prod(one.freedom for one in self.credits.values() if one.corrected)

    @property
    def is_clustered(self) -> bool:
        """Whether survey points are the primary units, not respondents."""
        return not self.design.stages[0].elements


def weigh_source(
    definition: SurveyDefinition, plan: SourcePlan, table: AnswerTable
) -> WeightedSource:
    """Weight the answers of a source that has some.

    Margins that contradict each other in this sample are left out from the last declared on; the
    notes say so. Raises InfeasibleEstimation where base weights can't be made.
    """
    weighting, notes = _affordable(definition, plan, table)
    cell, codes, counts = source_cells(definition, weighting, table)
    base = _base_weights(definition, weighting, codes[STRATUM], counts)
    margins = _usable_margins(definition, weighting, codes, counts * base)
    grouped = Grouped(counts, counts * base, counts * base**2)
    columns: dict[str, Column] = dict(codes)
    columns |= {margin.question: margin.codes for margin in margins}
    columns[PEOPLE] = _people(definition, codes[STRATUM])
    design = build_design(columns, _sample(weighting, codes), grouped)
    sample, left_out = _weighted(design, weighting, margins, columns)
    notes += [note for margin in margins for note in margin.notes] + left_out
    notes += design_notes(definition, weighting, design, codes, counts)
    return WeightedSource(table, cell, codes, counts, sample, tuple(notes))


def _weighted(
    design: SampleDesign,
    weighting: Weighting,
    margins: Sequence[UsableMargin],
    columns: Columns,
) -> tuple[WeightedSample, list[str]]:
    """The weights that meet the margins, or the longest run of them that can be met, and notes."""
    try:
        steps = weighting_steps(weighting, [margin.step for margin in margins])
        return weight(design, steps, columns), []
    except InfeasibleEstimation as refusal:
        if not margins:
            raise
        *others, last = margins
        sample, notes = _weighted(design, weighting, others, columns)
        return sample, [f"Margin {last.question} is left out: {refusal.detail}.", *notes]


def _affordable(
    definition: SurveyDefinition, plan: SourcePlan, table: AnswerTable
) -> tuple[Weighting, list[str]]:
    """The declared weighting, or none where nothing could be published anyway."""
    declared = plan.weighting
    least = definition.index.minimum_n if definition.index else 1
    if declared.calibration is None or table.rows >= least:
        return declared, []
    note = f"Fewer than {least} answers: not calibrated."
    return declared.model_copy(update={"calibration": None, "trimming": None}), [note]


def _people(definition: SurveyDefinition, stratum: Codes) -> Floats:
    known = [float(one.population) for one in definition.sample.strata]
    return np.array([*known, np.inf])[stratum]


def _base_weights(
    definition: SurveyDefinition, weighting: Weighting, stratum: Codes, counts: Floats
) -> Floats:
    if weighting.base == "stratum":
        if (stratum == MISSING).any():
            fault = Fault("stratum", "value-missing", NO_STRATUM)
            raise InfeasibleEstimation(
                f"{weighting.respondent_class}: {NO_STRATUM}", faults=[fault]
            )
        drawn = np.bincount(stratum, counts)[stratum]
        return np.asarray(_people(definition, stratum) / drawn)
    people = population_size(definition) if weighting.calibration else counts.sum()
    return np.full(len(counts), people / counts.sum())


def _sample(weighting: Weighting, codes: Mapping[str, Codes]) -> Sample:
    """The design. Whoever has no survey point, where others have, is of one more unit."""
    if weighting.base != "stratum":
        return Sample(lonely_psu="adjust")
    if (codes[POINT] != MISSING).any():
        return Sample(strata=(STRATUM,), clusters=(POINT,), lonely_psu="adjust")
    return Sample(strata=(STRATUM,), population=(PEOPLE,), lonely_psu="adjust")


def _usable_margins(
    definition: SurveyDefinition, weighting: Weighting, codes: Mapping[str, Codes], mass: Floats
) -> list[UsableMargin]:
    """The margins declared for this weighting, as the answers allow to use them."""
    known = {margin.question: margin for margin in population_margins(definition)}
    names = margins_used(definition, weighting)
    found = [usable(known[name], codes[name], mass) for name in names]
    return [margin for margin in found if margin is not None]
