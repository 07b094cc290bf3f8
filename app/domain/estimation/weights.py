"""From base weights to final weights, one declared step after the other, each with its record.

A step multiplies the weights by a factor per respondent. What it did is kept: the report for the
reader, the factor and the calibration variables for the variance, and the declaration, so that a
replicate can run the same steps again on its own base weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from app.domain.estimation.calibration import calibrate
from app.domain.estimation.columns import Columns, Floats, dot
from app.domain.estimation.design import SampleDesign
from app.domain.estimation.distances import Distance, Exponential, distance_named
from app.domain.estimation.margins import Frame, build_frame
from app.domain.estimation.nonresponse import adjust_nonresponse, adjust_unknown_eligibility
from app.domain.estimation.poststratification import poststratify
from app.domain.estimation.steps import (
    Calibrate,
    Nonresponse,
    Poststratify,
    Rake,
    Step,
    Trim,
    UnknownEligibility,
)
from app.domain.estimation.trimming import bounds, trimmed
from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation

MAX_ALTERNATIONS = 100


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a step did. `worst_margin_error` is relative; None where a step has no margins.

    `design_effect` is Kish's 1 + cv² of the weights after the step, `effective_n` the number of
    respondents divided by it.
    """

    step: str
    converged: bool
    rounds: int
    worst_margin_error: float | None
    g_min: float
    g_max: float
    design_effect: float
    effective_n: float
    respondents: int
    weight_total: float
    weight_min: float
    weight_max: float
    notes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class AppliedStep:
    """A step with its factor per row, and the variables whose totals it fixed (if it did)."""

    report: StepReport
    factor: Floats
    frame: Frame | None = None


@dataclass(frozen=True, eq=False)
class WeightedSample:
    """A design with its final weights: `weights` = base weight × the factors of all steps."""

    design: SampleDesign
    declared: tuple[Step, ...]
    applied: tuple[AppliedStep, ...]

    @cached_property
    def weights(self) -> Floats:
        return self.weights_before(len(self.applied))

    @cached_property
    def mass(self) -> Floats:
        """Final weight of a row: times the respondents that it stands for."""
        return self.weights * self.design.counts

    def weights_before(self, place: int) -> Floats:
        """The weights that the step at `place` received."""
        weights = self.design.base_weights
        for step in self.applied[:place]:
            weights = weights * step.factor
        return weights

    @property
    def reports(self) -> tuple[StepReport, ...]:
        return tuple(step.report for step in self.applied)


def weight(design: SampleDesign, steps: Sequence[Step], columns: Columns) -> WeightedSample:
    """Run the declared steps. Raises InvalidInput or InfeasibleEstimation naming the margin."""
    applied = [_base_step(design)]
    weights = design.base_weights
    for place, step in enumerate(steps):
        for done in _run(design, steps[:place], step, weights, columns):
            applied.append(done)
            weights = weights * done.factor
    return WeightedSample(design, tuple(steps), tuple(applied))


def kish(sample_design: SampleDesign, factor: Floats) -> tuple[float, float]:
    """Design effect n Σw²/(Σw)² and effective n (Σw)²/Σw² of weights d·factor (Kish 1965)."""
    counts = sample_design.counts
    mass = counts * sample_design.base_weights * factor
    squares = float((counts * sample_design.base_squares * factor**2).sum())
    people = float(counts[mass != 0].sum())
    if squares == 0:
        return float("nan"), 0.0
    effective = float(mass.sum()) ** 2 / squares
    return people / effective, effective


def _base_step(design: SampleDesign) -> AppliedStep:
    if not (design.base_weights > 0).any():
        raise InvalidInput("No row has a weight above 0")
    factor = np.ones(design.rows)
    return AppliedStep(_report(design, "base", design.base_weights, factor), factor)


def _run(
    design: SampleDesign, before: Sequence[Step], step: Step, weights: Floats, columns: Columns
) -> list[AppliedStep]:
    mass = design.counts * weights
    match step:
        case UnknownEligibility():
            factor = adjust_unknown_eligibility(columns, mass, step)
            return [AppliedStep(_report(design, step.step, weights, factor), factor)]
        case Nonresponse():
            factor = adjust_nonresponse(columns, mass, step)
            return [AppliedStep(_report(design, step.step, weights, factor), factor)]
        case Poststratify():
            return [_poststratified(design, step, weights, columns)]
        case Rake() | Calibrate():
            return [_calibrated(design, step, weights, columns)]
        case Trim():
            return _trimmed(design, before, step, weights, columns)


