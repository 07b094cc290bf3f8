"""The declared weighting as steps of the engine."""

from collections.abc import Sequence

from app.domain.estimation.steps import Calibrate, Margin, Poststratify, Rake, Step, Trim
from app.domain.questionnaires.analysis import Calibration, Weighting


def weighting_steps(weighting: Weighting, margins: Sequence[Margin]) -> list[Step]:
    """Calibration to these margins, if there are any, then trimming."""
    steps: list[Step] = []
    if weighting.calibration and margins:
        steps.append(_calibration(weighting.calibration, margins))
    if weighting.trimming:
        again = weighting.trimming.recalibrate and bool(steps)
        limit = weighting.trimming.limit
        steps.append(Trim(step="trim", upper=limit, of="median", recalibrate=again))
    return steps


def _calibration(calibration: Calibration, margins: Sequence[Margin]) -> Step:
    match calibration.method:
        case "poststratification":
            [margin] = margins
            return Poststratify(step="poststratify", by=margin.by, totals=margin.totals)
        case "raking":
            return Rake(step="rake", margins=tuple(margins))
        case "linear":
            return Calibrate(step="calibrate", distance="linear", margins=tuple(margins))
        case "truncated_linear" | "logit":
            return Calibrate.model_validate(
                {
                    "step": "calibrate",
                    "distance": calibration.method.replace("_", "-"),
                    "bounds": (calibration.lower, calibration.upper),
                    "margins": tuple(margins),
                }
            )
