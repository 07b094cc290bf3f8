"""Which calibration margins a design with few primary units can carry in its variance.

Calibration residuals are smaller than the scores themselves because β̂ has been fitted to the same
sample. With few primary units that is not gain but overfitting: 9 district margins on 14 survey
points leave hardly anything to vary, and the naive interval covers 57 %.

The rule asks what the linearised variance would be *worth* if the margins explained nothing. Take
scores that are pure effects of the primary units, u_k = α_i, independent with variance 1. Then
E[V̂] with the residuals of a set of margins, over E[V̂] with none but the overall mean, is a ratio of
two traces: the share of the variance that survives the fit. It is 1 − (columns)/(degrees of
freedom) where x is constant inside units, and near 1 where x varies only inside them; strata, and
weights that differ, are accounted for. Margins are credited in their declared order as long as the
surviving share stays at or above `LEAST_SHARE`; the others are left out of the residuals (the
weights meet them all the same). The idea is the bias of linearisation under a working model, Bell
and McCaffrey (2002).
"""

from dataclasses import dataclass

import numpy as np

from app.domain.estimation.columns import Floats
from app.domain.estimation.design import SampleDesign
from app.domain.estimation.margins import Frame
from app.domain.estimation.specification import Variance
from app.domain.estimation.variance import unit_totals
from app.domain.estimation.weights import WeightedSample
from app.errors import Fault, InvalidInput

LEAST_SHARE = 0.9
PLENTY = 100  # primary units per calibration column beyond which nothing needs to be worked out


@dataclass(frozen=True, slots=True)
class Credit:
    """The decision for one calibrated step: `share` of the variance left by the credited margins,
    `naive_share` the one that all margins would have left."""

    step: str
    credited: tuple[str, ...]
    dropped: tuple[str, ...]
    share: float
    naive_share: float


def decide_credits(sample: WeightedSample, variance: Variance) -> dict[int, Credit]:
    """By place of the step in `sample.applied`: which margins shrink the variance."""
    _check_names(sample, variance)
    decisions = {}
    for place, step in enumerate(sample.applied):
        if step.frame is not None:
            shares = _Shares(sample, place, step.frame)
            credited = _credited(shares, step.frame, variance)
            decisions[place] = Credit(
                step.report.step,
                credited,
                tuple(name for name in step.frame.groups if name not in credited),
                shares.surviving(credited),
                shares.surviving(tuple(step.frame.groups)),
            )
    return decisions


def _credited(shares: "_Shares", frame: Frame, variance: Variance) -> tuple[str, ...]:
    if variance.credit == "all":
        return tuple(frame.groups)
    if variance.credit == "none":
        return ()
    if variance.credit != "auto":
        return tuple(name for name in frame.groups if name in variance.credit)
    credited: tuple[str, ...] = ()
    for name in frame.groups:
        if shares.surviving((*credited, name)) >= LEAST_SHARE:
            credited = (*credited, name)
    return credited


def _check_names(sample: WeightedSample, variance: Variance) -> None:
    if isinstance(variance.credit, str):
        return
    known = {name for step in sample.applied if step.frame for name in step.frame.groups}
    if not set(variance.credit) <= known:
        rule = "Only margins of the weighting can be credited"
        raise InvalidInput(rule, faults=[Fault("variance.credit", "margin-unknown", rule)])


class _Shares:
    """Surviving shares of one step, from sums over primary units kept once."""

    def __init__(self, sample: WeightedSample, place: int, frame: Frame) -> None:
        self.sample, self.frame = sample, frame
        self.incoming = sample.weights_before(place)

    def surviving(self, groups: tuple[str, ...]) -> float:
        """E[V̂] with the residuals of `groups` over E[V̂] with the mean alone."""
        frame = self.frame.restricted(groups)
        units = self.sample.design.first_units
        if not groups or units > PLENTY * len(frame.names):
            return 1.0
        mean_only = self._expected(np.ones((self.sample.design.rows, 1)))
        return self._expected(frame.matrix[frame.cells]) / mean_only if mean_only > 0 else 1.0

    def _expected(self, x: Floats) -> float:
        """E[V̂] up to a constant: ‖C(D_W − B A⁻¹ G')‖², the Frobenius norm by its three terms.

        Per primary unit: W the sum of final weights, B = Σ w x, G = Σ d x; A = Σ d x x'; C centres
        within strata and scales by n_h/(n_h − 1).
        """
        design = self.sample.design
        x = x / np.maximum(np.abs(x).max(axis=0, initial=0.0), 1e-300)
        final, before = self.sample.weights[:, None], self.incoming[:, None]
        stacked = np.hstack([final, final * x, before * x])
        totals, strata, multiplicity, _ = unit_totals(stacked, design, design.stages[0])
        width = x.shape[1]
        W, B, G = totals[:, 0], totals[:, 1 : width + 1], totals[:, width + 1 :]
        inverse = np.linalg.pinv(
            (x * (design.counts * self.incoming)[:, None]).T @ x, hermitian=True, rcond=1e-13
        )
        drawn = np.bincount(strata, weights=multiplicity)
        coefficient = np.where(drawn > 1, drawn / np.maximum(drawn - 1, 1), 0.0)[strata]
        means = np.stack([np.bincount(strata, multiplicity * column) / drawn for column in B.T])
        centred = B - means.T[strata]
        m, c = multiplicity, multiplicity * coefficient
        spread = float(c @ (W**2 * (1 - 1 / drawn[strata])))
        fit = G @ inverse
        overlap = float(np.einsum("i,ij,ij->", c * W, fit, centred))
        explained = np.trace((fit.T * m) @ fit @ ((centred.T * c) @ centred))
        return spread - 2 * overlap + float(explained)


def warnings_of(
    decisions: dict[int, Credit], design: SampleDesign, variance: Variance
) -> list[str]:
    """Sentences for the release about margins that the variance could not or should not carry."""
    sentences = []
    for credit in decisions.values():
        if credit.dropped and variance.credit == "auto":
            sentences.append(
                f"{design.first_units} primary units can't carry the margins "
                f"{', '.join(credit.dropped)} in the variance of step {credit.step}: their "
                f"residuals would leave {credit.naive_share:.2f} of it. They are met by the "
                "weights but not credited; the intervals are on the safe side."
            )
        if credit.share < LEAST_SHARE:
            sentences.append(
                f"The declared credit leaves only {credit.share:.2f} of the variance of step "
                f"{credit.step}: these intervals are too short."
            )
    return sentences