def _poststratified(
    design: SampleDesign, step: Poststratify, weights: Floats, columns: Columns
) -> AppliedStep:
    mass = design.counts * weights
    factor, frame, collapsed = poststratify(columns, mass, design.counts, step)
    error = float(np.max(np.abs(frame.sums(mass * factor) / frame.totals - 1)))
    notes = {"collapsed": list(collapsed)}
    report = _report(design, step.step, weights, factor, rounds=1, error=error, notes=notes)
    return AppliedStep(report, factor, frame)


def _calibrated(
    design: SampleDesign, step: Rake | Calibrate, weights: Floats, columns: Columns
) -> AppliedStep:
    mass = design.counts * weights
    frame, distance = _frame_of(step, columns, mass)
    solution = calibrate(
        frame, mass, distance, tolerance=step.tolerance, max_rounds=step.max_rounds
    )
    factor = np.where(mass > 0, solution.g, 0.0)
    error = solution.worst_margin_error
    report = _report(design, step.step, weights, factor, rounds=solution.rounds, error=error)
    return AppliedStep(report, factor, frame)


def _frame_of(step: Rake | Calibrate, columns: Columns, mass: Floats) -> tuple[Frame, Distance]:
    if isinstance(step, Rake):
        return build_frame(columns, mass, step.margins), Exponential()
    frame = build_frame(columns, mass, step.margins, step.totals, step.population)
    return frame, distance_named(step.distance, step.bounds)


def _trimmed(
    design: SampleDesign, before: Sequence[Step], step: Trim, weights: Floats, columns: Columns
) -> list[AppliedStep]:
    """Trim; with `recalibrate`, trim and calibrate in turn until bounds and margins hold."""
    lower, upper = bounds(weights, design.counts, step)
    fixed = step.model_copy(update={"lower": lower, "upper": upper, "of": "weight"})
    current, passes = trimmed(weights, design.counts, fixed)
    if not step.recalibrate:
        return [_trim_step(design, fixed, weights, current, passes)]
    again = _last_calibration(before)
    for more in range(MAX_ALTERNATIONS):
        (calibrated,) = _run(design, (), again, current, columns)
        result = current * calibrated.factor
        if not step.strict or _lie_within(result, lower, upper):
            return [_trim_step(design, fixed, weights, current, passes + more), calibrated]
        current, _ = trimmed(result, design.counts, fixed)
    rule = "The bounds of trimming can't be held together with the margins"
    raise InfeasibleEstimation(rule, faults=[Fault("trim", "bounds-infeasible", rule)])


def _lie_within(weights: Floats, lower: float, upper: float) -> bool:
    used = weights[weights != 0]
    return bool((used >= lower * (1 - 1e-9)).all() and (used <= upper * (1 + 1e-9)).all())


def _last_calibration(before: Sequence[Step]) -> Step:
    for step in reversed(before):
        if isinstance(step, (Poststratify, Rake, Calibrate)):
            return step
    rule = "There is no calibration before this trimming to repeat"
    raise InvalidInput(rule, faults=[Fault("trim.recalibrate", "no-calibration", rule)])


def _trim_step(
    design: SampleDesign, step: Trim, before: Floats, after: Floats, passes: int
) -> AppliedStep:
    factor = np.divide(after, before, out=np.zeros_like(after), where=before != 0)
    moved = int(design.counts[(before != 0) & ~np.isclose(after, before, rtol=1e-12)].sum())
    notes = {"lower": step.lower, "upper": step.upper, "changed": moved}
    return AppliedStep(
        _report(design, step.step, before, factor, rounds=passes, notes=notes), factor
    )


def _report(
    design: SampleDesign,
    step: str,
    weights: Floats,
    factor: Floats,
    *,
    rounds: int = 0,
    error: float | None = None,
    notes: Mapping[str, object] | None = None,
) -> StepReport:
    after = weights * factor
    positive = after != 0
    touched = factor[(weights != 0) & (factor != 0)]
    so_far = np.divide(after, design.base_weights, out=np.zeros_like(after), where=positive)
    effect, effective = kish(design, so_far)
    return StepReport(
        step=step,
        converged=True,
        rounds=rounds,
        worst_margin_error=error,
        g_min=float(touched.min(initial=np.inf)),
        g_max=float(touched.max(initial=-np.inf)),
        design_effect=effect,
        effective_n=effective,
        respondents=int(design.counts[positive].sum()),
        weight_total=dot(design.counts, after),
        weight_min=float(after[positive].min()),
        weight_max=float(after[positive].max()),
        notes=notes or {},
    )
