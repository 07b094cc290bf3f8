"""What calibration with few primary units does to the variance, and how that is put right.

Calibration residuals are smaller than the scores themselves because β̂ has been fitted to the same
sample. With few primary units that is overfitting, not gain: 9 district margins on 14 survey points
leave hardly anything to vary, and the naive interval covers 57 %.

The remedy is that of Bell and McCaffrey (2002), as one factor per calibrated step. Take scores that
are pure effects of the primary units, u_k = α_i, independent with variance 1, the worst case. Then
V̂ = α'Qα for a known matrix Q, and so

    share    tr Q over that without margins: how much of the variance survives the fit
    freedom  tr²Q / tr Q² (Satterthwaite) over that of the mean before calibration, at most 1

Margins that vary inside units only leave the share near 1; margins of whole units cost a degree of
freedom per column. Where less than `LEAST_SHARE` survives, V̂ is divided by the share and t has the
design's degrees of freedom times `freedom`; else nothing is changed. A margin that would leave
fewer than `LEAST_FREEDOM` degrees of freedom is met by the weights, but not credited.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.estimation.columns import Floats
from app.domain.estimation.design import SampleDesign
from app.domain.estimation.margins import Frame
from app.domain.estimation.specification import Variance
from app.domain.estimation.variance import unit_totals
from app.domain.estimation.weights import WeightedSample
from app.errors import Fault, InvalidInput

LEAST_SHARE = 0.8  # at worst a standard error 11 % short, where scores are pure unit effects
NOTED_SHARE = 0.9  # below it, a sentence says so
LEAST_FREEDOM = 4.0
PLENTY = 40  # primary units per calibration column beyond which nothing needs to be worked out


@dataclass(frozen=True, slots=True)
class Credit:
    """The decision for one calibrated step.

    `share` and `freedom` are what the credited margins leave (1 where there are plenty of units),
    `corrected` says whether the variance was divided by the share.
    """

    step: str
    credited: tuple[str, ...]
    dropped: tuple[str, ...]
    share: float
    freedom: float
    corrected: bool

    @property
    def inflation(self) -> float:
        """What the variance is multiplied by."""
        return 1 / self.share if self.corrected else 1.0

    @property
    def is_naive(self) -> bool:
        """Every margin credited, nothing corrected."""
        return not self.dropped and not self.corrected


def decide_credits(sample: WeightedSample, variance: Variance) -> dict[int, Credit]:
    """By place of the step in `sample.applied`: which margins count, and the correction."""
    _check_names(sample, variance)
    return {
        place: _decide(sample, place, step.frame, variance)
        for place, step in enumerate(sample.applied)
        if step.frame is not None
    }


def _decide(sample: WeightedSample, place: int, frame: Frame, variance: Variance) -> Credit:
    loss = _Loss(sample, place, frame)
    credited = _credited(loss, frame, variance)
    share, freedom = loss.left_by(credited)
    return Credit(
        sample.applied[place].report.step,
        credited,
        tuple(name for name in frame.groups if name not in credited),
        share,
        freedom,
        corrected=variance.credit == "auto" and share < LEAST_SHARE,
    )


def _credited(loss: "_Loss", frame: Frame, variance: Variance) -> tuple[str, ...]:
    if variance.credit == "all":
        return tuple(frame.groups)
    if variance.credit != "auto":
        chosen = () if variance.credit == "none" else variance.credit
        return tuple(name for name in frame.groups if name in chosen)
    credited: tuple[str, ...] = ()
    for name in frame.groups:
        share, freedom = loss.left_by((*credited, name))
        if share >= LEAST_SHARE or freedom * loss.degrees_of_freedom >= LEAST_FREEDOM:
            credited = (*credited, name)
    return credited


def _check_names(sample: WeightedSample, variance: Variance) -> None:
    if isinstance(variance.credit, str):
        return
    known = {name for step in sample.applied if step.frame for name in step.frame.groups}
    if not set(variance.credit) <= known:
        rule = "Only margins of the weighting can be credited"
        raise InvalidInput(rule, faults=[Fault("variance.credit", "margin-unknown", rule)])


class _Loss:
    """What margins of one step leave of variance and degrees of freedom."""

    def __init__(self, sample: WeightedSample, place: int, frame: Frame) -> None:
        self.sample, self.frame = sample, frame
        self.incoming = sample.weights_before(place)
        self.degrees_of_freedom = sample.design.degrees_of_freedom(sample.weights != 0)

    def left_by(self, groups: tuple[str, ...]) -> tuple[float, float]:
        """Share and freedom left when `groups` are credited."""
        frame = self.frame.restricted(groups)
        if not groups or self.sample.design.first_units > PLENTY * len(frame.names):
            return 1.0, 1.0
        mean = np.ones((self.sample.design.rows, 1))
        trace, freedom = self._moments(frame.matrix[frame.cells], self.sample.weights)
        plain_trace, _ = self._moments(mean, self.sample.weights)
        _, plain_freedom = self._moments(mean, self.incoming)
        if plain_trace == 0 or plain_freedom == 0:
            return 1.0, 1.0
        return trace / plain_trace, min(1.0, freedom / plain_freedom)

    def _moments(self, x: Floats, weights: Floats) -> tuple[float, float]:
        """tr Q and tr²Q / tr Q² for Q = M'CM, where M = D_W − B A⁻¹ G' turns effects into totals.

        Per primary unit: W the sum of final weights, B = Σ w x, G = Σ d x; A = Σ d x x'; C centres
        within strata and scales by n_h/(n_h − 1).
        """
        design = self.sample.design
        x = x / np.maximum(np.abs(x).max(axis=0, initial=0.0), 1e-300)
        final, before = weights[:, None], self.incoming[:, None]
        stacked = np.hstack([final, final * x, before * x])
        totals, strata, multiplicity, _ = unit_totals(stacked, design, design.stages[0])
        copies = multiplicity.astype(np.intp)  # a grouped row is several units
        totals, strata = np.repeat(totals, copies, axis=0), np.repeat(strata, copies)
        width = x.shape[1]
        W, B, G = totals[:, 0], totals[:, 1 : width + 1], totals[:, width + 1 :]
        A = (x * (design.counts * self.incoming)[:, None]).T @ x
        M = np.diag(W) - B @ np.linalg.pinv(A, hermitian=True, rcond=1e-13) @ G.T
        for stratum in np.unique(strata):
            rows = strata == stratum
            drawn = int(rows.sum())
            M[rows] -= M[rows].mean(axis=0)
            M[rows] *= np.sqrt(drawn / max(drawn - 1, 1))
        trace = float(np.sum(M**2))
        square = float(np.sum((M @ M.T) ** 2))
        return trace, trace**2 / square if square > 0 else 0.0


def warnings_of(
    decisions: Mapping[int, Credit], design: SampleDesign, variance: Variance
) -> list[str]:
    """Sentences for the release about margins that the design can hardly carry or can't."""
    sentences = []
    for credit in decisions.values():
        few = f"{design.first_units} primary units are few for the margins of step {credit.step}"
        if credit.dropped and variance.credit == "auto":
            sentences.append(
                f"{few}: {', '.join(credit.dropped)} met by the weights but not credited in the "
                "variance; these intervals are on the safe side."
            )
        if credit.corrected:
            sentences.append(
                f"{few}: linearisation would keep {credit.share:.2f} of the variance; it is "
                f"divided by that, and {credit.freedom:.2f} of the degrees of freedom are used."
            )
        elif credit.share < NOTED_SHARE:
            sentences.append(
                f"{few}: linearisation may keep no more than {credit.share:.2f} of the variance; "
                "nothing is corrected, and these intervals may be too short."
            )
    return sentences
