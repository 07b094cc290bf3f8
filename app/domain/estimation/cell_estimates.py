"""Estimates from cells: the respondent-level formulas on one row per occupied cell.

A wave keeps one index of design and calibration cells, sums over it in which the weights are made,
and for each department sums that are split by the answers too. Weights reach those by their cell
alone. The covariance between departments comes from the totals of their primary units, so nothing
has to know the answers to two departments at once. Where respondents themselves are the sampling
units that way is closed: make the items dimensions of one index and use `estimate`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain.estimation.cells import CellSums
from app.domain.estimation.columns import Codes, Columns, Floats
from app.domain.estimation.design import Grouped, SampleDesign, Stage
from app.domain.estimation.estimates import Estimates, assemble
from app.domain.estimation.margins import Frame
from app.domain.estimation.plans import Plan, build_plans
from app.domain.estimation.requests import Difference, EstimateRequest
from app.domain.estimation.specification import Variance
from app.domain.estimation.uncertainty import credited_uncertainty, score_matrix
from app.domain.estimation.variance import covariance, residual_scores
from app.domain.estimation.weights import AppliedStep, WeightedSample
from app.errors import InvalidInput


@dataclass(frozen=True, eq=False)
class Part:
    """Sums split by answers, columns for their occupied places, and what to estimate."""

    sums: CellSums
    columns: Columns
    requests: Sequence[EstimateRequest]


def refine(sample: WeightedSample, whole: CellSums, split: CellSums) -> WeightedSample:
    """The sample that was weighted on the sums `whole`, on the sums `split` of the same index."""
    place = np.searchsorted(whole.occupied, split.cells())
    grouped = split.grouped(elements=sample.design.stages[-1].elements)
    return refine_rows(sample, place, grouped)


def refine_rows(sample: WeightedSample, place: Codes, grouped: Grouped) -> WeightedSample:
    """The sample on finer rows: `place` is the row of `sample` that each of them is a part of."""
    design = replace(
        sample.design,
        base_weights=grouped.mass / grouped.counts,
        base_squares=grouped.squares / grouped.counts,
        counts=grouped.counts,
        stages=tuple(_refined_stage(stage, place) for stage in sample.design.stages),
    )
    applied = tuple(
        AppliedStep(step.report, step.factor[place], _refined_frame(step.frame, place))
        for step in sample.applied
    )
    return WeightedSample(design, sample.declared, applied)


def _refined_stage(stage: Stage, place: Codes) -> Stage:
    units = np.arange(len(place)) if stage.elements else stage.units[place]
    return Stage(stage.strata[place], units, stage.population[place], stage.elements)


def _refined_frame(frame: Frame | None, place: Codes) -> Frame | None:
    return None if frame is None else replace(frame, cells=frame.cells[place])


def estimate_parts(
    sample: WeightedSample,
    whole: CellSums,
    parts: Sequence[Part],
    variance: Variance | None = None,
    differences: Sequence[Difference] = (),
) -> Estimates:
    """Estimates from several sums with their full covariance, by linearisation.

    `sample` was weighted on the sums `whole`; those of the parts have the same index.
    Raises InvalidInput unless the variance is decided by the first stage of a clustered design.
    """
    settings = variance or Variance()
    _check_first_stage_decides(sample.design, settings)
    samples: list[WeightedSample] = []
    plans: list[Plan] = []
    scores: list[Floats] = []
    for part in parts:
        refined = refine(sample, whole, part.sums)
        some = build_plans(refined, part.requests, part.columns)
        scores.append(_mean_scores(sample, whole, part.sums, score_matrix(refined, some)))
        samples += [refined] * len(some)
        plans += some
    u = np.hstack(scores)

    def spread(credited: Mapping[int, tuple[str, ...]]) -> Floats:
        return covariance(residual_scores(sample, u, credited), sample.design)

    uncertainty = credited_uncertainty(sample, settings, spread)
    return assemble(samples, plans, uncertainty, settings, differences)


def _mean_scores(
    sample: WeightedSample, whole: CellSums, split: CellSums, scores: Floats
) -> Floats:
    """Scores averaged over each cell of `whole` by base weight.

    Totals of primary units and calibration fits are sums of weight times score in which a cell has
    one factor and one x, so the average is all that they need.
    """
    place = np.searchsorted(whole.occupied, split.cells())
    rows = sample.design.rows
    mass = split.grouped().mass
    totals = np.column_stack([np.bincount(place, mass * u, rows) for u in scores.T])
    cells = sample.design.counts * sample.design.base_weights
    return np.divide(totals, cells[:, None], out=np.zeros_like(totals), where=cells[:, None] != 0)


def _check_first_stage_decides(design: SampleDesign, variance: Variance) -> None:
    first = design.stages[0]
    if variance.method != "linearised":
        raise InvalidInput("Cells are estimated by linearisation")
    if first.elements or (len(design.stages) > 1 and np.isfinite(first.population).any()):
        raise InvalidInput(
            "Estimates from several cell sums need clusters whose first stage decides the "
            "variance; make all items dimensions of one index"
        )
