"""Post-stratification: weights scaled so that every post-stratum has its population count.

g_k = N_c / N̂_c (Särndal, Swensson and Wretman 1992, section 7.6). Thin post-strata are merged only
by the rules that the design declares, in their order, and every merger is reported.
"""

from collections.abc import Mapping

import numpy as np

from app.domain.estimation.columns import MISSING, Codes, Column, Columns, Floats, crossed
from app.domain.estimation.margins import JOINT, Frame, build_frame
from app.domain.estimation.steps import Collapse, Margin, Poststratify
from app.errors import Fault, InvalidInput
from app.errors.definitions import InfeasibleEstimation


def poststratify(
    columns: Columns, mass: Floats, counts: Floats, step: Poststratify
) -> tuple[Floats, Frame, tuple[str, ...]]:
    """Factor per row, the frame of the post-strata, and the rules of collapsing that applied.

    Raises InfeasibleEstimation if a post-stratum stays below the declared minimum.
    """
    codes, combinations = crossed(columns, step.by, rows=len(mass))
    texts = [JOINT.join(parts) for parts in combinations]
    answered = (codes != MISSING) & (mass > 0)
    sizes = np.bincount(codes[answered], weights=counts[answered], minlength=len(texts))
    place, applied = _collapsed(step, dict(zip(texts, sizes, strict=True)))
    totals: dict[str, float] = {}
    for text, total in step.totals.items():
        totals[place[text]] = totals.get(place[text], 0.0) + total
    merged = _relabelled(codes, [place.get(text, text) for text in texts])
    frame = build_frame({step.name: merged}, mass, [Margin(by=(step.name,), totals=totals)])
    ratios = frame.totals / frame.sums(mass)
    return np.where(mass > 0, frame.fitted(ratios), 0.0), frame, applied


def _collapsed(
    step: Poststratify, sizes: Mapping[str, float]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Where each post-stratum is counted, and the rules that applied."""
    place = {text: text for text in step.totals}
    held = {text: float(sizes.get(text, 0.0)) for text in step.totals}
    applied = []
    for rule in step.collapse:
        _check_known(rule, held, step)
        if min(held[text] for text in rule.merge) >= step.minimum:
            continue
        held[rule.into] = sum(held.pop(text) for text in rule.merge)
        place = {text: rule.into if to in rule.merge else to for text, to in place.items()}
        applied.append(rule.into)
    _check_minimum(step, held, place)
    return place, tuple(applied)


def _check_known(rule: Collapse, held: Mapping[str, float], step: Poststratify) -> None:
    if not set(rule.merge) <= set(held):
        message = f"Margin {step.name!r}: a rule of collapsing merges what is no post-stratum"
        raise InvalidInput(message, faults=[Fault(step.name, "collapse-unknown", message)])


def _check_minimum(step: Poststratify, held: Mapping[str, float], place: Mapping[str, str]) -> None:
    needed = {place[text] for text, total in step.totals.items() if total > 0}
    faults = [
        Fault(step.name, "margin-thin", f"Margin {step.name!r}: post-stratum {number} is too thin")
        for number, (text, size) in enumerate(held.items(), 1)
        if text in needed and size < step.minimum
    ]
    if faults:
        raise InfeasibleEstimation("; ".join(fault.message for fault in faults), faults=faults)


def _relabelled(codes: Codes, labels: list[str]) -> Column:
    column = np.array([*labels, None], dtype=object)
    return column[np.where(codes == MISSING, len(labels), codes)]
