"""Variance of linearised estimators under the design: Särndal, Swensson and Wretman (1992).

An estimator θ̂ has a score u_k per respondent, its derivative by the respondent's weight. With
z_k = w_k e_k, e_k the score or its calibration residual, the variance of θ̂ is estimated by that of
the total Σ z_k, stage by stage (result 4.3.1, section 4.4):

    V̂ = Σ_stages Σ_h φ_h (1 − f_h) n_h/(n_h − 1) Σ_i (t_i − t̄_h)(t_i − t̄_h)'

t_i are the totals of z over the units of the stage, f_h = n_h/N_h, and φ_h the product of n/N over
the earlier stages. A stage drawn with replacement ends the sum, its units carry all below.
"""

from collections.abc import Mapping

import numpy as np
import scipy

from app.domain.estimation.columns import Codes, Floats
from app.domain.estimation.design import SampleDesign, Stage
from app.domain.estimation.specification import LonelyPsu
from app.domain.estimation.weights import AppliedStep, WeightedSample
from app.errors import Fault
from app.errors.definitions import InfeasibleEstimation

CENSUS = 1e-7  # a stratum with a smaller share left out is completely observed


def covariance(scores: Floats, design: SampleDesign) -> Floats:
    """V̂ of the totals of `scores`, z per respondent: rows × estimates in, estimates² out.

    Raises InfeasibleEstimation if a stratum has one unit and the design says to fail.
    """
    total = np.zeros((scores.shape[1], scores.shape[1]))
    carried = np.ones(design.rows)
    for stage in design.stages:
        total += _stage_covariance(scores, design, stage, carried)
        carried = carried * design.drawn(stage) / stage.population
        if not carried.any():
            break
    return total


def residual_scores(
    sample: WeightedSample, scores: Floats, credited: Mapping[int, tuple[str, ...]]
) -> Floats:
    """z_k per respondent from the scores u_k: weights times calibration residuals.

    Steps are taken back from the last: y ← g_k (y − x_k'β̂), where β̂ is the least-squares fit under
    the weights before the step (Deville and Särndal 1992, section 3). `credited` names, by the
    place of the step, the margins whose x may explain part of the score.
    """
    y = scores
    for place in reversed(range(len(sample.applied))):
        step = sample.applied[place]
        if credited.get(place):
            mass = sample.design.counts * sample.weights_before(place)
            y = _residuals(y, step, credited[place], mass)
        y = step.factor[:, None] * y
    return sample.design.base_weights[:, None] * y


def _residuals(y: Floats, step: AppliedStep, groups: tuple[str, ...], mass: Floats) -> Floats:
    if step.frame is None:
        return y
    frame = step.frame.restricted(groups)
    scale = np.abs(frame.matrix).max(axis=0, initial=0.0)
    x = frame.matrix / np.where(scale > 0, scale, 1.0)
    gram = (x * frame.cell_sums(mass)[:, None]).T @ x
    moments = x.T @ np.column_stack([frame.cell_sums(mass * column) for column in y.T])
    fitted = x @ (np.linalg.pinv(gram, hermitian=True, rcond=1e-13) @ moments)
    return np.asarray(y - fitted[frame.cells])


def _stage_covariance(
    scores: Floats, design: SampleDesign, stage: Stage, carried: Floats
) -> Floats:
    """One stage's part: squared distances of unit totals from their stratum's mean."""
    totals, strata, multiplicity, first = unit_totals(scores, design, stage)
    size = int(strata.max()) + 1
    drawn = np.bincount(strata, weights=multiplicity, minlength=size)
    of_stratum = np.unique(strata, return_index=True)[1]
    population = stage.population[first][of_stratum]
    unseen = np.where(np.isfinite(population), 1 - drawn / population, 1.0)
    coefficient = carried[first][of_stratum] * unseen
    lonely = (drawn == 1) & (unseen >= CENSUS) & (coefficient > 0)
    _refuse_lonely(lonely, design.lonely_psu)
    coefficient = coefficient * np.where(drawn > 1, drawn / np.maximum(drawn - 1, 1), 1.0)
    means = _group_sums(totals * multiplicity[:, None], strata, size) / drawn[:, None]
    if design.lonely_psu == "adjust":
        means[lonely] = 0.0
    else:
        coefficient[lonely] = 0.0
    centred = (totals - means[strata]) * np.sqrt(coefficient[strata] * multiplicity)[:, None]
    part = centred.T @ centred
    if design.lonely_psu == "average" and lonely.any():
        part = part * (size / (size - lonely.sum())) if not lonely.all() else part * np.nan
    return np.asarray(part)


def unit_totals(
    scores: Floats, design: SampleDesign, stage: Stage
) -> tuple[Floats, Codes, Floats, Codes]:
    """Totals t_i, stratum and multiplicity of each unit of a stage, and its first row.

    Where respondents are the units, a row of `counts` equal respondents is that many units.
    """
    if stage.elements:
        return scores, stage.strata, design.counts, np.arange(design.rows)
    first = np.unique(stage.units, return_index=True)[1]
    totals = _group_sums(scores * design.counts[:, None], stage.units, len(first))
    return totals, stage.strata[first], np.ones(len(first)), first


def _group_sums(values: Floats, groups: Codes, size: int) -> Floats:
    rows = len(groups)
    indicator = scipy.sparse.csr_array(
        (np.ones(rows), (groups, np.arange(rows))), shape=(size, rows)
    )
    return np.asarray(indicator @ values)


def _refuse_lonely(lonely: np.ndarray, option: LonelyPsu) -> None:
    if option == "fail" and lonely.any():
        rule = f"{int(lonely.sum())} strata have a single sampling unit; declare lonely_psu"
        raise InfeasibleEstimation(rule, faults=[Fault("sample.lonely_psu", "lonely-psu", rule)])
