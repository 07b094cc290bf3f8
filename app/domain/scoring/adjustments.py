"""Deductions and additions outside the components: events, offsets, limits, in declared order."""

from collections.abc import Mapping
from decimal import Decimal

from app.domain.questionnaires.scheme import Adjustment
from app.domain.scoring.arithmetic import Mode as RoundingMode
from app.domain.scoring.arithmetic import limiting_step, rounding_step, step, sum_step, text
from app.domain.scoring.external_evaluation import AdjustmentPoints, EnteredBasis, Step
from app.domain.scoring.figures import ADDED, DEDUCTED, EVENTS

_NOTHING = Decimal(0)


def adjust(
    adjustment: Adjustment,
    figures: Mapping[str, EnteredBasis],
    *,
    decimals: int,
    rounding: RoundingMode,
) -> AdjustmentPoints:
    """Turn what was entered for one department into points.

    Where nothing was entered there was no event, deduction or addition: 0 points, and the step
    says so.
    """
    kinds = (EVENTS,) if adjustment.per_event is not None else (DEDUCTED, ADDED)
    found = {kind: figures.get(f"{adjustment.code}.{kind}") for kind in kinds}
    entered = tuple(figure for figure in found.values() if figure is not None)
    steps = [step("entered", figure.figure, figure.value) for figure in entered]
    if not entered:
        steps = [step("nothing-entered", adjustment.code, _NOTHING)]
    values = {kind: figure.value if figure else _NOTHING for kind, figure in found.items()}
    steps += _counted(adjustment, values) if EVENTS in values else _balanced(adjustment, values)
    steps += rounding_step(steps[-1].result, decimals, rounding)
    return AdjustmentPoints(
        adjustment=adjustment.code,
        entered=entered,
        points=steps[-1].result,
        steps=tuple(steps),
    )


def _counted(adjustment: Adjustment, values: Mapping[str, Decimal]) -> list[Step]:
    each, events = adjustment.per_event or _NOTHING, values[EVENTS]
    points = step("per-event", f"{text(events)} × {text(each)}", events * each)
    return [points, *_limited(adjustment, points.result)]


def _balanced(adjustment: Adjustment, values: Mapping[str, Decimal]) -> list[Step]:
    deducted, added = values[DEDUCTED], values[ADDED]
    before = [] if adjustment.offset_first else _limited(adjustment, deducted)
    left = before[-1].result if before else deducted
    net = sum_step([left, added])
    offset = step("offset", net.formula, net.result)
    return [*before, offset, *_limited(adjustment, offset.result)]


def _limited(adjustment: Adjustment, value: Decimal) -> list[Step]:
    return limiting_step(value, adjustment.at_least, adjustment.at_most)
