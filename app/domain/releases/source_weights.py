"""The weights of one source: cells of its design and margins, weighted as declared.

Base weights are N_h/n_h by stratum, or equal: N/n where a calibration brings them to a population
of N, else 1. Where answers come from survey points, the points are the primary sampling units,
drawn with replacement within strata; otherwise respondents are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.domain.estimation.cells import CellIndex
from app.domain.estimation.columns import MISSING, Codes, Column, Floats
from app.domain.estimation.design import Grouped, SampleDesign, build_design
from app.domain.estimation.few_psus import Credit, decide_credits
from app.domain.estimation.specification import Sample, Variance
from app.domain.estimation.steps import Calibrate, Margin, Poststratify, Rake, Step, Trim
from app.domain.estimation.weights import WeightedSample, weight
from app.domain.questionnaires.analysis import Calibration, Weighting
from app.domain.questionnaires.checks.questionnaire import RESERVED
from app.domain.questionnaires.definition import SurveyDefinition
from app.domain.releases.answer_tables import TRUSTS, AnswerTable
from app.domain.releases.population import (
    UsableMargin,
    population_margins,
    population_size,
    usable,
)
from app.domain.releases.sources import SourcePlan
from app.errors import Fault, InfeasibleEstimation

# Columns of the design. No question has such a code, so that margins can't take their places.
STRATUM, POINT, TRUST, OWN, PEOPLE = ":stratum", ":point", ":trust", ":own", ":people"

VARIANCE = Variance()
"""How the uncertainty of everything released is measured."""

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
    def is_clustered(self) -> bool:
        """Whether survey points are the primary units, not respondents."""
        return not self.design.stages[0].elements


def weigh_source(
    definition: SurveyDefinition, plan: SourcePlan, table: AnswerTable
) -> WeightedSource:
    """Weight the answers of a source that has some.

    Raises InfeasibleEstimation naming the source and the margin that can't be met.
    """
    weighting, notes = _affordable(definition, plan, table)
    cell, codes, counts = _cells(definition, weighting, table)
    base = _base_weights(definition, weighting, codes[STRATUM], counts)
    steps, margins = _steps(definition, weighting, codes, counts * base)
    grouped = Grouped(counts, counts * base, counts * base**2)
    columns: dict[str, Column] = dict(codes)
    columns |= {name: margin.codes for name, margin in margins.items()}
    columns[PEOPLE] = _people(definition, codes[STRATUM])
    design = build_design(columns, _sample(weighting, codes), grouped)
    try:
        sample = weight(design, steps, columns)
    except InfeasibleEstimation as refusal:
        raise InfeasibleEstimation(f"{plan.code}: {refusal}", faults=refusal.faults) from refusal
    notes += [note for margin in margins.values() for note in margin.notes]
    notes += [*_unheard(definition, weighting, codes[STRATUM]), *_lonely(design)]
    return WeightedSource(table, cell, codes, counts, sample, tuple(notes))


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


def _cells(
    definition: SurveyDefinition, weighting: Weighting, table: AnswerTable
) -> tuple[Codes, dict[str, Codes], Floats]:
    """Cell of every row, codes of every cell, respondents of every cell.

    All rows are numbered at once, so that cells stand in the order of their codes.
    """
    sample = definition.sample
    widths = {STRATUM: len(sample.strata), POINT: len(sample.points), TRUST: len(TRUSTS)}
    columns = {STRATUM: table.stratum, POINT: table.point, TRUST: table.trust}
    if table.items.audience.never_own:
        widths[OWN], columns[OWN] = len(definition.departments.departments), table.own
    for margin in population_margins(definition):
        if margin.question in _used(definition, weighting.calibration):
            widths[margin.question] = len(margin.categories)
            columns[margin.question] = _margin_codes(table, margin.question)
    index = CellIndex(widths)
    cell = index.number(columns)
    counts = np.bincount(cell, minlength=len(index)).astype(np.float64)
    return cell, index.codes(), counts


def _margin_codes(table: AnswerTable, question: str) -> Codes:
    codes = table.stratum if question == RESERVED else table.choices[question]
    return codes.astype(np.intp)


def _used(definition: SurveyDefinition, calibration: Calibration | None) -> list[str]:
    if calibration is None:
        return []
    return calibration.margins or [margin.question for margin in definition.sample.margins]


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


def _steps(
    definition: SurveyDefinition, weighting: Weighting, codes: Mapping[str, Codes], mass: Floats
) -> tuple[list[Step], dict[str, UsableMargin]]:
    """The declared steps on margins that the answers can meet."""
    calibration, trimming = weighting.calibration, weighting.trimming
    margins: dict[str, UsableMargin] = {}
    for margin in population_margins(definition):
        if margin.question in _used(definition, calibration):
            found = usable(margin, codes[margin.question], mass)
            if found is not None:
                margins[margin.question] = found
    steps: list[Step] = []
    if calibration and margins:
        declared = [margins[name] for name in _used(definition, calibration) if name in margins]
        steps.append(_calibration_step(calibration, [one.step for one in declared]))
    if trimming:
        again = trimming.recalibrate and bool(steps)
        steps.append(Trim(step="trim", upper=trimming.limit, of="median", recalibrate=again))
    return steps, margins


def _calibration_step(calibration: Calibration, margins: Sequence[Margin]) -> Step:
    match calibration.method:
        case "poststratification":
            [margin] = margins
            return Poststratify(step="poststratify", by=margin.by, totals=margin.totals)
        case "raking":
            return Rake(step="rake", margins=tuple(margins))
        case "linear":
            return Calibrate(step="calibrate", distance="linear", margins=tuple(margins))
        case "truncated_linear":
            distance = "truncated-linear"
        case "logit":
            distance = "logit"
    return Calibrate.model_validate(
        {
            "step": "calibrate",
            "distance": distance,
            "bounds": (calibration.lower, calibration.upper),
            "margins": tuple(margins),
        }
    )


def _unheard(definition: SurveyDefinition, weighting: Weighting, stratum: Codes) -> list[str]:
    """Names the strata for which nobody speaks."""
    if weighting.base != "stratum":
        return []
    return [
        f"Nobody answered in stratum {one.code}: the base weights leave it out."
        for at, one in enumerate(definition.sample.strata)
        if at not in stratum
    ]


def _lonely(design: SampleDesign) -> list[str]:
    """Says where the spread between units had to be guessed."""
    first = design.stages[0]
    alone = int(np.unique(first.strata[design.drawn(first) == 1]).size)
    if not alone:
        return []
    return [
        f"{alone} strata have a single sampling unit; its distance from the mean of all units "
        "stands for the spread that can't be seen there."
    ]
